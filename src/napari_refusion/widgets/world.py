"""Where napari draws a volume.

napari's world is millimetres towards (inferior, posterior, left), the axes of every array in the package: napari then
needs only a positive scale and a translation, and volumes of one patient lie on each other. It draws rotated volumes
wrongly in 2-D, and a permuting affine aborts it, so neither is ever handed to it.
"""

import numpy as np
from napari.layers import Image
from napari.utils.transforms import Affine as NapariAffine

from napari_refusion.session.source import Place
from napari_refusion.volume.affine import AXES, GRID_TOLERANCE, IPL_TO_RAS, Affine, farthest, inverse, transformed
from napari_refusion.volume.grid import Grid


def drawn_matrix(grid: Grid) -> Affine:
    """Return the matrix, (4, 4), from indices to napari's world with which a volume is drawn: scale and translation.

    An oblique volume is drawn on its own grid: with its true spacing, its centre in its true place, and not rotated.
    """
    world = IPL_TO_RAS @ grid.affine
    drawn = np.diag([*grid.spacing, 1.0])
    drawn[:3, 3] = world[:3, 3]
    if farthest(grid.shape, world, drawn) > GRID_TOLERANCE:
        centre = (np.array(grid.shape) - 1) / 2
        drawn[:3, 3] = world[:3, :3] @ centre + world[:3, 3] - drawn[:3, :3] @ centre
    return drawn


def misdrawn_by(grid: Grid) -> float:
    """Return how far from its place in the patient napari draws a voxel at most, in mm: 0 unless oblique."""
    return farthest(grid.shape, IPL_TO_RAS @ grid.affine, drawn_matrix(grid))


def is_misdrawn(grid: Grid) -> bool:
    """Return whether napari draws a volume so far from its place in the patient that this must be said."""
    return misdrawn_by(grid) > min(grid.spacing) / 2


def layer_matrix(layer: Image) -> Affine:
    """Return the matrix, (4, 4), from the indices of a 2-D, 3-D or 4-D layer to napari's world in mm.

    All of scale, translation, rotation, shear and affine are in it. A 2-D layer gets a first axis of one 1 mm slice,
    a 4-D layer is taken for volumes along its first axis. Lengths in another unit are converted; pixels are taken for
    mm.
    """
    count, spatial = layer.ndim, min(layer.ndim, 3)
    origin = np.asarray(layer.data_to_world(np.zeros(count)), dtype=np.float64)
    matrix = np.eye(4)
    first = 3 - spatial
    matrix[first:3, 3] = origin[-spatial:]
    for axis in range(spatial):
        step = np.eye(count)[count - spatial + axis]
        matrix[first:3, first + axis] = (np.asarray(layer.data_to_world(step)) - origin)[-spatial:]
    matrix[first:3] *= np.array([millimetres(unit) for unit in layer.units[-spatial:]])[:, None]
    return matrix


def millimetres(unit: object) -> float:
    """Return how many mm a unit of a layer's axis has; 1 for pixels and whatever else is not a length."""
    from pint import DimensionalityError, get_application_registry

    try:
        return float(get_application_registry().Quantity(1, str(unit)).to("mm").magnitude)
    except DimensionalityError:
        return 1.0


def carried(point: tuple[float, ...], before: Grid, after: Grid) -> tuple[float, ...]:
    """Return where a volume is drawn at the place in the patient that a viewer showed of another one, (3,) mm.

    The same point unless one of both is oblique: that one is drawn on its own grid.

    Parameters
    ----------
    point
        (3,) mm, as in ``viewer.dims.point``.
    before, after
        Grid of the volume that places were counted by, and of the one that they are counted by from now on.
    """
    if before.matches(after) or not (is_misdrawn(before) or is_misdrawn(after)):
        return point
    index = transformed(inverse(drawn_matrix(before)), point)
    one, two, three = transformed(drawn_matrix(after), after.index_at(before.point_at(index))).tolist()
    return one, two, three


def place_of(point: tuple[float, ...], counted: Grid | None = None) -> Place:
    """Return where a viewer is, (3,) mm as in ``viewer.dims.point``, for a session.

    Parameters
    ----------
    counted
        Grid of the volume by which the reader counts places now; None for that which is fused.
    """

    def place(grid: Grid, axis: str) -> int:
        return slice_index(point if counted is None else carried(point, counted, grid), AXES[axis], grid)

    return place


def slice_index(point: tuple[float, ...], axis: int, grid: Grid) -> int:
    """Return the index along `axis` of the slice that napari draws at a point of its world; may lie outside the grid.

    A slider that follows two grids often stops halfway between two slices of one of them. Which one napari takes then
    follows from its own arithmetic, so that is used here, too.

    Parameters
    ----------
    point
        (3,) mm, as in ``viewer.dims.point``.
    """
    drawn = drawn_matrix(grid)
    placed = NapariAffine(scale=np.diag(drawn)[:3], translate=drawn[:3, 3])
    return int(np.round(placed.inverse(np.asarray(point, dtype=np.float64))[axis]))
