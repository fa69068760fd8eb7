"""The contours of a region on the grid of a source: planes of contours to slices, and each slice filled."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.io.overlays.contours import Points, cross, filled, overlap
from napari_refusion.io.overlays.overlay import placed
from napari_refusion.io.overlays.stored_contours import Contours
from napari_refusion.lesion.voi import VolumeOfInterest
from napari_refusion.volume.affine import Affine
from napari_refusion.volume.grid import Grid
from napari_refusion.volume.volume import Volume

FLAT: Final = 0.5
"""Slices that a contour may reach through; more is no contour of a slice."""

SAME_PLANE: Final = 0.01
"""Slices; contours closer than this lie in one plane."""

OFF: Final = 0.1
"""Slices beside the middle of a slice from which on it is said."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A region on the source, and what could not be filled."""

    voi: VolumeOfInterest | None
    """None where no voxel's centre is in it."""
    contours: Contours
    tilted: int = 0
    """Contours that lie across the slices of the source."""
    astray: int = 0
    """Planes of contours that no slice is near to, or of which another one is nearer to the same slice."""
    gaps: int = 0
    """Slices without a contour between those that have one."""
    crossing: int = 0
    """Planes whose contours cross or lie on one another."""
    off: float = 0.0
    """By how many slices a plane lies beside the middle of its slice, at most."""
    cut: int = 0
    """Planes whose contours leave the image."""


@dataclass(frozen=True, slots=True, eq=False)
class _Plane:
    """The contours of one plane."""

    at: float
    """Index of the slice, continuous."""
    contours: tuple[Points, ...]
    """(n, 2) each, indices along the two other axes."""


def filled_on(source: Volume, contours: Contours, method: str) -> Filled:
    """Return what the contours of a region enclose on the grid of a source."""
    if not contours.closed:
        return Filled(None, contours)
    inverse = np.linalg.inv(source.affine)
    indices = [one @ inverse[:3, :3].T + inverse[:3, 3] for one in contours.closed]
    axis = int(np.median([np.ptp(one, axis=0) for one in indices], axis=0).argmin())
    flat = [one for one in indices if np.ptp(one[:, axis]) <= FLAT]
    planes = _planes(flat, axis)
    taken = _nearest(planes, source.shape[axis])
    shape = tuple(size for at, size in enumerate(source.shape) if at != axis)
    slices = {index: filled(plane.contours, (shape[0], shape[1])) for index, plane in taken.items()}
    slices = {index: mask for index, mask in slices.items() if mask.any()}
    reach = max(taken) - min(taken) + 1 if taken else 0
    return Filled(
        _voi(slices, axis, source.grid, method),
        contours,
        tilted=len(indices) - len(flat),
        astray=len(planes) - len(taken),
        gaps=reach - len(taken),
        crossing=sum(_crossing(plane.contours, (shape[0], shape[1])) for plane in taken.values()),
        off=max((abs(plane.at - index) for index, plane in taken.items()), default=0.0),
        cut=sum(_leaves(plane.contours, shape) for plane in taken.values()),
    )


def _planes(contours: Sequence[NDArray[np.float64]], axis: int) -> list[_Plane]:
    """Return the planes of contours along an axis, in their order."""
    ordered = sorted(contours, key=lambda one: float(one[:, axis].mean()))
    groups: list[list[NDArray[np.float64]]] = []
    for one in ordered:
        if not groups or one[:, axis].mean() - groups[-1][0][:, axis].mean() > SAME_PLANE:
            groups.append([])
        groups[-1].append(one)
    others = [other for other in range(3) if other != axis]
    return [
        _Plane(float(np.mean([one[:, axis].mean() for one in group])), tuple(one[:, others] for one in group))
        for group in groups
    ]


def _nearest(planes: Sequence[_Plane], count: int) -> dict[int, _Plane]:
    """Return slice -> the plane of contours that is nearest to its middle, at most half a slice away."""
    taken: dict[int, _Plane] = {}
    for plane in planes:
        index = int(np.clip(np.floor(plane.at + 0.5), -1, count))
        if not 0 <= index < count:
            continue
        if index not in taken or abs(plane.at - index) < abs(taken[index].at - index):
            taken[index] = plane
    return taken


def _voi(slices: dict[int, NDArray[np.bool_]], axis: int, grid: Grid, method: str) -> VolumeOfInterest | None:
    """Return the voxels of slices that each hold one, on the grid."""
    if not slices:
        return None
    first = min(slices)
    empty = np.zeros_like(next(iter(slices.values())))
    mask = np.stack([slices.get(index, empty) for index in range(first, max(slices) + 1)], axis=axis)
    affine: Affine = grid.affine.copy()
    affine[:3, 3] += first * grid.affine[:3, axis]
    return placed(mask, affine, grid, method)


def _crossing(contours: Sequence[Points], shape: tuple[int, int]) -> bool:
    """Return whether contours of one plane are more than islands and holes."""
    return cross(contours) or overlap(contours, shape)


def _leaves(contours: Sequence[Points], shape: tuple[int, ...]) -> bool:
    """Return whether contours reach beyond the voxels of a slice."""
    return any(bool((one < -0.5).any() or (one > np.array(shape) - 0.5).any()) for one in contours)
