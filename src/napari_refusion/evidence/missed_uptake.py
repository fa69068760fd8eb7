"""Missed uptake: functional peaks that the fused image does not show, as a list of places to look at.

Each peak is judged by taking it away: the functional source is levelled there to its surroundings and fused again. A
peak counts as lost where the fused image changes by less than `HIDDEN` of what the source changed by, the measure of
the lesion test (clinical test T17). There are three steps, and the second one is the caller's:

1. `peaks.find_peaks` finds the peaks, and `Peaks.levelled` gives a slice of the source without them,
2. the engine fuses that slice, where `Peaks.is_levelled`, with the same slice of the anatomical source,
3. `peaks.transfer_in_slice` compares the two fused slices, and `missed_uptake` lists what was lost.

The contrast of the fused image alone was tried first and told nothing: of lesions planted where MRI hides them it
listed none in twelve, since the bright MRI there passes for contrast, and 3.6 places in every slice without a lesion.

Seen is only what stands out from its surroundings within a slice of the functional source, as a spot or a ridge up to
about 16 mm wide. Not seen: uptake that is raised over a wider area, lesions colder than their surroundings, peaks that
the window cuts off together with what surrounds them, and spots so small or faint that the mean of a disc of 2 mm
radius rises by less than a tenth of the window (`peaks.FAINTEST`), or that lie within 8 mm of a brighter one. A peak
that is shown may still be overlooked beside bright anatomy.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.evidence.peaks import Peaks
from napari_refusion.volume.affine import AXES, Affine, transformed
from napari_refusion.volume.probe import position_in_words

HIDDEN: Final = 0.2
"""A peak of which less than this is left counts as lost.

Of lesions planted in PET and SPECT of the Whole Brain Atlas, 1 of 2 that the shipped weights hide over the whole spot
was listed, none of 7 that they hide at their centre only, and none of 60 that kept 0.4 or more; of slices with nothing
planted, 3 of 60 had a place on the list (`training/results/planted_errors.md`)."""


@dataclass(frozen=True, slots=True)
class MissedUptake:
    """A functional peak that the fused image does not show."""

    index: int
    """Of the slice along the direction of the fusion."""
    voxel: tuple[int, int, int]
    """The peak, indices along (I, P, L)."""
    point: tuple[float, float, float]
    """The same place in RAS+ mm."""
    contrast: float
    """In the functional source against its surroundings, windowed; `peaks.FAINTEST` or more."""
    transfer: float
    """What the peak changes in the fused image, as a share of what it is in the source: less than `HIDDEN`, negative
    where it darkens the fused image."""


def spot_in_words(spot: MissedUptake, *, is_photograph: bool) -> str:
    """Return where a spot is: a place in the patient, or in a photograph, which has none, its row and column."""
    _, row, column = spot.voxel
    return f"row {row}, column {column}" if is_photograph else position_in_words(np.array(spot.point))


def missed_uptake(peaks: Peaks, transfer: NDArray[np.float64], axis: str, affine: Affine) -> tuple[MissedUptake, ...]:
    """Return the functional peaks that the fused image loses, the least transfer first.

    Parameters
    ----------
    peaks
        What `find_peaks` found along `axis`.
    transfer
        (N,) of each, see `peaks.transfer_in_slice`; NaN where it is not known.
    affine
        (4, 4) indices to RAS+ mm.
    """
    lost = [number for number in np.argsort(transfer, kind="stable").tolist() if transfer[number] < HIDDEN]
    return tuple(_told(peaks, number, float(transfer[number]), AXES[axis], affine) for number in lost)


def _told(peaks: Peaks, number: int, transfer: float, along: int, affine: Affine) -> MissedUptake:
    """Return one of the peaks as a place to look at."""
    i, p, l = peaks.voxels[number].tolist()  # noqa: E741 - the names of the axes
    x, y, z = transformed(affine, peaks.voxels[number]).tolist()
    return MissedUptake(
        index=(i, p, l)[along],
        voxel=(i, p, l),
        point=(x, y, z),
        contrast=float(peaks.contrast[number]),
        transfer=transfer,
    )
