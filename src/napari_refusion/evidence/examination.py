"""Examining a fused volume slice by slice: maps, numbers, and uptake that the fused image hides."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.evidence.examiner import Examiner
from napari_refusion.evidence.indicators import per_slice, slice_numbers
from napari_refusion.evidence.map_kinds import MEASURED
from napari_refusion.evidence.maps import examine_slice
from napari_refusion.evidence.measures import FusedImages, foreground, fused_images
from napari_refusion.evidence.missed_uptake import MissedUptake, missed_uptake
from napari_refusion.evidence.peaks import find_peaks, transfer_in_slice
from napari_refusion.fusion.partial import PartialFusion
from napari_refusion.fusion.windowed_volume import WindowedVolume
from napari_refusion.numerics.room import room
from napari_refusion.volume.affine import AXES
from napari_refusion.volume.finding import Finding, refuse

BODY: Final = 0.05
"""Share of the largest slice's foreground that a slice needs to count as one of the body."""


@dataclass(frozen=True, slots=True, eq=False)
class ExaminedSlice:
    """One slice that was examined."""

    index: int
    """Along the partial fusion's axis."""
    maps: Mapping[str, NDArray[np.float32]]
    """Those of `maps.MEASURED` that can be made."""
    numbers: Mapping[str, float]
    """See `indicators.slice_numbers`."""


