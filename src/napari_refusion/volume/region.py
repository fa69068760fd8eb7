"""Regions drawn on slices or painted in space, and where the voxels of a source lie in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from napari_refusion.volume.affine import Affine

ELLIPSE_POINTS: Final = 256
"""Vertices of an ellipse as a polygon, whose area is then 0.01 % too small."""

IN_PLANE: Final = 1e-3
"""Of an index; vertices that differ by less along an axis are on one slice."""

_ROUNDING: Final = 6
"""Decimals of an index; a voxel that lies nearer to a border than that is on it, whatever arithmetic makes of it."""

_BLOCK: Final = 2_000_000
"""Voxels whose places are computed at a time: 100 MB."""


class Region(Protocol):
    """A part of space, in continuous indices of the reference volume's grid."""

    def bounds(self) -> NDArray[np.float64]:
        """Return the lowest and the highest indices, (2, 3), that it reaches."""

    def holds(self, places: NDArray[np.float64], own: Affine) -> NDArray[np.bool_]:
        """Return of which voxels, (N,), it consists.

        Parameters
        ----------
        places
            (N, 3), where the centres of the voxels lie.
        own
            (4, 4), from the indices of the volume that the voxels are of to those of the reference volume.
        """


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """A polygon on one slice of the reference volume.

    A voxel belongs to it if the middle of the slice passes through the voxel and its centre is within the polygon: of
    a volume with other slices, the one that lies there, once, however thick its slices are.
    """

    axis: int
    """Index of the array axis across the slice."""
    index: int
    """The slice along it; may lie outside the grid."""
    vertices: NDArray[np.float64] = field(repr=False)
    """(N, 2) continuous indices along the two other axes, in their order."""
    is_slab: bool = False
    """Whether thinner voxels count anywhere in the slice's thickness, so that slices beside each other fill space."""

    def bounds(self) -> NDArray[np.float64]:
        """Return the lowest and the highest indices, (2, 3), that it reaches."""
        ends = np.array([self.vertices.min(axis=0), self.vertices.max(axis=0)])
        half = 0.5 if self.is_slab else 0.0
        return np.insert(ends, self.axis, [self.index - half, self.index + half], axis=1)

    def holds(self, places: NDArray[np.float64], own: Affine) -> NDArray[np.bool_]:
        """Return which voxels, (N,), the middle of the slice passes through inside the polygon."""
        from skimage.measure import points_in_poly

        depth = np.round(places[:, self.axis] - self.index, _ROUNDING)
        half = round(max(abs(through(own, self.axis)), float(self.is_slab)) / 2, _ROUNDING)
        held = (depth >= -half) & (depth < half)
        held[held] = points_in_poly(np.delete(places[held], self.axis, axis=1), self.vertices)
        return held


@dataclass(frozen=True, slots=True, eq=False)
class Painted:
    """Voxels that were painted, on a grid of their own. A voxel belongs to it if its centre lies in one of them."""

    mask: NDArray[np.bool_] = field(repr=False)
    """(I, P, L) or any other order, cut to what is painted."""
    from_reference: Affine
    """(4, 4), from indices of the reference volume to those of the mask."""

    def bounds(self) -> NDArray[np.float64]:
        """Return the lowest and the highest indices, (2, 3), that it reaches."""
        ends = [(-0.5, size - 0.5) for size in self.mask.shape]
        corners = np.array(np.meshgrid(*ends, indexing="ij")).reshape(3, 8).T
        placed = _to(np.linalg.inv(self.from_reference).astype(np.float64), corners)
        return np.array([placed.min(axis=0), placed.max(axis=0)])

    def holds(self, places: NDArray[np.float64], _own: Affine) -> NDArray[np.bool_]:
        """Return which voxels, (N,), have their centres in a painted one."""
        index = np.floor(np.round(_to(self.from_reference, places) + 0.5, _ROUNDING)).astype(int)
        held: NDArray[np.bool_] = np.all((index >= 0) & (index < self.mask.shape), axis=1)
        held[held] = self.mask[tuple(index[held].T)]
        return held

    def along(self, own: Affine, first: NDArray[np.int64], last: NDArray[np.int64]) -> NDArray[np.int64] | None:
        """Return which voxels from `first` to `last` it holds, (N, 3), axis by axis; None where the grids are turned.

        The same as `holds`, but a million voxels take a tenth of the time.
        """
        matrix = self.from_reference @ own
        if np.abs(matrix[:3, :3] - np.diag(np.diag(matrix)[:3])).max() > 10**-_ROUNDING / max(*self.mask.shape, 1):
            return None
        rows, there = [], []
        for axis in range(3):
            own_index = np.arange(first[axis], last[axis] + 1)
            place = matrix[axis, axis] * own_index + matrix[axis, 3] + 0.5
            index = np.floor(np.round(place, _ROUNDING)).astype(int)
            inside = (index >= 0) & (index < self.mask.shape[axis])
            rows.append(own_index[inside])
            there.append(index[inside])
        held = self.mask[np.ix_(*there)].nonzero()
        return np.column_stack([row[found] for row, found in zip(rows, held, strict=True)])


