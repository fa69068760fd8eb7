"""What is noticed about two volumes that are to be fused: content, space, and how far they overlap."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.numerics.intensity import Window
from napari_refusion.study.study import Side, is_comparison, is_same_file
from napari_refusion.volume.affine import SKEW_TOLERANCE, obliquity, skew
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.finite import finite_range
from napari_refusion.volume.origin import what_differs
from napari_refusion.volume.volume import Volume

ENOUGH_OVERLAP: Final = 0.5
"""Share of the reference grid; below it most of a fused volume would show one source only."""

WHITE: Final = 0.9
"""Share of the brightest value from which on a display is as good as white."""

MOSTLY: Final = 0.5
"""Share of the border; air has no signal and no uptake, so that scans are dark there, and displays of them inverted."""

_SCANNER: Final = "scanner"

TILT: Final = 0.1
"""Degrees; less is rounding in the file."""


def noticed_before(a: Side, b: Side) -> tuple[Finding, ...]:
    """Return what the readers noticed, and whether both are the same file; one CT in two windows is a good pair."""
    first, second = a.volume, b.volume
    if not is_same_file(first, second):
        return (*first.findings, *second.findings)
    if first.modality == "CT" and a.window != b.window:
        return first.findings
    other = "picture" if first.is_photograph else "examination"
    sentence = f"{first.title} and {second.title} are the same file: choose the other {other} for one of them."
    if first.modality == "CT":
        sentence = f"{sentence[:-1]}, or another window (bone beside soft)."
    return (*first.findings, Finding("warn", "same file", sentence))


def one_patient(a: Volume, b: Volume, reason: str) -> tuple[Finding, ...]:
    """Return a finding that forbids the pair if the files name two patients; nothing where one of them names none.

    Parameters
    ----------
    reason
        Why they are fused all the same, as the reader typed it: the finding is a warning then.
    """
    differs = what_differs(a.origin.mark, b.origin.mark)
    if not differs:
        return ()
    who = f"{a.title} and {b.title} belong to two patients ({differs} differs)"
    if reason:
        return (Finding("warn", "patient", f"{who}; paired all the same, with this reason: {reason}", "overridden"),)
    sentence = (
        f"Open the right examinations: {who}. If the pair is meant all the same, type the reason below this line, or "
        "give it with --two-patients or two_patients=."
    )
    return (Finding("block", "patient", sentence, differs),)


def compared_only(a: Volume, b: Volume) -> tuple[Finding, ...]:
    """Return the finding that forbids fusing two images of one functional modality, and says what to do instead."""
    if not is_comparison(a, b):
        return ()
    units = [volume.unit or "arbitrary units" for volume in (a, b)]
    how = f"on one scale, with their difference in {units[0]}"
    if a.unit != b.unit:
        how = f"each in its window, for one is in {units[0]} and the other in {units[1]}"
    sentence = (
        f"Compare {a.title} with {b.title} instead (page Compare, or napari-refusion compare): two {a.word} are not "
        f"fused but shown side by side, {how}."
    )
    return (Finding("block", "comparison", sentence, f"{a.word} + {b.word}"),)


def content(volume: Volume) -> tuple[Finding, ...]:
    """Return the findings about the voxels of one volume: constant, not a number, infinite."""
    values = finite_range(volume.data)
    found = []
    if values.low == values.high:
        value = "no number" if values.low is None else f"{values.low:g}"
        sentence = f"{volume.title} is empty (all voxels {value}): export the series again."
        if volume.is_photograph:
            sentence = f"Choose another picture, for {volume.title} is empty (all pixels {value})."
        found.append(Finding("block", "content", sentence, value))
    if values.missing:
        count = "1 value" if values.missing == 1 else f"{values.missing} values"
        sentence = (
            f"Check the edge of the uncovered region: {volume.title} has {count} without a finite number (NaN or "
            "infinite), left out of the fusion."
        )
        found.append(Finding("warn", "content", sentence, count))
    return tuple(found)


def pictured_values(volume: Volume) -> tuple[Finding, ...]:
    """Return a warning if colours in a picture stand for values, as in pseudo-coloured PET."""
    if not (volume.is_rgb and volume.is_photograph):
        return ()
    sentence = (
        f"{volume.title} holds colours: their luminance is fused, which may not follow the values they stand "
        f"for. Use the grey original if there is one."
    )
    return (Finding("warn", "colours", sentence, "RGB"),)


def inverted_greys(volume: Volume) -> tuple[Finding, ...]:
    """Return a warning if values without a unit seem to be those of a display with white for nothing, as PET often is.

    Asked of the border in the plane of axial slices. CT and MRI are shown so, too: as secondary captures, and on film.
    """
    if volume.unit and not volume.is_photograph:
        return ()
    values = volume.grey
    highest = finite_range(values).high
    border = np.concatenate([values[:, at].ravel() for at in (0, -1)] + [values[:, :, at].ravel() for at in (0, -1)])
    share = 0.0 if not highest else float((border >= WHITE * highest).mean())
    if share <= MOSTLY:
        return ()
    most = "the highest uptake" if volume.is_functional else "the brightest tissue"
    sentence = (
        f"Save {volume.title} with black for nothing, or open the original: {share:.0%} of its border is white, as on "
        f"displays with inverted greys, and white is fused as {most}."
    )
    return (Finding("warn", "grey scale", sentence, f"{share:.0%} white"),)


def dark_pictures(volume: Volume, window: Window) -> tuple[Finding, ...]:
    """Return a warning for a picture whose full brightness is not known and which is fused as dark as it is stored."""
    if not volume.is_depth_unknown or window != Window(0.0, 1.0):
        return ()
    value = f"{float(volume.data.max()) * 65535:.0f} of 65535"
    sentence = (
        f"Choose a window for {volume.title}, or save it with all its bits: its brightest pixel is {value}, it does "
        "not state how many bits it uses, and it is fused as dark as that."
    )
    return (Finding("warn", "values", sentence, value),)


def space(fixed: Volume, moving: Volume) -> tuple[Finding, ...]:
    """Return the findings about the frames of reference and the directions of the axes."""
    found = []
    frames = {fixed.frame_of_reference, moving.frame_of_reference} - {""}
    if len(frames) == 2:
        sentence = (
            f"{fixed.title} and {moving.title} have two different frames of reference: register them first, or compare "
            "outlines before you rely on the pair."
        )
        found.append(Finding("warn", "frame of reference", sentence))
    found += _template(fixed, moving)
    for volume in (fixed, moving):
        if not volume.is_photograph and (angle := obliquity(volume.affine)) > TILT:
            sentence = f"{volume.title} is oblique: its axes are rotated {angle:.1f} degrees from the patient's."
            found.append(Finding("ok", "oblique", sentence, f"{angle:.1f} degrees"))
    if (shear := skew(fixed.affine)) > SKEW_TOLERANCE:
        sentence = (
            f"The axes of {fixed.title} are {shear:.1f} degrees off right angles (tilted gantry) and its slices are "
            f"drawn shifted: take {moving.title} as the reference grid."
        )
        found.append(Finding("warn", "sheared", sentence, f"{shear:.1f} degrees"))
    return tuple(found)


def _template(fixed: Volume, moving: Volume) -> list[Finding]:
    """Return a warning if two volumes lie in two spaces, be they two templates or one and the scanner's."""
    spaces = [volume.acquisition.space or (_SCANNER if volume.frame_of_reference else "") for volume in (fixed, moving)]
    if "" in spaces or spaces[0] == spaces[1]:
        return []
    templates_first = sorted(zip(spaces, (fixed, moving), strict=True), key=lambda one: one[0] == _SCANNER)
    where = " and ".join(
        f"{volume.title} lies as the scanner saw the patient"
        if space == _SCANNER
        else f"{volume.title} was brought into a template ({space})"
        for space, volume in templates_first
    )
    sentence = f"Open both images in one space: {where}, so the same place is other anatomy in each."
    return [Finding("warn", "frame of reference", sentence, " and ".join(space for space, _ in templates_first))]


def overlap(fixed: Volume, moving: Volume, covered: NDArray[np.bool_]) -> tuple[Finding, ...]:
    """Return the finding about how much of the reference grid has data of the other volume; none where it holds none.

    `content` says of a volume without a single number that it is empty, wherever it lies.
    """
    share = float(covered.mean())
    value = f"{share:.0%}"
    if not covered.any():
        if finite_range(moving.data).low is None:
            return ()
        sentence = (
            f"{moving.title} and {fixed.title} do not overlap anywhere: check that both are of the same patient "
            f"and examination, or register them first."
        )
        return (Finding("block", "overlap", sentence, value),)
    if share < ENOUGH_OVERLAP:
        sentence = (
            f"{moving.title} has data in only {value} of {fixed.title}: check that both show the same region, or "
            f"take {moving.title} as the reference grid."
        )
        return (Finding("warn", "overlap", sentence, value),)
    return (Finding("ok", "overlap", f"{moving.title} has data in {value} of {fixed.title}.", value),)
