"""Whether a stack is straight and even, or can be made so: what is ignored, resampled, and refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median_low
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.io.dicom.even_grid import WORTH_SAYING, EvenGrid, nearest_grid, planes_of
from napari_refusion.io.dicom.gaps import lost_slices
from napari_refusion.io.dicom.slice import SEND_AGAIN, Slice
from napari_refusion.volume.finding import Finding, Level

UNEVEN: Final = 0.01
"""Share by which steps differ that are still one step."""
MUCH: Final = 1.5
"""The widest step as a multiple of the narrowest from which values between slices are worth a warning."""
MOST_TILT: Final = 45.0
"""Degrees; gantries tilt by up to 30."""
MOST_PLANES: Final = 4
"""Planes of the even grid for each slice, on average."""
UNSAID: Final = 0.0005
"""mm; what would be printed as 0.000."""


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """What becomes of a stack."""

    grid: EvenGrid
    """The even grid nearest to its slices."""
    findings: tuple[Finding, ...]
    repaired: bool = False
    """Whether its slices must be resampled onto an even grid (`io.dicom.resample`)."""


def shape_of(slices: Sequence[Slice]) -> Shape:
    """Return the even grid of a stack without duplicates, and what must be done or said where it does not fit."""
    grid = nearest_grid(slices)
    worst = int(grid.departures.argmax())
    off = float(grid.departures[worst])
    if off <= max(WORTH_SAYING, UNSAID) and off <= grid.limit:
        return Shape(grid, (_even(slices, grid, off),))
    where = f"{slices[worst].name} lies {off:.2f} mm off the straight, even grid of {grid.step:.4g} mm"
    if off <= grid.limit:
        sentence = f"{where}: attributed to rounding in the header and ignored; check the edges of the volume."
        return Shape(grid, (Finding("warn", "slice spacing", sentence, f"{off:.2f} mm"), _even(slices, grid, off)))
    steps = np.diff(along_normal(slices, grid))
    lost = lost_slices(slices, steps)
    if lost:
        return Shape(grid, (lost,))
    if grid.middles_off.max() <= grid.limit:
        return Shape(grid, (_skewed(slices[worst], off),))
    crooked = _off_the_line(slices, grid) or _too_slanted(slices, grid)
    if crooked:
        return Shape(grid, (crooked,))
    return Shape(grid, tuple(_repairs(slices, grid, steps)), repaired=True)


def _even(slices: Sequence[Slice], grid: EvenGrid, off: float) -> Finding:
    apart = f"{grid.step:.4g} mm"
    departure = f" The largest departure from an even grid is {off:.3f} mm." if off >= UNSAID else ""
    sentence = f"{len(slices)} slices, evenly {apart} apart, none missing between the first and the last.{departure}"
    return Finding("ok", "slice spacing", sentence, apart)


def along_normal(slices: Sequence[Slice], grid: EvenGrid) -> NDArray[np.float64]:
    """Return where the middles of slices lie along the normal of a grid, (n,) mm."""
    return planes_of(slices).middles @ grid.normal


def _off_the_line(slices: Sequence[Slice], grid: EvenGrid) -> Finding | None:
    """Return a block where slices are shifted sideways off one straight line, as no gantry shifts them."""
    middles = planes_of(slices).middles
    along = middles @ grid.normal
    sideways = middles - along[:, None] * grid.normal
    line = np.polynomial.polynomial.polyfit(along - along.mean(), sideways, 1)
    apart = np.linalg.norm(sideways - line[0] - (along - along.mean())[:, None] * line[1], axis=1)
    worst = int(apart.argmax())
    if apart[worst] <= grid.limit:
        return None
    value = f"{apart[worst]:.2f} mm"
    sentence = (
        f"{slices[worst].name} lies {value} beside the straight line through the other slices: the positions "
        f"contradict each other. {SEND_AGAIN}"
    )
    return Finding("block", "position", sentence, value)


def _skewed(image: Slice, off: float) -> Finding:
    """Return the block for slices that lie well by their middles, but whose rows and columns do not fit the others."""
    value = f"{off:.2f} mm"
    sentence = (
        f"{image.name}: by its Image Orientation (Patient) and Pixel Spacing its corners lie {value} off those of a "
        f"straight stack with right angles; a number was rounded too far or changed. {SEND_AGAIN}"
    )
    return Finding("block", "orientation", sentence, value)


def _too_slanted(slices: Sequence[Slice], grid: EvenGrid) -> Finding | None:
    """Return a block for a stack that leans more than any gantry: its positions or directions are not these slices'."""
    degrees, _ = tilt_of(slices, grid)
    if degrees <= MOST_TILT:
        return None
    value = f"{degrees:.1f} degrees"
    sentence = (
        f"The slices are stacked at an angle of {value} ({slices[0].name} to {slices[-1].name}), more than a gantry "
        f"tilts: the positions contradict the orientation. {SEND_AGAIN}"
    )
    return Finding("block", "gantry tilt", sentence, value)


