"""The stack of a series: whether its slices are complete, straight and even, or can be made so."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.io.dicom.even_grid import nearest_grid
from napari_refusion.io.dicom.header import Numbers
from napari_refusion.io.dicom.slice import SEND_AGAIN, Slice
from napari_refusion.io.dicom.straight import shape_of
from napari_refusion.volume.affine import LPS_TO_RAS, Affine
from napari_refusion.volume.finding import Finding, blocking

SAME_PLACE: Final = 0.01
"""mm; slices closer than this lie at one position."""
UNEVEN: Final = 0.01
"""Share of the slice distance by which a stated one may differ from it."""


def normal(orientation: Numbers) -> NDArray[np.float64]:
    """Return the unit normal of a slice in LPS: row direction x column direction."""
    across = np.cross(orientation[:3], orientation[3:])
    return np.asarray(across / np.linalg.norm(across), dtype=np.float64)


def slice_distance(slices: Sequence[Slice]) -> float:
    """Return the mean distance of neighbouring slices in mm; for one slice its stated thickness or spacing, else 0."""
    if len(slices) == 1:
        place = slices[0].place
        return abs(place.thickness or 0.0) or abs(place.spacing or 0.0)
    along = _along(slices)
    return float((along[-1] - along[0]) / (len(slices) - 1))


def stack_affine(slices: Sequence[Slice]) -> Affine:
    """Return (slice, row, column) -> RAS+ mm of the even grid nearest to slices that passed the gate."""
    return LPS_TO_RAS @ nearest_grid(slices, slice_distance(slices)).affine


def check_stack(slices: Sequence[Slice]) -> list[Finding]:
    """Return what is wrong with a stack of at least two slices, sorted along their normal, or that it is good."""
    duplicates = _check_duplicates(slices)
    if duplicates:
        return duplicates
    shape = shape_of(slices)
    findings = [*shape.findings]
    if blocking(findings):
        return findings
    distance = slice_distance(slices)
    stated = {round(abs(image.place.spacing), 3) for image in slices if image.place.spacing}
    if stated and not shape.repaired and all(abs(one - distance) > UNEVEN * distance for one in stated):
        written = f"{min(stated):g} mm"
        sentence = (
            f"The slices are {distance:.3g} mm apart but their headers state {written} (Spacing Between Slices); "
            "the positions are used. Make sure that no slices were left out on purpose."
        )
        findings.insert(0, Finding("warn", "slice spacing", sentence, written))
    if len(slices) == 2 and not stated:
        sentence = (
            f"Only two slices, {distance:.4g} mm apart and without a stated distance: a slice may be missing between "
            f"{slices[0].name} and {slices[1].name}, so compare with the scanner's console."
        )
        # It takes the place of the praise of an even stack: two slices are always even.
        findings = [one for one in findings if (one.level, one.rule) != ("ok", "slice spacing")]
        findings.append(Finding("warn", "slice spacing", sentence, f"{distance:.4g} mm"))
    return findings


def _along(slices: Sequence[Slice]) -> NDArray[np.float64]:
    """Return the positions of sorted slices along their normal, (n,), in mm."""
    direction = normal(slices[0].place.orientation or ())
    return np.array([np.dot(direction, image.place.position or ()) for image in slices], dtype=np.float64)


def _check_duplicates(slices: Sequence[Slice]) -> list[Finding]:
    """Return a block where slices share a position: copies, a time series, or a slice sent twice."""
    steps = np.diff(_along(slices))
    twins = np.flatnonzero(steps < SAME_PLACE)
    if not len(twins):
        return []
    positions = len(slices) - len(twins)
    starts = np.flatnonzero(np.r_[True, steps >= SAME_PLACE, True])
    per_position = np.diff(starts)
    one, other = slices[twins[0]], slices[twins[0] + 1]
    value = f"{len(slices)} images at {positions} position(s)"
    if one.sop_instance and one.sop_instance == other.sop_instance and one.frame == other.frame:
        sentence = (
            f"{one.name} and {other.name} are the same image twice (same SOP Instance UID), as are {len(twins)} "
            "image(s) in all; remove the copies from the folder."
        )
    elif positions == 1:
        sentence = (
            f"All {len(slices)} images of the series lie at one position ({one.name}, {other.name}...): "
            "a time series of one slice, not a volume. Choose a series with one image for each position."
        )
    elif (per_position == per_position[0]).all():
        sentence = (
            f"{per_position[0]} images at each of {positions} positions ({one.name} and {other.name} first): several "
            "time points, echoes or b-values in one series. Export one of them as a series of its own."
        )
    elif len(twins) > positions:
        sentence = (
            f"{per_position.min()} to {per_position.max()} images at each of {positions} positions ({one.name} and "
            f"{other.name} first): several volumes in one series, of which images are missing. {SEND_AGAIN}"
        )
    else:
        sentence = (
            f"{one.name} and {other.name} lie at the same position ({len(slices)} images at {positions} positions); "
            "find out which one belongs to the series and remove the other."
        )
    return [Finding("block", "duplicate slices", sentence, value)]
