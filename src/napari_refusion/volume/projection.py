"""Rotating maximum-intensity projection of a volume about the patient's superior axis.

Looked at from the front at 0 degrees, as a coronal slice hangs: the patient's right on the left, superior up. Then the
eye walks around the patient to the left side: 90 degrees shows the left side, 180 the back, 270 the right side.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.numerics.projection import Rays, columns_of, project, reach_of
from napari_refusion.volume.affine import IPL_TO_RAS, Affine, farthest
from napari_refusion.volume.align import align
from napari_refusion.volume.finite import finite_range
from napari_refusion.volume.grid import Grid
from napari_refusion.volume.volume import Volume

STRAIGHT: Final = 0.1
"""Voxels that a volume may lie beside the patient's axes, at most, to be projected as it is stored."""

_SIDES: Final = (("R", "L"), ("A", "P"), ("L", "R"), ("P", "A"))
"""Sides of the patient at the left and the right border at 0, 90, 180 and 270 degrees."""


@dataclass(frozen=True, slots=True, eq=False)
class Turntable:
    """The frame that a volume is projected in: its upright grid, and the rays through each of its planes."""

    grid: Grid
    """Upright: along the patient's inferior, posterior and left axes."""
    rays: Rays

    @property
    def shape(self) -> tuple[int, int]:
        """Return the number of rows and columns of a projection."""
        return self.grid.shape[0], self.rays.count

    @property
    def pixel(self) -> tuple[float, float]:
        """Return the distances of neighbouring rows and columns of a projection, in mm."""
        return self.grid.spacing[0], self.rays.pixel

    def pixel_of(self, point: NDArray[np.float64], degrees: float) -> tuple[float, float]:
        """Return the row and the column, continuous, that a place, (3,) RAS+ mm, is projected to; may lie outside."""
        inferior, posterior, left = self.grid.index_at(point).tolist()
        return inferior, self.rays.ray_at(posterior, left, degrees)

    def places_of(self, voxels: NDArray[np.int32]) -> NDArray[np.float64]:
        """Return the places of voxels given as flat indices, (...), in RAS+ mm, (..., 3); nonsense for -1."""
        index = np.stack(np.unravel_index(np.maximum(voxels, 0), self.grid.shape), axis=-1)
        places: NDArray[np.float64] = index @ self.grid.affine[:3, :3].T + self.grid.affine[:3, 3]
        return places


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """What is seen of a volume from one side."""

    degrees: float
    values: NDArray[np.float32] = field(repr=False)
    """(rows, columns) in the volume's unit; NaN where a ray meets nothing."""
    voxels: NDArray[np.int32] = field(repr=False)
    """(rows, columns), which voxel of the upright grid has the maximum, a flat index; -1 for none."""

    def from_behind(self) -> Projection:
        """Return what is seen from the opposite side: the same rays the other way round, in the same memory."""
        return Projection((self.degrees + 180) % 360, self.values[:, ::-1], self.voxels[:, ::-1])


def upright(volume: Volume) -> Volume:
    """Return a volume along the patient's axes: itself, or resampled where it is oblique.

    Resampled are linearly all places that it covers, at its own distance of slices and the smaller distance within one;
    what it does not cover is NaN.
    """
    straight = _straight(volume.affine)
    if farthest(volume.shape, volume.affine, straight) <= STRAIGHT * min(volume.spacing):
        return volume
    down, *within = volume.spacing
    steps = np.array([down, min(within), min(within)])
    world = (IPL_TO_RAS @ np.vstack([volume.grid.corners().T, np.ones(8)]))[:3]
    low, high = world.min(axis=1), world.max(axis=1)
    counts = np.ceil((high - low) / steps - 1e-6).astype(int) + 1
    affine = np.diag([*steps, 1.0])
    affine[:3, 3] = (low + high) / 2 - steps * (counts - 1) / 2
    shape = (int(counts[0]), int(counts[1]), int(counts[2]))
    empty = np.broadcast_to(np.float32(0), shape)
    aligned = align(replace(volume, data=empty, affine=IPL_TO_RAS @ affine), volume)
    return replace(aligned.volume, data=np.where(aligned.covered, aligned.volume.data, np.float32(np.nan)))


def turntable(volume: Volume, pixel: float | None = None) -> Turntable:
    """Return the frame in which a volume that is `upright` is projected.

    Parameters
    ----------
    pixel
        Distance of neighbouring rays in mm; None for the smaller distance of its voxels within a slice.
    """
    _, rows, columns = volume.shape
    _, down, right = volume.spacing
    lowest = finite_range(volume.data).low
    reach = math.inf if lowest is None else reach_of(volume.data, (down, right), lowest)
    return Turntable(volume.grid, Rays((rows, columns), (down, right), pixel or min(down, right), reach))


def projections(volume: Volume, table: Turntable, angles: Iterable[float]) -> Iterator[Projection]:
    """Yield the projections of a volume that is `upright`, an angle after the other; each takes a fraction of a second.

    Parameters
    ----------
    angles
        In degrees. The opposite side of one is had by `Projection.from_behind` at once.
    """
    columns = columns_of(volume.data)
    for degrees in angles:
        yield Projection(degrees, *project(columns, table.rays, degrees))


def sides_at(degrees: float) -> tuple[str, str]:
    """Return the sides of the patient at the left and the right border, the nearest two where it is looked at askew."""
    return _SIDES[round(degrees / 90) % 4]


def _straight(affine: Affine) -> Affine:
    """Return the affine that grows along one axis of the patient with each index, as near as there is."""
    drawn = np.zeros((4, 4))
    towards = IPL_TO_RAS @ affine
    drawn[:3, :3] = np.diag(np.diag(towards)[:3])
    drawn[:, 3] = towards[:, 3]
    return np.asarray(IPL_TO_RAS @ drawn, dtype=np.float64)
