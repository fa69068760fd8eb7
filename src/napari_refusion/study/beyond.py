"""What a source shows beyond the grid that a pair is fused on, and the fused image therefore does not."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.numerics.foreground import foreground, sorted_sample
from napari_refusion.volume.figures import in_figures
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.grid import Grid, Voxel
from napari_refusion.volume.probe import position_in_words, unit_of
from napari_refusion.volume.volume import Volume

LEAST: Final = 0.01
"""Share of the foreground; less is the edge of voxels that are larger than the grid's."""


def beyond_the_grid(fixed: Volume, moving: Volume) -> tuple[Finding, ...]:
    """Return how much of what a source shows lies beyond the reference grid, and where the highest uptake there is.

    It is no warning: PET reaches beyond the MRI in nearly all pairs. Foreground is that of windows, see
    `numerics.foreground`; voxels without a finite value show nothing.
    """
    from_world = np.linalg.inv(fixed.affine)
    corners = from_world[:3, :3] @ moving.grid.corners().T + from_world[:3, 3:]
    if moving.is_photograph or _within(fixed.grid, corners).all():
        return ()
    values = moving.grey
    sample = sorted_sample(values)
    if not sample.size:
        return ()
    level = foreground(sample)[0]
    to_fixed = from_world @ moving.affine
    shown, outside, highest, place = 0, 0, -np.inf, (0, 0, 0)
    for index, plane in enumerate(values):
        is_shown = np.isfinite(plane) & (plane >= level)
        is_beyond = is_shown & ~_within(fixed.grid, _places(to_fixed, index, plane.shape))
        shown, outside = shown + int(is_shown.sum()), outside + int(is_beyond.sum())
        if is_beyond.any() and (top := plane[is_beyond].max()) > highest:
            row, column = np.argwhere(is_beyond & (plane == top))[0].tolist()
            highest, place = float(top), (index, row, column)
    share = outside / shown if shown else 0.0
    return (_told(fixed, moving, share, highest, place),) if share >= LEAST else ()


def _told(fixed: Volume, moving: Volume, share: float, highest: float, voxel: Voxel) -> Finding:
    """Return the finding; of a functional source with its highest value beyond the grid."""
    sentence = (
        f"{share:.0%} of what {moving.title} shows lies beyond the grid of {fixed.title} and is not in the fused image"
    )
    if moving.is_functional:
        where = position_in_words(moving.grid.point_at(np.array(voxel, np.float64)))
        sentence += f", up to {in_figures(highest)} {unit_of(moving)} at {where}"
    return Finding("ok", "beyond the grid", f"{sentence}.", f"{share:.0%}")


def _places(to_fixed: NDArray[np.float64], index: int, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return where the voxels of a plane lie, (3, rows, columns), in indices of the reference grid."""
    rows, columns = np.arange(shape[0])[:, None], np.arange(shape[1])
    return np.stack([row[0] * index + row[1] * rows + row[2] * columns + row[3] for row in to_fixed[:3]])


def _within(grid: Grid, places: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which of the places, (3, ...) indices, lie in voxels of a grid, which reach half an index out."""
    last = np.array(grid.shape).reshape(3, *[1] * (places.ndim - 1))
    return np.logical_and.reduce((places >= -0.5) & (places < last - 0.5), axis=0)
