"""A tilted or uneven stack is brought onto a straight, even grid: by what its own slices hold and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.io.dicom.even_grid import WORTH_SAYING, EvenGrid, planes_of
from napari_refusion.io.dicom.slice import Slice
from napari_refusion.io.dicom.straight import along_normal, even_step, tilt_of
from napari_refusion.volume.affine import Affine

ROUNDING: Final = 1e-3
"""Share of a step; a plane this close to a slice is that slice."""


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """The straight, even grid and where the slices lie on it."""

    shape: tuple[int, int, int]
    """Slices, rows, columns."""
    affine: Affine
    """(4, 4), (slice, row, column) -> LPS mm."""
    places: NDArray[np.float64]
    """Where each source slice lies along the first axis, (n,) in planes of the grid."""
    offsets: NDArray[np.float64]
    """Row and column of the grid at which the first pixel of each source slice lies, (n, 2), never below 0."""


def straightened(slices: Sequence[Slice], grid: EvenGrid) -> Target:
    """Return the grid for a stack: planes at one distance from the first slice on, as wide as all slices together."""
    along = along_normal(slices, grid)
    step = even_step(np.diff(along))
    count = int(np.floor((along[-1] - along[0]) / step + ROUNDING)) + 1
    planes = planes_of(slices)
    row, column = grid.affine[:3, 2], grid.affine[:3, 1]
    offsets = np.zeros((len(slices), 2))
    if tilt_of(slices, grid)[1] > WORTH_SAYING:
        away = planes.middles - planes.middles[0]
        offsets = np.column_stack([away @ column / (column @ column), away @ row / (row @ row)])
        offsets = np.where(np.abs(offsets - np.rint(offsets)) < ROUNDING, np.rint(offsets), offsets)
    before = np.floor(offsets.min(axis=0))
    more = np.ceil(offsets.max(axis=0)) - before
    high, wide = planes.size
    affine = np.eye(4)
    affine[:3, :3] = np.column_stack([step * grid.normal, column, row])
    first = planes.middles[0] - column * (high - 1) / 2 - row * (wide - 1) / 2
    affine[:3, 3] = first + before[0] * column + before[1] * row
    shape = count, high + int(more[0]), wide + int(more[1])
    return Target(shape, affine, (along - along[0]) / step, offsets - before)


def resample(values: NDArray[np.float32], target: Target, padding: float, out: NDArray[np.float32]) -> None:
    """Write a stack into the planes of a grid.

    Within its plane each slice is shifted, between two slices the values run linearly from one to the other: no value
    lies outside those of the voxels around it, and where not both slices reach there is padding.

    Parameters
    ----------
    values
        (slice, row, column) as in the files.
    out
        (slice, row, column) of the grid, written in place: it may be a view of an array in another order.
    """
    out[...] = padding
    for plane in range(target.shape[0]):
        above = int(np.clip(np.searchsorted(target.places, plane - ROUNDING), 1, len(target.places) - 1))
        start, end = target.places[above - 1], target.places[above]
        weight = float(np.clip((plane - start) / (end - start), 0.0, 1.0))
        weight = round(weight) if min(weight, 1 - weight) < ROUNDING else weight
        used = [number for number, share in ((above - 1, 1 - weight), (above, weight)) if share]
        reached = [_shifted(values[number], target.offsets[number]) for number in used]
        low = np.max([corner for _, corner in reached], axis=0)
        high = np.min([np.add(corner, part.shape) for part, corner in reached], axis=0)
        if (high <= low).any():
            continue
        common = [part[low[0] - y : high[0] - y, low[1] - x : high[1] - x] for part, (y, x) in reached]
        mixed = common[0] if len(common) == 1 else common[0] + np.float32(weight) * (common[1] - common[0])
        out[plane, low[0] : high[0], low[1] : high[1]] = mixed


def _shifted(image: NDArray[np.float32], offset: NDArray[np.float64]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return a slice at the pixels of the grid that it covers, and the row and column of the first of these.

    Parameters
    ----------
    offset
        Row and column of the grid at which its first pixel lies, (2,).
    """
    corner = np.ceil(offset).astype(np.int64)
    for axis, part in enumerate((corner - offset).tolist()):
        if part:
            size = image.shape[axis]
            before, after = np.take(image, range(size - 1), axis), np.take(image, range(1, size), axis)
            image = before + np.float32(part) * (after - before)
    return image, corner
