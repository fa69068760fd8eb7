"""A grid: how many voxels there are, and where they lie in the patient."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_refusion.volume.affine import AXES, Affine, corners, farthest, same_grid, spacing, transformed

Voxel = tuple[int, int, int]
"""Indices along (I, P, L)."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Voxels in (Inferior, Posterior, Left) order and their place; compare two with `matches`."""

    shape: tuple[int, int, int]
    """Number of voxels along (I, P, L)."""
    affine: Affine
    """(4, 4) float64, (i, p, l) -> RAS+ mm."""

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Distances of neighbouring voxels along (I, P, L), in mm."""
        inferior, posterior, left = spacing(self.affine).tolist()
        return inferior, posterior, left

    def count(self, axis: str) -> int:
        """Return the number of slices along a direction, one of `AXES`."""
        return self.shape[AXES[axis]]

    def corners(self) -> NDArray[np.float64]:
        """Return the places of the eight outermost voxel centres, (8, 3) RAS+ mm."""
        return corners(self.shape, self.affine)

    def matches(self, other: "Grid") -> bool:
        """Return whether both have the same voxels in the same places, within `affine.GRID_TOLERANCE`."""
        return same_grid(self.shape, self.affine, other.shape, other.affine)

    def apart(self, affine: Affine) -> float:
        """Return how far another affine, (4, 4), would put a voxel from its place at most, in mm."""
        return farthest(self.shape, self.affine, affine)

    def point_at(self, index: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the place of continuous indices, (3,), in RAS+ mm."""
        return transformed(self.affine, index)

    def index_at(self, point: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the continuous indices, (3,), of a place, (3,) RAS+ mm."""
        index: NDArray[np.float64] = np.linalg.inv(self.affine[:3, :3]) @ (point - self.affine[:3, 3])
        return index

    def voxel_at(self, index: NDArray[np.float64]) -> Voxel | None:
        """Return the voxel that continuous indices, (3,), lie in, None outside; voxels reach half an index out."""
        nearest = np.floor(index + 0.5).astype(int)
        if (nearest < 0).any() or (nearest >= self.shape).any():
            return None
        first, second, third = nearest.tolist()
        return first, second, third

    def position(self, axis: str, index: int) -> float:
        """Return where the middle of a slice lies along its direction, in RAS+ mm: towards S, A or R."""
        along = AXES[axis]
        middle = (np.array(self.shape) - 1) / 2
        middle[along] = index
        return float(self.point_at(middle)[2 - along])
