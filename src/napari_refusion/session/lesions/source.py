"""A source that lesions are drawn on, and how a lesion lies where registration moved it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_refusion.evidence.lesions_shown import AskedLesion
from napari_refusion.io.overlays.overlay import own_grid, placed
from napari_refusion.lesion.held import carried
from napari_refusion.lesion.voi import VolumeOfInterest, voi_of
from napari_refusion.record.run import content_sha256
from napari_refusion.volume.affine import inverse, transformed
from napari_refusion.volume.grid import Grid
from napari_refusion.volume.rigid import matrix_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from napari_refusion.fusion.partial import PartialFusion
    from napari_refusion.lesion.lesion import Lesion
    from napari_refusion.study.study import Side
    from napari_refusion.volume.affine import Affine
    from napari_refusion.volume.volume import Volume


@dataclass(frozen=True, slots=True, eq=False)
class LesionSource:
    """One side of a pair, as lesions are drawn on it: on the grid of its file, wherever registration moved it."""

    side: Side
    content: str
    """Hash of its files, or of its voxels and their place where it came from none; see `record.run.content_sha256`."""
    is_first: bool
    """Whether it is source a of the study."""

    @property
    def volume(self) -> Volume:
        """Return it as it was opened, which is what is measured."""
        return self.side.source

    def holds(self, lesion: Lesion) -> bool:
        """Return whether a lesion was drawn on it: on these voxels, in this place."""
        return lesion.source == self.content and lesion.voi.grid.matches(self.volume.grid)

    def point(self, point: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return where its file puts what lies at a place of the pair, (3,) RAS+ mm."""
        return transformed(inverse(matrix_of(self.side.move)), point)

    def point_in_pair(self, point: ArrayLike) -> NDArray[np.float64]:
        """Return where the pair has what its file puts at a place, both (3,) RAS+ mm: registration moves it."""
        return transformed(matrix_of(self.side.move), point)

    def own_grid(self, grid: Grid) -> Grid:
        """Return where its file puts a grid of the pair, voxel by voxel: the same where registration moved nothing."""
        move = self.side.move
        return grid if move is None else Grid(grid.shape, inverse(matrix_of(move)) @ grid.affine)

    def own(self, voi: VolumeOfInterest) -> VolumeOfInterest:
        """Return a volume of interest on its own grid, from there, from where it was moved to, or from another grid.

        Raises
        ------
        RefusedError
            If it lies outside.
        """
        grid = self.volume.grid
        if voi.grid.matches(grid):
            return voi
        if self.side.move is not None and voi.grid.matches(self.side.placed().grid):
            return _turned(voi, inverse(matrix_of(self.side.move)), grid)
        return voi_of(carried(voi, grid.shape, grid.affine), grid.affine, voi.method)

    def placed(self, voi: VolumeOfInterest) -> VolumeOfInterest:
        """Return the same voxels of any grid, as its file places them, where the pair has them and views show them."""
        if self.side.move is None:
            return voi
        move = matrix_of(self.side.move)
        return _turned(voi, move, own_grid(voi.grid.shape, move @ voi.grid.affine, self.side.placed().grid))


def are_pictures(partial: PartialFusion) -> bool:
    """Return whether a pair is of pictures, whose pixels have no size and no place in a patient."""
    return any(side.source.is_photograph for side in partial.study.sides)


def sources_of(partial: PartialFusion | None, before: Sequence[LesionSource] = ()) -> tuple[LesionSource, ...]:
    """Return the sources of a pair of medical images, those that show function first; none of photographs.

    Parameters
    ----------
    before
        Sources that were shown before, whose hashes are used again: of large volumes without a file they take time.
    """
    if partial is None or not partial.study.task.is_medical or are_pictures(partial):
        return ()
    known = {id(one.volume): one.content for one in before}  # of one that was edited there is another volume
    found = [
        LesionSource(side, known.get(id(side.source)) or content_sha256(side.source), side is partial.study.a)
        for side in partial.study.sides
    ]
    return tuple(sorted(found, key=lambda one: not one.volume.is_functional))


def words_of(partial: PartialFusion | None, sources: Sequence[LesionSource]) -> tuple[str, ...]:
    """Return what to call sources in files and reports: their modalities, nothing that a file says of the patient."""
    if partial is None:
        return ()
    a, b = partial.study.words
    return tuple(a if one.is_first else b for one in sources)


def asked_lesions(lesions: Iterable[Lesion], sources: Sequence[LesionSource]) -> list[AskedLesion]:
    """Return the lesions whose contrast a fused image could show: those on PET and SPECT."""
    asked = []
    for one in lesions:
        source = next((source for source in sources if source.holds(one)), None)
        if source is not None and source.volume.is_functional:
            asked.append(AskedLesion(one.number, source.placed(one.voi), source.is_first))
    return asked


def _turned(voi: VolumeOfInterest, move: Affine, grid: Grid) -> VolumeOfInterest:
    """Return the same voxels after a move, (4, 4) RAS+ mm, on the grid that it takes theirs to."""
    affine = voi.grid.affine.copy()
    affine[:3, 3] = voi.grid.point_at(np.array(voi.corner, np.float64))
    return placed(voi.mask, move @ affine, grid, voi.method)
