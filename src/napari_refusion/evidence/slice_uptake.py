"""Uptake that one fused slice hides, before the whole volume is examined: see `evidence.missed_uptake`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING, Final

import numpy as np

from napari_refusion.evidence.missed_uptake import MissedUptake, missed_uptake, spot_in_words
from napari_refusion.evidence.peaks import find_peaks, transfer_in_slice
from napari_refusion.fusion.comparison import grey_levels
from napari_refusion.fusion.slices import slice_sources
from napari_refusion.volume.affine import AXES
from napari_refusion.volume.finding import Finding

if TYPE_CHECKING:
    from napari_refusion.fusion.engine import Engine
    from napari_refusion.fusion.partial import PartialFusion
    from napari_refusion.study.study import Study

_AROUND: Final = 20.0
"""mm on either side of a slice in which a peak can be brighter than one of the slice: what `find_peaks` smooths, looks
for maxima in and merges."""


@dataclass(frozen=True, slots=True)
class SliceUptake:
    """The spots of uptake of one slice."""

    count: int
    """All that there are."""
    hidden: tuple[MissedUptake, ...]
    """Those that the fused slice hides, the worst first."""


def uptake_of_slice(engine: Engine, partial: PartialFusion, index: int) -> SliceUptake | None:
    """Return what a fused slice shows of the uptake in it; None where source a shows no function.

    The engine fuses one slice if there is any spot of uptake in it.

    Parameters
    ----------
    engine
        What fused the slice.
    index
        Along the partial fusion's axis.
    """
    study, along = partial.study, AXES[partial.axis]
    if not study.a.volume.is_functional:
        return None
    thick = ceil(_AROUND / study.grid.spacing[along])
    first = max(0, index - thick)
    here, block = index - first, [slice(None)] * 3
    block[along] = slice(first, index + thick + 1)
    affine = study.grid.affine.copy()
    affine[:3, 3] += first * affine[:3, along]
    functional = grey_levels(study.a.volume, study.a.window, tuple(block))
    peaks = find_peaks(functional, partial.axis, affine)
    if not (count := len(peaks.in_slice(here))):
        return SliceUptake(0, ())
    _, anatomy = slice_sources(study, partial.axis, index)
    without = engine.fuse(peaks.levelled(functional, here), np.ascontiguousarray(anatomy))
    transfer = np.full(len(peaks.voxels), np.nan)
    transfer[peaks.in_slice(here)] = transfer_in_slice(functional, peaks, partial.fused[tuple(block)], here, without)
    hidden = missed_uptake(peaks, transfer, partial.axis, affine)
    return SliceUptake(count, tuple(_placed(spot, along, first) for spot in hidden))


def uptake_finding(uptake: SliceUptake, study: Study) -> Finding | None:
    """Return what is to be said about the uptake of a fused slice; None where none stands out."""
    word = study.a.word
    if not uptake.count:
        return None
    if not uptake.hidden:
        spots = "the spot" if uptake.count == 1 else f"the {uptake.count} spots"
        sentence = f"Of {spots} of uptake in this slice of {word}, none is hidden in the fused one."
        return Finding("ok", "hidden uptake", sentence, "no spot hidden")
    worst, count = uptake.hidden[0], len(uptake.hidden)
    place, kept = spot_in_words(worst, is_photograph=study.fixed.is_photograph), max(0.0, worst.transfer)
    more = "" if count == 1 else f", nor is it at {count - 1} more place{'s' if count > 2 else ''} of the slice"
    sentence = (
        f"Hold Q, or choose the overlay: uptake in {word} at {place} is hardly seen in the fused slice, "
        f"which shows {100 * kept:.0f} % of it{more}."
    )
    return Finding("warn", "hidden uptake", sentence, f"{count} spot{'s' if count > 1 else ''} hidden")


def _placed(spot: MissedUptake, along: int, first: int) -> MissedUptake:
    """Return a spot that was found among slices from the `first` on, with its index in the whole volume."""
    voxel = list(spot.voxel)
    voxel[along] += first
    i, p, l = voxel  # noqa: E741 - the names of the axes
    return replace(spot, index=spot.index + first, voxel=(i, p, l))
