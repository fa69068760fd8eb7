"""Where one volume fits another best: along each axis, about each axis, and mirrored."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from napari_refusion.volume.registration.position import (
    AS_GIVEN,
    LEFT_TO_RIGHT,
    Position,
    about,
    orientations,
    rotation,
)
from napari_refusion.volume.registration.probe import Probe
from napari_refusion.volume.registration.scales import scaled

REACH: Final = 20.0
"""mm along each axis that are tried in both directions."""

STEP: Final = 4.0
"""mm between two shifts that are tried; the best one between them follows from a parabola."""

ANGLES: Final = (-12.0, -8.0, -4.0, 0.0, 4.0, 8.0, 12.0)
"""Degrees about each axis that are tried."""

ACROSS: Final = 64.0
"""mm along L that are tried before a is said to be mirrored: mirroring about the middle of the grid brings back a near
symmetric head that was shifted by any amount."""

SIDES_REACH: Final = (8.0, 12.0)
"""mm along (P, L) by which a mirrored volume may be moved to fit, and one as it is, too."""

SPARSE: Final = 4
"""Every which point tells the likely orientations, ..."""

LIKELY: Final = 2
"""... so many, whose neighbourhoods are looked at: the middles meet only roughly where a part is cut off."""


@dataclass(frozen=True, slots=True)
class Best:
    """The best of several positions along one line."""

    amount: float
    """mm or degrees; 0 is where the files place it."""
    nmi: float


@dataclass(frozen=True, slots=True)
class Fit:
    """Where one volume fits another best."""

    here: float
    """NMI where the files place it."""
    shifts: tuple[Best, Best, Best]
    """Along (I, P, L); positive: a belongs further towards the head, the front, the patient's right."""
    rotations: tuple[Best, Best, Best]
    """About (I, P, L)."""
    turned: Best
    """The best of the 46 other orientations in which a file could store a, and ..."""
    turned_words: str
    """... what it is."""
    upright: float
    """The highest NMI of a where it is and a little beside."""
    mirrored: float
    """The same for a mirrored left to right."""
    across: Best
    """Along L, shifted as far as mirroring can take it."""
    scaled: float = 1.0
    """The highest NMI of a head with voxels of another size, 1 of all else (a limb is much the same in any), and ..."""
    scaled_words: str = ""
    """... what they are."""

    @property
    def moved(self) -> float:
        """The highest NMI of a as it is, wherever it was moved or rotated."""
        return max(self.upright, *(best.nmi for best in (*self.shifts, *self.rotations)))


def fit(probe: Probe) -> Fit:
    """Return where volume a fits b best."""
    turned, words = _turned(probe)
    larger, scaled_words = scaled(probe) if probe.is_head else (1.0, "")
    return Fit(
        here=probe.nmi(AS_GIVEN),
        shifts=(_shift(probe, 0), _shift(probe, 1), _shift(probe, 2)),
        rotations=(_rotation(probe, 0), _rotation(probe, 1), _rotation(probe, 2)),
        turned=Best(0.0, turned),
        turned_words=words,
        upright=_beside(probe, AS_GIVEN),
        mirrored=max(_beside(probe, position) for position in _mirrored(probe)),
        across=_across(probe),
        scaled=larger,
        scaled_words=scaled_words,
    )


def _shift(probe: Probe, axis: int) -> Best:
    """Return the best shift along an axis."""
    step = max(1, round(STEP / probe.spacing[axis])) * probe.spacing[axis]
    most = min(round(REACH / step), (probe.levels.shape[axis] - 1) // 2)
    amounts = step * np.arange(-most, most + 1)
    return _peak(amounts, [probe.nmi(AS_GIVEN.shifted(axis, amount)) for amount in amounts])


def _rotation(probe: Probe, axis: int) -> Best:
    """Return the best rotation about an axis through the middle of b."""
    middle = probe.middle_b
    return _peak(ANGLES, [probe.nmi(about(middle, middle, rotation(axis, degrees))) for degrees in ANGLES])


def _peak(amounts: Sequence[float] | np.ndarray, values: list[float]) -> Best:
    """Return the highest of equally spaced values, at the top of the parabola through it and its two neighbours."""
    at = int(np.argmax(values))
    amount = float(amounts[at])
    if 0 < at < len(values) - 1:
        before, here, after = values[at - 1 : at + 2]
        bend = before - 2 * here + after
        if bend < 0:
            amount += float(amounts[1] - amounts[0]) * 0.5 * (before - after) / bend
    return Best(amount, values[at])


def _beside(probe: Probe, position: Position) -> float:
    """Return the highest NMI of a position and those a little beside it, first along L, then P."""
    best, found = position, probe.nmi(position)
    for axis, reach in ((2, SIDES_REACH[1]), (1, SIDES_REACH[0])):
        width = probe.spacing[axis]
        step = max(1, round(STEP / width)) * width
        start = best
        most = round(reach / step)
        tried = step * np.arange(-most, most + 1)
        scored = [(probe.nmi(start.shifted(axis, amount)), amount) for amount in tried if amount]
        value, amount = max([(found, 0.0), *scored])
        scored = [(probe.nmi(start.shifted(axis, amount + one)), amount + one) for one in (-width, width)]
        found, amount = max([(value, amount), *scored])
        best = start.shifted(axis, amount)
    return found


def _across(probe: Probe) -> Best:
    """Return the best shift along L, looked for as far and as closely as a mirrored is."""
    width = probe.spacing[2]
    step = max(1, round(STEP / width)) * width
    most = round(ACROSS / step)
    starts = step * np.arange(-most, most + 1)
    start = float(max(starts, key=lambda amount: probe.nmi(AS_GIVEN.shifted(2, amount))))
    return Best(start, _beside(probe, AS_GIVEN.shifted(2, start)))


def _mirrored(probe: Probe) -> list[Position]:
    """Return a mirrored left to right about the grid's middle, about its own, and so that the foregrounds meet."""
    width = probe.spacing[2]
    meeting = round((probe.middle_a[2] + probe.middle_b[2]) / width)
    totals = {probe.levels.shape[2] - 1, sum(probe.span), meeting}
    return [Position(np.diag([1.0, 1.0, -1.0]), np.array([0.0, 0.0, total * width])) for total in sorted(totals)]


def _turned(probe: Probe) -> tuple[float, str]:
    """Return the highest NMI of a with its axes exchanged or reversed, but for left to right alone, and what it is."""
    places = [about(probe.middle_a, probe.middle_b, *one) for one in orientations() if one[1] != LEFT_TO_RIGHT]
    fewer = replace(probe, points=probe.points[::SPARSE], point_levels=probe.point_levels[::SPARSE])
    likely = sorted(places, key=fewer.nmi, reverse=True)[:LIKELY]
    return max((_beside(probe, place), place.words) for place in likely)
