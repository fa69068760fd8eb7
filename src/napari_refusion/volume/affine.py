"""Affines: from array indices to patient space.

Patient space is RAS+ in millimetres everywhere: x grows towards the patient's right, y to anterior, z to superior.
Arrays are in (Inferior, Posterior, Left) order: index 0 runs from head to foot, index 1 from front to back, index 2
from the patient's right to left. Drawn with index 1 downwards and index 2 to the right, every axial slice is then
radiological (patient's right on the viewer's left).
"""

from typing import Final

import numpy as np
from nibabel.orientations import (
    aff2axcodes,
    apply_orientation,
    axcodes2ornt,
    inv_ornt_aff,
    io_orientation,
    ornt_transform,
)
from numpy.typing import ArrayLike, NDArray

from napari_refusion.numerics.room import room

Affine = NDArray[np.float64]
"""(4, 4), maps homogeneous array indices (i, j, k, 1) to (x, y, z, 1) in RAS+ millimetres."""

IPL: Final = ("I", "P", "L")
"""The axis order of every array inside the package."""

AXES: Final = {"axial": 0, "coronal": 1, "sagittal": 2}
"""Slice direction -> index of the array axis that is stepped along; drawn as they are, all appear radiological."""

IPL_TO_RAS: Final[Affine] = np.array([[0, 0, -1, 0], [0, -1, 0, 0], [-1, 0, 0, 0], [0, 0, 0, 1]], dtype=np.float64)
"""(4, 4) mm towards (inferior, posterior, left) <-> mm towards (right, anterior, superior); its own inverse."""

LPS_TO_RAS: Final[Affine] = np.diag([-1.0, -1.0, 1.0, 1.0])
"""(4, 4) the patient space of DICOM and ITK <-> that of NIfTI and of this package; its own inverse."""

SKEW_TOLERANCE: Final = 0.1
"""Degrees from a right angle between two axes; rounding stays below 0.001 degrees."""

GRID_TOLERANCE: Final = 1e-3
"""Millimetres; voxel centres closer than this are taken for the same place."""

FLAT: Final = 1e-6
"""Share of the box of three axes at right angles that their voxel must fill. A gantry tilted by 45 degrees fills 0.7 of
it, directions that lie in one plane up to 1e-7 where they are stored in single precision. Not the volume itself: that
depends on the voxel size, and 1e-9 mm3 is a sound voxel under a microscope."""


def transformed(affine: Affine, point: ArrayLike) -> NDArray[np.float64]:
    """Return the place, (3,), to which an affine, (4, 4), takes a point, (3,)."""
    place: NDArray[np.float64] = affine[:3, :3] @ np.asarray(point, np.float64) + affine[:3, 3]
    return place


def inverse(affine: Affine) -> Affine:
    """Return the affine, (4, 4), that takes every place back."""
    return np.asarray(np.linalg.inv(affine), np.float64)


def spacing(affine: Affine) -> NDArray[np.float64]:
    """Return the distances between neighbouring voxels along the three array axes, (3,), in mm."""
    return np.linalg.norm(affine[:3, :3], axis=0)


def spans_space(affine: Affine) -> bool:
    """Return whether every voxel has a place of its own: finite numbers, no direction in the others' plane."""
    if not np.isfinite(affine).all():
        return False
    return bool(abs(np.linalg.det(affine[:3, :3])) > FLAT * np.prod(spacing(affine)))


def obliquity(affine: Affine) -> float:
    """Return the largest angle between an array axis and the patient axis nearest to it, in degrees (0 to 54.7)."""
    cosines = np.abs(affine[:3, :3] / spacing(affine)).max(axis=0)
    return float(np.degrees(np.arccos(np.clip(cosines, -1.0, 1.0))).max())


def skew(affine: Affine) -> float:
    """Return by how many degrees two axes are off a right angle, the worst two."""
    directions = affine[:3, :3] / spacing(affine)
    cosines = np.abs(directions.T @ directions - np.eye(3)).max()
    return float(np.degrees(np.arcsin(min(cosines, 1.0))))


