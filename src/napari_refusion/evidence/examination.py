"""Examining a fused volume slice by slice: maps, numbers, and uptake that the fused image hides."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.evidence.indicators import per_slice, slice_numbers
from napari_refusion.evidence.maps import Examiner, examine_slice
from napari_refusion.evidence.measures import FusedImages, foreground
from napari_refusion.evidence.missed_uptake import MissedUptake, missed_uptake
from napari_refusion.evidence.peaks import find_peaks
from napari_refusion.fusion.partial import PartialFusion
from napari_refusion.volume.affine import AXES
from napari_refusion.volume.finding import Finding, refuse

if TYPE_CHECKING:
    from napari_refusion.fusion.slices import Sources

BODY: Final = 0.05
"""Share of the largest slice's foreground that a slice needs to count as one of the body."""


@dataclass(frozen=True, slots=True, eq=False)
class ExaminedSlice:
    """One slice that was examined."""

    index: int
    """Along the partial fusion's axis."""
    maps: Mapping[str, NDArray[np.float32]]
    """See `maps.examine_slice`."""
    numbers: Mapping[str, float]
    """See `indicators.slice_numbers`."""


@dataclass(frozen=True, slots=True, eq=False)
class Examination:
    """A fused volume with what its examination found."""

    partial: PartialFusion
    """What was examined; complete."""
    maps: Mapping[str, NDArray[np.float16]]
    """Name in `maps.KINDS` -> (I, P, L); kinds that were not run are missing. Up to 16 bytes for each voxel."""
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


def examine(examiner: Examiner, partial: PartialFusion, looked_at: int = 0) -> Iterator[ExaminedSlice | Examination]:
    """Yield the slices of a fused volume as they are examined, the nearest to `looked_at` first, then the examination.

    The maps of the whole volume are kept in half precision, 2 bytes for each voxel and kind: 16 bytes for each voxel
    with all eight kinds, 270 MB for 256 x 256 x 256 voxels. While it runs, the windowed sources take 8 more, and 8 more
    where source a shows function.

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
    from napari_refusion.fusion.slices import window_sources

    axis = AXES[partial.axis]
    sources = window_sources(partial.study)
    a, b, fused = (np.moveaxis(data, axis, 0) for data in (sources.a, sources.b, partial.fused))
    levelling = _Levelling(examiner, partial, sources) if partial.study.a.volume.is_functional else None
    count = len(partial.done)

    def images_of(index: int) -> FusedImages:
        return FusedImages(*(np.ascontiguousarray(data[index]) for data in (a, b, fused)))

    maps = {name: np.zeros(partial.fused.shape, np.float16) for name in examiner.kinds}
    numbers = {name: np.full(count, np.nan) for name in per_slice()}
    for index in sorted(range(count), key=lambda index: (abs(index - looked_at), -index)):
        near = [images_of(other) for other in (index - 1, index + 1) if 0 <= other < count]
        one = _examine_one(examiner, index, images_of(index), tuple(near))
        for name, image in one.maps.items():
            np.moveaxis(maps[name], axis, 0)[index] = image
        for name, value in one.numbers.items():
            numbers[name][index] = value
        if levelling:
            levelling.fuse(index)
        yield one
    for values in (*maps.values(), *numbers.values()):
        values.setflags(write=False)
    yield Examination(
        partial=partial,
        maps=MappingProxyType(maps),
        numbers=MappingProxyType(numbers),
        body=body_slices(a, b),
        missed=levelling.missed() if levelling else (),
        missed_run=levelling is not None,
        findings=examiner.findings,
    )


class _Levelling:
    """The functional source without its peaks, and what that is fused to; see `evidence.missed_uptake`."""

    def __init__(self, examiner: Examiner, partial: PartialFusion, sources: "Sources") -> None:
        self._engine = examiner.engine
        self._partial = partial
        self._sources = sources
        self._peaks = find_peaks(sources.a, partial.axis, partial.study.fixed.affine)
        self._fused = partial.fused.copy()  # where there is no peak, nothing changes

    def fuse(self, index: int) -> None:
        """Fuse a slice without its peaks, if it has any."""
        if self._peaks.is_levelled[index]:
            volumes = (self._peaks.levelled, self._sources.b, self._fused)
            a, b, fused = (np.moveaxis(data, AXES[self._partial.axis], 0) for data in volumes)
            fused[index] = self._engine.fuse(np.ascontiguousarray(a[index]), np.ascontiguousarray(b[index]))

    def missed(self) -> tuple[MissedUptake, ...]:
        """Return the peaks that the fused image hides; all slices were fused before."""
        partial = self._partial
        affine = partial.study.fixed.affine
        return missed_uptake(self._sources.a, self._peaks, partial.fused, self._fused, partial.axis, affine)


def _examine_one(
    examiner: Examiner, index: int, images: FusedImages, neighbours: tuple[FusedImages, ...]
) -> ExaminedSlice:
    """Return one slice with its maps and numbers."""
    maps = examine_slice(examiner, images.a, images.b, images.fused)
    numbers = slice_numbers(images, maps, neighbours)
    return ExaminedSlice(index, MappingProxyType(maps), MappingProxyType(numbers))


def body_slices(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return which slices have at least `BODY` of the foreground of the largest one, (n,).

    Parameters
    ----------
    a, b
        (n, H, W) windowed sources in [0, 1].
    """
    sizes = np.array([np.count_nonzero(foreground(*both)) for both in zip(a, b, strict=True)])
    return (sizes > 0) & (sizes >= BODY * sizes.max())
