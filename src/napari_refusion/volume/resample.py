"""Voxels of one grid on another: copied where the grids differ by whole voxels, interpolated linearly elsewhere."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.numerics.room import room
from napari_refusion.volume.affine import GRID_TOLERANCE, Affine, farthest
from napari_refusion.volume.volume import Volume

SLAB_VOXELS: Final = 2**21
"""Voxels resampled at once: bounds the sampling grid to about 50 MB whatever the size of the volume."""

ROUNDING: Final = 1e-6
"""Voxels; float error of a position, and how much of a neighbour without a number may weigh in."""


def whole_voxels(reference: Volume, moving: Volume, to_moving: Affine) -> list[NDArray[np.int64]] | None:
    """Return the moving index of every reference index, one array per axis; None if voxel centres do not coincide."""
    rounded = np.rint(to_moving)
    straight = np.count_nonzero(rounded[:3, :3]) == 3 and bool(np.diag(rounded).all())
    if not straight or farthest(reference.shape, moving.affine @ to_moving, moving.affine @ rounded) > GRID_TOLERANCE:
        return None
    steps, starts = np.diag(rounded)[:3].astype(np.int64), rounded[:3, 3].astype(np.int64)
    return [start + step * np.arange(size) for size, step, start in zip(reference.shape, steps, starts, strict=True)]


def copied(
    source: np.ndarray, finite: NDArray[np.bool_], indices: list[NDArray[np.int64]], fill: float
) -> tuple[np.ndarray, NDArray[np.bool_]]:
    """Return the source voxels at the given indices of each axis, and which of them exist and are finite."""
    inside = [(index >= 0) & (index < size) for index, size in zip(indices, finite.shape, strict=True)]
    there = np.ix_(*(index[kept] for index, kept in zip(indices, inside, strict=True)))
    here = np.ix_(*inside)
    shape = tuple(index.size for index in indices)
    data, covered = room(shape + source.shape[3:], source.dtype), np.zeros(shape, dtype=np.bool_)
    if fill:
        data[...] = fill
    data[here], covered[here] = source[there], finite[there]
    return data, covered


def interpolated(
    source: np.ndarray, finite: NDArray[np.bool_], shape: tuple[int, int, int], to_moving: Affine, fill: float
) -> tuple[np.ndarray, NDArray[np.bool_]]:
    """Return the source sampled at `to_moving` of all indices of the grid `shape`, and where it has data.

    Computed in float64: float32 positions alone would be off by 1e-5 of the range at 512 voxels. Only the part of the
    source that a slab needs is copied for it.
    """
    has_gaps = not finite.all()
    data, covered = room(shape + source.shape[3:], source.dtype), np.zeros(shape, dtype=np.bool_)
    if fill:
        data[...] = fill
    for slab in _slabs(shape):
        inside = _inside(slab, shape, finite.shape, to_moving)
        if not inside.any():
            continue
        part, theta = _part(slab, shape, finite.shape, to_moving)
        channels = (source[part] if source.ndim == 4 else source[part][..., None]).astype(np.float64)
        if has_gaps:
            channels = np.concatenate([channels, finite[part][..., None].astype(np.float64)], axis=3)
        sampled = _sample(channels, inside.shape, theta)
        if has_gaps:
            inside &= sampled[..., -1] > 1.0 - ROUNDING
        values = sampled[..., :3] if source.ndim == 4 else sampled[..., 0]
        data[slab][inside] = values[inside]
        covered[slab] = inside
    return data, covered


def _slabs(shape: tuple[int, int, int]) -> Iterator[slice]:
    """Yield parts of the grid `shape` along its first axis, each of about `SLAB_VOXELS`."""
    planes = max(1, SLAB_VOXELS // (shape[1] * shape[2]))
    for first in range(0, shape[0], planes):
        yield slice(first, min(first + planes, shape[0]))


def _part(
    slab: slice, shape: tuple[int, int, int], source_shape: tuple[int, ...], to_moving: Affine
) -> tuple[tuple[slice, slice, slice], Affine]:
    """Return which part of the source a slab is sampled from, and the affine from the slab's indices to the part's.

    The part reaches one voxel beyond the slab's places, so that its border is the border of the source only where the
    source ends.
    """
    ends = np.array(np.meshgrid([slab.start, slab.stop - 1], [0, shape[1] - 1], [0, shape[2] - 1])).reshape(3, -1)
    places = to_moving[:3, :3] @ ends + to_moving[:3, 3:]
    sizes = np.array(source_shape[:3])
    first = np.clip(np.floor(places.min(axis=1)).astype(int) - 1, 0, sizes - 1)
    last = np.clip(np.ceil(places.max(axis=1)).astype(int) + 1, 0, sizes - 1)
    theta = to_moving.copy()
    theta[:, 3] += slab.start * to_moving[:, 0]
    theta[:3, 3] -= first
    i, p, left = (slice(start, stop + 1) for start, stop in zip(first.tolist(), last.tolist(), strict=True))
    return (i, p, left), theta


def _sample(channels: NDArray[np.float64], shape: tuple[int, ...], theta: Affine) -> NDArray[np.float64]:
    """Return (planes, P, L, channels) of a part of the source, sampled at an affine of all indices of `shape`."""
    import monai  # noqa: F401 - before its part: another thread may be at it, see tests/test_imports_in_threads.py
    import torch
    from monai.networks.layers import AffineTransform

    sampler = AffineTransform(
        normalized=False, mode="bilinear", padding_mode="border", align_corners=False, reverse_indexing=True
    )
    image = torch.from_numpy(np.ascontiguousarray(np.moveaxis(channels, 3, 0)))[None]
    sampled = sampler(image, torch.from_numpy(theta), spatial_size=shape)
    return np.moveaxis(sampled[0].numpy(), 0, 3)


def _inside(
    slab: slice, shape: tuple[int, int, int], moving_shape: tuple[int, ...], to_moving: Affine
) -> NDArray[np.bool_]:
    """Return which voxel centres of a slab lie inside the boxes of the moving voxels, (planes, P, L)."""
    planes, rows, columns = np.ogrid[slab, : shape[1], : shape[2]]
    inside = np.ones((slab.stop - slab.start, *shape[1:]), dtype=np.bool_)
    for (along_i, along_p, along_l, start), size in zip(to_moving[:3], moving_shape, strict=True):
        position = along_i * planes + along_p * rows + along_l * columns + start
        inside &= (position >= -0.5 - ROUNDING) & (position <= size - 0.5 + ROUNDING)
    return inside