def to_ipl(data: np.ndarray, affine: Affine) -> tuple[np.ndarray, Affine, tuple[str, str, str]]:
    """Return the array in (I, P, L) order, its affine, and the axis codes it was stored with.

    Axes are permuted and flipped, never interpolated: every voxel keeps its place in patient space.

    Parameters
    ----------
    data
        (i, j, k) or (i, j, k, channels) in any order.
    affine
        (4, 4) indices of `data` to RAS+ mm, invertible.
    """
    stored = io_orientation(affine)
    change = ornt_transform(stored, axcodes2ornt(IPL))
    reordered = np.ascontiguousarray(apply_orientation(data, change))
    moved = affine @ inv_ornt_aff(change, data.shape[:3])
    first, second, third = aff2axcodes(affine)
    return reordered, moved, (first, second, third)


def empty_ipl(
    shape: tuple[int, int, int], affine: Affine
) -> tuple[NDArray[np.float32], NDArray[np.float32], Affine, tuple[str, str, str]]:
    """Return room for an array of a shape: in (I, P, L) order, and as a view in the given order to write to.

    Parameters
    ----------
    shape
        (i, j, k) in any order.
    affine
        (4, 4) indices (i, j, k) to RAS+ mm, invertible.

    Returns
    -------
        The array (I, P, L), its view (i, j, k), its affine, and the axis codes of the given order: as `to_ipl` without
        a second array.
    """
    stored = io_orientation(affine)
    reordered, moved = ipl_grid(shape, affine)
    data = room(reordered)
    view = apply_orientation(data, ornt_transform(axcodes2ornt(IPL), stored))
    first, second, third = aff2axcodes(affine)
    return data, view, moved, (first, second, third)


def ipl_grid(shape: tuple[int, int, int], affine: Affine) -> tuple[tuple[int, int, int], Affine]:
    """Return the shape and the affine that `to_ipl` gives an array, without any array."""
    change = ornt_transform(io_orientation(affine), axcodes2ornt(IPL))
    planes, rows, columns = (shape[axis] for axis in np.argsort(change[:, 0]))
    return (planes, rows, columns), affine @ inv_ornt_aff(change, shape)


def from_ipl(data: np.ndarray, affine: Affine, axes: tuple[str, str, str]) -> tuple[np.ndarray, Affine]:
    """Return an (I, P, L) array in another axis order with its affine: the inverse of `to_ipl`.

    Parameters
    ----------
    axes
        Axis codes towards which the indices grow, as ``("R", "A", "S")``.
    """
    change = ornt_transform(axcodes2ornt(IPL), axcodes2ornt(axes))
    reordered = np.ascontiguousarray(apply_orientation(data, change))
    return reordered, affine @ inv_ornt_aff(change, data.shape[:3])


def stored_grid(
    shape: tuple[int, int, int], affine: Affine, axes: tuple[str, str, str]
) -> tuple[tuple[int, ...], Affine]:
    """Return the shape and the affine that `from_ipl` gives an (I, P, L) array, without any array."""
    change = ornt_transform(axcodes2ornt(IPL), axcodes2ornt(axes))
    places = change[:, 0].astype(int)
    return tuple(shape[axis] for axis in np.argsort(places)), affine @ inv_ornt_aff(change, shape)


def corners(shape: tuple[int, ...], affine: Affine) -> NDArray[np.float64]:
    """Return the places of the eight outermost voxel centres in RAS+ mm, (8, 3)."""
    ends = np.array([[0, size - 1] for size in shape[:3]])
    indices = np.stack(np.meshgrid(*ends, indexing="ij"), axis=-1).reshape(8, 3)
    return indices @ affine[:3, :3].T + affine[:3, 3]


def farthest(shape: tuple[int, ...], one: Affine, other: Affine) -> float:
    """Return how far apart two affines, (4, 4), put a voxel of a grid at most, in mm."""
    return float(np.linalg.norm(corners(shape, one) - corners(shape, other), axis=1).max())


def same_grid(shape_a: tuple[int, ...], affine_a: Affine, shape_b: tuple[int, ...], affine_b: Affine) -> bool:
    """Return whether two grids have the same size and every voxel in the same place (within `GRID_TOLERANCE`)."""
    if shape_a[:3] != shape_b[:3]:
        return False
    # the same numbers need no comparison of places, which costs ten times as much: lists of lesions ask often
    return bool((affine_a == affine_b).all()) or farthest(shape_a, affine_a, affine_b) <= GRID_TOLERANCE