def painted(labels: NDArray[Any], label: int, from_reference: Affine) -> Painted | None:
    """Return the voxels with one label as a region; None where it is painted nowhere.

    Parameters
    ----------
    labels
        (I, P, L) or any other order, whole numbers.
    from_reference
        (4, 4), from indices of the reference volume to those of the labels.
    """
    mask = labels == label
    ends = []
    for axis in range(3):
        there = np.flatnonzero(mask.any(axis=tuple(other for other in range(3) if other != axis)))
        if not there.size:
            return None
        ends.append(slice(int(there[0]), int(there[-1]) + 1))
    moved = from_reference.copy()
    moved[:3, 3] -= [end.start for end in ends]
    return Painted(mask[tuple(ends)], moved)


@dataclass(frozen=True, slots=True)
class Together:
    """Several regions as one; what lies in two of them is counted once."""

    parts: tuple[Region, ...]
    """At least one."""

    def bounds(self) -> NDArray[np.float64]:
        """Return the lowest and the highest indices, (2, 3), that it reaches."""
        ends = np.array([part.bounds() for part in self.parts])
        return np.array([ends[:, 0].min(axis=0), ends[:, 1].max(axis=0)])

    def holds(self, places: NDArray[np.float64], own: Affine) -> NDArray[np.bool_]:
        """Return which voxels, (N,), one of the parts holds."""
        return np.logical_or.reduce([part.holds(places, own) for part in self.parts])


def region_of(vertices: NDArray[np.float64]) -> Outline | None:
    """Return the region with these vertices, (N, 3) indices; None unless they span a part of one slice."""
    flat = np.flatnonzero(np.ptp(vertices, axis=0) < IN_PLANE)
    if len(vertices) < 3 or len(flat) != 1:
        return None
    axis = int(flat[0])
    return Outline(axis, int(np.floor(vertices[0, axis] + 0.5)), np.delete(vertices, axis, axis=1))


def ellipse_vertices(box: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return points around the ellipse in a box, (`ELLIPSE_POINTS`, D).

    Parameters
    ----------
    box
        (4, D) corners of the rectangle around it, one after the other; it may be turned.
    """
    centre = box.mean(axis=0)
    half_a, half_b = (box[1] - box[0]) / 2, (box[3] - box[0]) / 2
    angle = np.linspace(0, 2 * np.pi, ELLIPSE_POINTS, endpoint=False)[:, None]
    return centre + np.cos(angle) * half_a + np.sin(angle) * half_b


def through(own: Affine, axis: int) -> float:
    """Return by how many slices of the reference volume, across `axis`, a volume's own slices are apart.

    Parameters
    ----------
    own
        (4, 4), from the indices of the volume to those of the reference volume; its own slices are those that lie
        nearest to the reference volume's.
    """
    row = own[axis, :3]
    return float(row[np.abs(row).argmax()])


def voxels_in(region: Region, own: Affine) -> NDArray[np.int64]:
    """Return the voxels of a volume that lie in a region, (N, 3) indices, also those that it does not have.

    Parameters
    ----------
    own
        (4, 4), from the indices of the volume to those of the reference volume.
    """
    back = np.linalg.inv(own).astype(np.float64)
    corners = np.array(np.meshgrid(*region.bounds().T, indexing="ij")).reshape(3, 8).T
    reached = _to(back, corners)
    first, last = np.floor(reached.min(axis=0)).astype(int) - 1, np.ceil(reached.max(axis=0)).astype(int) + 1
    if isinstance(region, Painted) and (straight := region.along(own, first, last)) is not None:
        return straight
    rest = np.array(np.meshgrid(*map(np.arange, first[1:], last[1:] + 1), indexing="ij")).reshape(2, -1).T
    at_once, found = max(1, _BLOCK // len(rest)), []
    for start in range(int(first[0]), int(last[0]) + 1, at_once):
        slices = np.arange(start, min(start + at_once, int(last[0]) + 1))
        indices = np.column_stack([np.repeat(slices, len(rest)), np.tile(rest, (len(slices), 1))])
        found.append(indices[region.holds(_to(own, indices), own)])
    return np.concatenate(found)


def _to(matrix: Affine, indices: NDArray[Any]) -> NDArray[np.float64]:
    """Return where a matrix, (4, 4), puts indices, (N, 3)."""
    placed: NDArray[np.float64] = indices @ matrix[:3, :3].T + matrix[:3, 3]
    return placed
