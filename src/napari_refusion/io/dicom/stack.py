"""The stack of a series: its affine, and whether its slices are straight, complete and evenly spaced."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.io.dicom.header import Numbers
from napari_refusion.io.dicom.slice import SEND_AGAIN, Slice
from napari_refusion.volume.affine import LPS_TO_RAS, Affine
from napari_refusion.volume.finding import Finding, blocking

SAME_PLACE: Final = 0.01
"""mm; slices closer than this lie at one position."""
UNEVEN: Final = 0.01
"""Share of the slice distance; steps that differ more are uneven (highdicom's own limit)."""
DRIFT: Final = 0.25
"""mm; a voxel may lie this far from where the straight, even grid has it. Rounded headers stay below 0.05 mm."""
WORTH_SAYING: Final = 0.05
"""mm of drift from which a warning is due."""


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
    """Return (slice, row, column) -> RAS+ mm from the header (PS3.3, C.7.6.2.1.1), for slices that passed the gate."""
    place = slices[0].place
    orientation, (between_rows, between_columns) = place.orientation or (), place.pixel_spacing or (0.0, 0.0)
    affine = np.eye(4)
    affine[:3, 0] = normal(orientation) * slice_distance(slices)
    affine[:3, 1] = np.multiply(orientation[3:], between_rows)
    affine[:3, 2] = np.multiply(orientation[:3], between_columns)
    affine[:3, 3] = place.position or ()
    return LPS_TO_RAS @ affine


def check_stack(slices: Sequence[Slice]) -> list[Finding]:
    """Return what is wrong with a stack of at least two slices, sorted along their normal, or that it is good."""
    duplicates = _check_duplicates(slices)
    if duplicates:
        return duplicates
    findings = [*_check_tilt(slices), *_check_steps(slices)]
    if blocking(findings):
        return findings
    distance = slice_distance(slices)
    stated = {round(abs(image.place.spacing), 3) for image in slices if image.place.spacing}
    if stated and all(abs(one - distance) > UNEVEN * distance for one in stated):
        written = f"{min(stated):g} mm"
        sentence = (
            f"The slices are {distance:.3g} mm apart but their headers state {written} (Spacing Between Slices); "
            "the positions are used. Make sure that no slices were left out on purpose."
        )
        findings.append(Finding("warn", "slice spacing", sentence, written))
    if len(slices) == 2 and not stated:
        sentence = (
            f"Only two slices, {distance:.4g} mm apart and without a stated distance: a slice may be missing between "
            f"{slices[0].name} and {slices[1].name}, so compare with the scanner's console."
        )
        return [*findings, Finding("warn", "slice spacing", sentence, f"{distance:.4g} mm")]
    sentence = f"{len(slices)} slices, evenly {distance:.4g} mm apart, none missing between the first and the last."
    return [*findings, Finding("ok", "slice spacing", sentence, f"{distance:.4g} mm")]


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
    else:
        sentence = (
            f"{one.name} and {other.name} lie at the same position ({len(slices)} images at {positions} positions); "
            "find out which one belongs to the series and remove the other."
        )
    return [Finding("block", "duplicate slices", sentence, value)]


def _check_tilt(slices: Sequence[Slice]) -> list[Finding]:
    """Return a block where the slices are shifted sideways against each other (gantry tilt), a warning for a little."""
    positions = np.array([image.place.position for image in slices])
    shifts = positions - positions[0]
    direction = normal(slices[0].place.orientation or ())
    sideways = np.linalg.norm(shifts - np.outer(shifts @ direction, direction), axis=1)
    worst = int(sideways.argmax())
    if sideways[worst] <= WORTH_SAYING:
        return []
    angle = f"{np.degrees(np.arctan2(sideways[worst], abs(shifts[worst] @ direction))):.1f} degrees"
    where = f"{slices[worst].name} lies {sideways[worst]:.2f} mm off the line from {slices[0].name}"
    if sideways[worst] <= DRIFT:
        sentence = f"{where}, {angle}: attributed to rounding in the header and ignored; check the edges of the volume."
        return [Finding("warn", "gantry tilt", sentence, angle)]
    sentence = (
        f"The slices are stacked at an angle of {angle} ({where}), as with a tilted gantry: shown straight, the "
        "anatomy would be sheared. Reconstruct without tilt at the scanner, or convert with dcm2niix, which corrects "
        "the tilt."
    )
    return [Finding("block", "gantry tilt", sentence, angle)]


def _check_steps(slices: Sequence[Slice]) -> list[Finding]:
    """Return a block where a slice is missing or the distances are uneven."""
    along = _along(slices)
    steps = np.diff(along)
    even = along[0] + np.arange(len(along)) * steps.mean()
    if np.ptp(steps) <= UNEVEN * steps.mean() and np.abs(along - even).max() <= DRIFT:
        return []
    usual = float(np.median(steps))
    times = steps / usual
    gaps = np.flatnonzero(np.rint(times) >= 2)
    if len(gaps) and np.abs(times - np.rint(times)).max() <= 2 * UNEVEN:
        lost = int(np.rint(times[gaps]).sum()) - len(gaps)
        told = "; ".join(
            f"{steps[gap]:.2f} mm between {slices[gap].name} and {slices[gap + 1].name}" for gap in gaps[:3].tolist()
        )
        more = f" and {len(gaps) - 3} more" if len(gaps) > 3 else ""
        sentence = f"{lost} slice(s) missing: {told}{more} instead of {usual:.2f} mm. {SEND_AGAIN}"
        return [Finding("block", "missing slice", sentence, f"{steps[gaps[0]]:.2f} mm")]
    worst = int(np.abs(steps - usual).argmax())
    sentence = (
        f"The slices are unevenly spaced, {steps.min():.2f} to {steps.max():.2f} mm: {steps[worst]:.2f} mm between "
        f"{slices[worst].name} and {slices[worst + 1].name}, mostly {usual:.2f} mm. Use a reconstruction with constant "
        "slice spacing, or send the series again if slices were lost."
    )
    return [Finding("block", "slice spacing", sentence, f"{steps.min():.2f}-{steps.max():.2f} mm")]
