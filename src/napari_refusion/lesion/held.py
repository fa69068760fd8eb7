"""The voxels of a source that lie in a volume of interest."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from napari_refusion.lesion.voi import VolumeOfInterest, voi_of
from napari_refusion.volume.affine import Affine
from napari_refusion.volume.grid import Grid
from napari_refusion.volume.region import Painted, voxels_in
from napari_refusion.volume.region_statistics import Statistics, region_statistics
from napari_refusion.volume.volume import Volume


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """What a source holds in a volume of interest."""

    volume: Volume = field(repr=False)
    statistics: Statistics
    """Over its own voxels with a finite value."""
    voxels: NDArray[np.int64] = field(repr=False)
    """(N, 3) those voxels, indices of the source."""
    values: NDArray[np.float64] = field(repr=False)
    """(N,) their values."""


def painted_of(voi: VolumeOfInterest) -> Painted:
    """Return a volume of interest as a region in indices of its own grid."""
    from_grid = np.eye(4)
    from_grid[:3, 3] = -np.array(voi.corner)
    return Painted(voi.mask, from_grid)


def held_by(volume: Volume, voi: VolumeOfInterest) -> Held:
    """Return what a source, on any grid of its own, holds in a volume of interest."""
    region = painted_of(voi)
    found = within(volume.shape, volume.affine, voi)
    values = volume.grey[tuple(found.T)].astype(np.float64)
    finite = np.isfinite(values)
    return Held(volume, region_statistics(volume, voi.grid, region), found[finite], values[finite])


def within(shape: tuple[int, int, int], affine: Affine, voi: VolumeOfInterest) -> NDArray[np.int64]:
    """Return the voxels of a grid, (N, 3) indices, whose centres lie in a volume of interest."""
    found = voxels_in(painted_of(voi), np.linalg.inv(voi.grid.affine) @ affine)
    return found[((found >= 0) & (found < shape)).all(axis=1)]


def carried(voi: VolumeOfInterest, shape: tuple[int, int, int], affine: Affine) -> NDArray[np.bool_]:
    """Return a volume of interest as a mask of another grid, (I, P, L), by the centres of that grid's voxels.

    Where none of its centres lies in a small one, the voxels count that its own centres lie in. Nothing is set where it
    lies outside.
    """
    mask = np.zeros(shape, np.bool_)
    found = within(shape, affine, voi)
    if not len(found):
        back = np.linalg.inv(affine) @ voi.grid.affine
        found = np.floor(voi.voxels @ back[:3, :3].T + back[:3, 3] + 0.5).astype(np.int64)
        found = found[((found >= 0) & (found < shape)).all(axis=1)]
    mask[tuple(found.T)] = True
    return mask


def on_grid(voi: VolumeOfInterest, grid: Grid) -> VolumeOfInterest | None:
    """Return a volume of interest on another grid, see `carried`; None where it lies outside."""
    if voi.grid.matches(grid):
        return voi
    mask = carried(voi, grid.shape, grid.affine)
    return voi_of(mask, grid.affine, voi.method) if mask.any() else None