@dataclass(frozen=True, slots=True, eq=False)
class Examination:
    """A fused volume with what its examination found."""

    examiner: Examiner
    """What examined it, and makes the maps that are asked for later."""
    partial: PartialFusion
    """What was examined; complete."""
    maps: Mapping[str, NDArray[np.float16]]
    """Name in `maps.MEASURED` -> (I, P, L): what numbers were taken from. Up to 4 bytes for each voxel."""
    numbers: Mapping[str, NDArray[np.float64]]
    """Name in `indicators.per_slice` -> (n,) for the n slices; NaN where it was not run."""
    body: NDArray[np.bool_]
    """(n,), the slices whose foreground has at least `BODY` of the largest slice's: the others are too small for
    numbers that mean anything."""
    missed: tuple[MissedUptake, ...]
    """Uptake that the fused image hides, the worst first."""
    missed_run: bool
    """Whether it was looked for: only where source a shows function."""
    findings: tuple[Finding, ...]
    """What could not be examined."""

    @property
    def words(self) -> tuple[str, str]:
        """Return what to call the sources, without anything that a file says about the patient."""
        return self.partial.study.words

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return the names of all maps that there are."""
        return self.examiner.kinds

    def map_of(self, name: str, index: int) -> NDArray[np.float32]:
        """Return one of `kinds` of a slice, (H, W): it was kept, or it is made now, which for a slow one takes a while.

        Raises
        ------
        KeyError
            For another name.
        """
        if name in self.maps:
            kept = np.moveaxis(self.maps[name], AXES[self.partial.axis], 0)[index]
            return kept.astype(np.float32)
        images = fused_images(self.partial, index)
        return examine_slice(self.examiner, images.a, images.b, images.fused, (name,))[name]


def examine(examiner: Examiner, partial: PartialFusion, looked_at: int = 0) -> Iterator[ExaminedSlice | Examination]:
    """Yield the slices of a fused volume as they are examined, the nearest to `looked_at` first, then the examination.

    Of maps only those that numbers are taken from are made, by one pass of the network R for each slice; the others are
    made when they are looked at, see `Examination.map_of`. A slice with a peak of uptake is fused once more.

    The maps are kept in half precision, 4 bytes for each voxel; where source a shows function, another 5 are taken for
    a moment while its peaks are looked for.

    Parameters
    ----------
    partial
        Complete, fused with the examiner's engine.
    looked_at
        Index of the slice on the screen; may lie outside.

    Raises
    ------
    RefusedError
        If slices are missing, or other weights fused it.
    """
    _check(examiner, partial)
    return _examined(examiner, partial, looked_at)


def _check(examiner: Examiner, partial: PartialFusion) -> None:
    """Refuse a partial fusion that cannot be examined."""
    count = len(partial.done)
    if not partial.is_complete:
        there = f"{int(partial.done.sum())} of {count}"
        sentence = f"Only {there} slices are fused: fuse the whole volume before it is examined."
        raise refuse("partial fusion", sentence, there)
    own = examiner.engine.identity
    if own and partial.weights_sha256 and own != partial.weights_sha256:
        sentence = (
            f"The volume was fused with other weights (SHA-256 {partial.weights_sha256[:8]}) than those that would "
            f"examine it ({own[:8]}): fuse it again."
        )
        raise refuse("weights", sentence, partial.weights_sha256[:8])


def _examined(examiner: Examiner, partial: PartialFusion, looked_at: int) -> Iterator[ExaminedSlice | Examination]:
    """Yield what `examine` does, of a partial fusion that was checked."""
    levelling = _Levelling(examiner, partial) if partial.study.a.volume.is_functional else None
    axis, count = AXES[partial.axis], len(partial.done)
    maps = {name: room(partial.fused.shape, np.float16) for name in examiner.kinds if name in MEASURED}
    numbers = {name: np.full(count, np.nan) for name in per_slice()}
    foregrounds = np.zeros(count, np.int64)
    for index in sorted(range(count), key=lambda index: (abs(index - looked_at), -index)):
        images = fused_images(partial, index)
        near = [fused_images(partial, other) for other in (index - 1, index + 1) if 0 <= other < count]
        one = _examine_one(examiner, index, images, tuple(near))
        for name, image in one.maps.items():
            np.moveaxis(maps[name], axis, 0)[index] = image
        for name, value in one.numbers.items():
            numbers[name][index] = value
        foregrounds[index] = np.count_nonzero(foreground(images.a, images.b))
        if levelling:
            levelling.fuse(index, images.b)
        yield one
    for values in (*maps.values(), *numbers.values()):
        values.setflags(write=False)
    yield Examination(
        examiner=examiner,
        partial=partial,
        maps=MappingProxyType(maps),
        numbers=MappingProxyType(numbers),
        body=body_slices(foregrounds),
        missed=levelling.missed() if levelling else (),
        missed_run=levelling is not None,
        findings=examiner.findings,
    )


class _Levelling:
    """What the peaks of the functional source are in the fused image; see `evidence.missed_uptake`."""

    def __init__(self, examiner: Examiner, partial: PartialFusion) -> None:
        self._engine = examiner.engine
        self._partial = partial
        self._functional = WindowedVolume(partial.study.a)
        self._peaks = find_peaks(self._functional, partial.axis, partial.study.fixed.affine)
        self._transfer = np.full(len(self._peaks.voxels), np.nan)

    def fuse(self, index: int, anatomy: NDArray[np.float32]) -> None:
        """Fuse a slice without its peaks, if it has any, with the other source's slice, (H, W)."""
        if self._peaks.is_levelled[index]:
            without = self._engine.fuse(self._peaks.levelled(self._functional, index), anatomy)
            found = transfer_in_slice(self._functional, self._peaks, self._partial.fused, index, without)
            self._transfer[self._peaks.in_slice(index)] = found

    def missed(self) -> tuple[MissedUptake, ...]:
        """Return the peaks that the fused image hides; all slices were fused before."""
        partial = self._partial
        return missed_uptake(self._peaks, self._transfer, partial.axis, partial.study.fixed.affine)


def _examine_one(
    examiner: Examiner, index: int, images: FusedImages, neighbours: tuple[FusedImages, ...]
) -> ExaminedSlice:
    """Return one slice with its maps and numbers."""
    maps = examine_slice(examiner, images.a, images.b, images.fused, MEASURED)
    numbers = slice_numbers(images, maps, neighbours)
    return ExaminedSlice(index, MappingProxyType(maps), MappingProxyType(numbers))


def body_slices(foregrounds: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which slices have at least `BODY` of the foreground of the largest one, (n,).

    Parameters
    ----------
    foregrounds
        (n,) pixels of each slice that are foreground, see `measures.foreground`.
    """
    return (foregrounds > 0) & (foregrounds >= BODY * foregrounds.max())