def _repairs(slices: Sequence[Slice], grid: EvenGrid, steps: NDArray[np.float64]) -> list[Finding]:
    """Return what is said of a stack that is resampled: its tilt and its uneven steps."""
    findings = []
    tilt = tilt_of(slices, grid)
    if tilt[1] > WORTH_SAYING:
        angle = f"{tilt[0]:.1f} degrees"
        sentence = (
            f"The slices are stacked at an angle of {angle} (tilted gantry): each was shifted within its plane by up "
            f"to {tilt[1]:.1f} mm, so that the volume is straight. Its edges are filled where no slice reaches."
        )
        findings.append(Finding("ok", "gantry tilt", sentence, angle))
    even = (steps.max() - steps.min()) <= 2 * grid.limit
    usual = median_low(steps.tolist())
    value = f"{steps.min():.2f}-{steps.max():.2f} mm"
    if even:
        sentence = f"{len(slices)} slices, {usual:.4g} mm apart, none missing between the first and the last."
        return [*findings, Finding("ok", "slice spacing", sentence, f"{usual:.4g} mm")]
    widest, step = int(steps.argmax()), even_step(steps)
    beyond = float(steps.sum()) % step
    end = (
        f" The last {beyond:.2f} mm, which make no full step, are left out."
        if WORTH_SAYING < beyond < step - 0.01
        else ""
    )
    sentence = (
        f"The slices are unevenly spaced, {steps.min():.2f} to {steps.max():.2f} mm, the widest step between "
        f"{slices[widest].name} and {slices[widest + 1].name}: they were resampled along their normal onto an even "
        f"grid of {step:.4g} mm. Values in between are interpolated from the two neighbouring slices; small lesions in "
        f"wide gaps may be missing, so make sure that no slices were lost.{end}{_against_headers(slices)}"
    )
    is_much = steps.max() >= MUCH * usual or steps.max() >= MUCH * steps.min()
    level: Level = "warn" if is_much or _against_headers(slices) else "ok"
    return [*findings, Finding(level, "slice spacing", sentence, value)]


def _against_headers(slices: Sequence[Slice]) -> str:
    """Return that headers state one step where there are several, so that a position may be wrong; else nothing."""
    stated = {round(abs(image.place.spacing), 3) for image in slices if image.place.spacing}
    if len(stated) != 1:
        return ""
    return f" But the headers state one distance, {min(stated):g} mm (Spacing Between Slices): a position may be wrong."


def tilt_of(slices: Sequence[Slice], grid: EvenGrid) -> tuple[float, float]:
    """Return by how many degrees a stack leans, and by how many mm its slices are shifted sideways at most."""
    middles = planes_of(slices).middles
    way = middles[-1] - middles[0]
    along = float(way @ grid.normal)
    sideways = float(np.linalg.norm(way - along * grid.normal))
    return float(np.degrees(np.arctan2(sideways, along))), sideways


def even_step(steps: NDArray[np.float64]) -> float:
    """Return the distance of the even grid onto which slices are resampled: their smallest step that occurs twice.

    So slices of a finer section keep their values, and a narrow step or two, where sections overlap, do not multiply
    the slices. Even steps give their mean.
    """
    if np.ptp(steps) <= 2 * UNEVEN * steps.mean():
        return float(steps.mean())
    ordered = np.sort(steps)
    ordered = ordered[ordered * MOST_PLANES >= steps.mean()]
    alike = np.flatnonzero(np.diff(ordered) <= UNEVEN * ordered[:-1])
    return float(ordered[alike[0]] if len(alike) else np.median(ordered))
