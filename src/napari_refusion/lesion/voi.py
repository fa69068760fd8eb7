"""A volume of interest: some voxels of one source, on that source's own grid."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from napari_refusion.volume.affine import Affine
from napari_refusion.volume.finding import refuse
from napari_refusion.volume.grid import Grid, Voxel


@dataclass(frozen=True, slots=True, eq=False)
class VolumeOfInterest:
    """Voxels of a grid, kept as the box around them; at least one."""

    mask: NDArray[np.bool_] = field(repr=False)
    """(I, P, L), cut to what it holds: every face of the box touches a voxel."""
    corner: Voxel
    """Index on `grid` of the first voxel of the box."""
    grid: Grid
    """The grid of the source that is measured, as it lies in the patient."""
    method: str = ""
    """How it was drawn, in words for table and report, ``isocontour 41 %``."""

    @property
    def voxels(self) -> NDArray[np.int64]:
        """Return the indices of its voxels on the grid, (N, 3), in the order of the array."""
        found: NDArray[np.int64] = np.argwhere(self.mask) + np.array(self.corner)
        return found

    @property
    def box(self) -> tuple[slice, slice, slice]:
        """Return the slices of the grid's array that `mask` is of."""
        first, second, third = (slice(at, at + size) for at, size in zip(self.corner, self.mask.shape, strict=True))
        return first, second, third

    @property
    def count(self) -> int:
        """Return the number of its voxels."""
        return int(self.mask.sum())

    def equals(self, other: "VolumeOfInterest") -> bool:
        """Return whether another one holds the same voxels of the same grid, however it was drawn."""
        return self is other or (
            self.corner == other.corner
            and self.mask.shape == other.mask.shape
            and self.grid.matches(other.grid)
            and bool((self.mask == other.mask).all())
        )

    def whole(self) -> NDArray[np.bool_]:
        """Return it as a mask of the whole grid, (I, P, L)."""
        full = np.zeros(self.grid.shape, np.bool_)
        full[self.box] = self.mask
        return full


def voi_of(mask: NDArray[np.bool_], affine: Affine, method: str = "") -> VolumeOfInterest:
    """Return the volume of interest with the voxels of a mask.

    Parameters
    ----------
    mask
        (I, P, L), of the whole grid.
    affine
        (4, 4), from its indices to RAS+ mm.

    Raises
    ------
    RefusedError
        If no voxel is in it.
    """
    if not mask.any():
        raise refuse("volume of interest", "Draw it where the source has voxels: no voxel lies in it.", "0 voxels")
    box = []
    for axis in range(3):
        there = np.flatnonzero(mask.any(axis=tuple(other for other in range(3) if other != axis)))
        box.append(slice(int(there[0]), int(there[-1]) + 1))
    planes, rows, columns = mask.shape
    first, second, third = (end.start for end in box)
    return VolumeOfInterest(
        mask[tuple(box)].copy(), (first, second, third), Grid((planes, rows, columns), affine), method
    )
