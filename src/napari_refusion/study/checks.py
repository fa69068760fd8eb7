"""What is noticed about two volumes that are to be fused: content, space, and how far they overlap."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.numerics.intensity import Window
from napari_refusion.volume.affine import SKEW_TOLERANCE, obliquity, skew
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.finite import finite_range
from napari_refusion.volume.volume import Volume

ENOUGH_OVERLAP: Final = 0.5
"""Share of the reference grid; below it most of a fused volume would show one source only."""

TILT: Final = 0.1
"""Degrees; less is rounding in the file."""


def noticed_before(a: Volume, b: Volume) -> tuple[Finding, ...]:
    """Return what the readers noticed, and whether both are the same file."""
    if a.origin.sha256 and a.origin.sha256 == b.origin.sha256:
        sentence = f"{a.title} and {b.title} are the same file: choose the other examination for one of them."
        return (*a.findings, Finding("warn", "same file", sentence))
    return (*a.findings, *b.findings)


def one_patient(a: Volume, b: Volume) -> tuple[Finding, ...]:
    """Return a warning if the files name two patients; nothing where one of them names none."""
    marks = a.origin.patient, b.origin.patient
    if not all(marks) or marks[0] == marks[1]:
        return ()
    sentence = (
        f"{a.title} and {b.title} belong to two patients (Patient ID (0010,0020) differs): check that the "
        f"right examinations are open before you fuse them."
    )
    return (Finding("warn", "patient", sentence),)


def content(volume: Volume) -> tuple[Finding, ...]:
    """Return the findings about the voxels of one volume: constant, not a number, infinite."""
    values = finite_range(volume.data)
    found = []
    if values.low == values.high:
        value = "no number" if values.low is None else f"{values.low:g}"
        sentence = f"{volume.title} is empty (all voxels {value}): export the series again."
        found.append(Finding("block", "content", sentence, value))
    if values.missing:
        sentence = (
            f"{volume.title} has {values.missing} non-finite values (NaN or infinite): they are left out of the "
            "fusion, check the edge of the uncovered region."
        )
        found.append(Finding("warn", "content", sentence, f"{values.missing} values"))
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
            "outlines before you rely on the fused image."
        )
        found.append(Finding("warn", "frame of reference", sentence))
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


def overlap(fixed: Volume, moving: Volume, covered: NDArray[np.bool_]) -> tuple[Finding, ...]:
    """Return the finding about how much of the reference grid has data of the other volume."""
    share = float(covered.mean())
    value = f"{share:.0%}"
    if not covered.any():
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
