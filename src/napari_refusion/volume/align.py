"""Alignment: bring one volume onto the grid of another by their affines; nothing is registered or guessed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.numerics.room import room
from napari_refusion.volume.affine import GRID_TOLERANCE, Affine, farthest, spans_space
from napari_refusion.volume.finding import Finding, refuse
from napari_refusion.volume.finite import finite_range
from napari_refusion.volume.volume import Volume

COARSE_STEP: Final = 1.5
"""Steps longer than this many voxels skip detail of the volume that is resampled."""

SLAB_VOXELS: Final = 2**21
"""Voxels resampled at once: bounds the sampling grid to about 50 MB whatever the size of the volume."""

ROUNDING: Final = 1e-6
"""Voxels; float error of a position, and how much of a neighbour without a number may weigh in."""


@dataclass(frozen=True, slots=True)
class Aligned:
    """A volume on the grid of another."""

    volume: Volume
    """All voxels finite; those that are not covered hold `fill_value`."""
    covered: NDArray[np.bool_]
    """(I, P, L), True where the volume has data."""
    findings: tuple[Finding, ...]
    """What the alignment noticed (not the volume's own findings)."""


def align(reference: Volume, moving: Volume) -> Aligned:
    """Return `moving` on the grid of `reference`, linearly interpolated in patient space.

    On the same grid the voxels pass through untouched, and grids that differ by whole voxels are copied without
    interpolation. A place is covered when it lies inside the moving volume, whose voxels are boxes: up to half a voxel
    beyond the outermost voxel centres the nearest value holds, and a single slice is as thick as its spacing. Places
    outside, and places whose value would come from NaN or Inf, are not covered and hold `fill_value`.

    The interpolation is `monai.networks.layers.AffineTransform`, which MONAI's `SpatialResample` and
    `ResampleToMatch` are made of. These two are not called themselves: where all entries of two affines agree within
    0.001 they return the input unchanged, almost a millimetre off at the corner of a 512 x 512 slice.

    Raises
    ------
    RefusedError
        If photographs differ in size, or an affine is singular or not finite.
    """
    if reference.is_photograph or moving.is_photograph:
        found = _pixel_by_pixel(reference, moving)
        kept, covered = finite_only(moving)
        return Aligned(replace(kept, affine=reference.affine), covered, found)
    kept, finite = finite_only(replace(moving, affine=reference.affine, stored_axes=reference.stored_axes))
    if reference.grid.matches(moving.grid):
        sentence = f"{moving.title} and {reference.title} are on the same grid, nothing was resampled."
        return Aligned(kept, finite, (Finding("ok", "grid", sentence),))
    to_moving = _to_moving(reference, moving)
    fill = fill_value(moving)
    if whole := _whole_voxels(reference, moving, to_moving):
        data, covered = _copied(kept.data, finite, whole, fill)
    else:
        data, covered = _interpolated(kept.data, finite, reference.shape, to_moving, fill)
    return Aligned(replace(kept, data=data), covered, _resampling(reference, moving, to_moving))


def fill_value(volume: Volume) -> float:
    """Return what voxels without data hold: the smallest finite value for CT (air), 0 for everything else."""
    if volume.modality != "CT" and volume.unit != "HU":
        return 0.0
    low = finite_range(volume.data).low
    return 0.0 if low is None else low


def finite_only(volume: Volume) -> tuple[Volume, NDArray[np.bool_]]:
    """Return the volume with `fill_value` for NaN and Inf (itself if it has none), and where it has data, (I, P, L).

    Where that is everywhere, it is one value seen from every voxel, which must not be written to.
    """
    if not finite_range(volume.data).missing:
        return volume, np.broadcast_to(np.True_, volume.shape)
    finite = np.isfinite(volume.data)
    if volume.is_rgb:
        finite = finite.all(axis=3)
    channels = finite[..., None] if volume.is_rgb else finite
    data = np.where(channels, volume.data, np.float32(fill_value(volume))).astype(volume.data.dtype)
    return replace(volume, data=data), finite


def _to_moving(reference: Volume, moving: Volume) -> Affine:
    """Return the affine from reference indices to moving indices, (4, 4)."""
    for volume in (reference, moving):
        if not spans_space(volume.affine):
            sentence = f"The affine of {volume.title} is singular: export the series again."
            raise refuse("geometry", sentence)
    return np.asarray(np.linalg.solve(moving.affine, reference.affine), dtype=np.float64)


def _whole_voxels(reference: Volume, moving: Volume, to_moving: Affine) -> list[NDArray[np.int64]] | None:
    """Return the moving index of every reference index, one array per axis; None if voxel centres do not coincide."""
    rounded = np.rint(to_moving)
    straight = np.count_nonzero(rounded[:3, :3]) == 3 and bool(np.diag(rounded).all())
    if not straight or farthest(reference.shape, moving.affine @ to_moving, moving.affine @ rounded) > GRID_TOLERANCE:
        return None
    steps, starts = np.diag(rounded)[:3].astype(np.int64), rounded[:3, 3].astype(np.int64)
    return [start + step * np.arange(size) for size, step, start in zip(reference.shape, steps, starts, strict=True)]


def _copied(
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


def _interpolated(
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


def _pixel_by_pixel(reference: Volume, moving: Volume) -> tuple[Finding, ...]:
    """Return the finding about a pair with at least one photograph, or raise `RefusedError` if the sizes differ."""
    if reference.shape != moving.shape:
        sizes = " and ".join(_pixels(volume) for volume in (reference, moving))
        sentence = (
            f"Crop or resample one so that both are aligned, for {reference.title} and {moving.title} have different "
            f"sizes, {sizes} pixels."
        )
        raise refuse("image size", sentence, sizes)
    if reference.is_photograph and moving.is_photograph:
        sentence = f"{moving.title} and {reference.title} are overlaid pixel by pixel."
        return (Finding("ok", "grid", sentence),)
    photograph, volume = (reference, moving) if reference.is_photograph else (moving, reference)
    sentence = (
        f"{photograph.title} is a picture without a position in the patient and is overlaid on {volume.title} "
        f"pixel by pixel: check that they show the same slice, or open the original DICOM or NIfTI."
    )
    return (Finding("warn", "grid", sentence),)


def _resampling(reference: Volume, moving: Volume, to_moving: Affine) -> tuple[Finding, ...]:
    """Return the findings about resampling: what was done, and whether detail was skipped."""
    was, now = (
        f"{_size(volume)} at {' x '.join(f'{step:.3g}' for step in volume.spacing)} mm"
        for volume in (moving, reference)
    )
    sentence = f"{moving.title} was resampled from {was} to the grid of {reference.title}, {now}."
    found = [Finding("ok", "grid", sentence)]
    several = [size > 1 for size in reference.shape]
    step = float(np.linalg.norm(to_moving[:3, :3], axis=0)[several].max(initial=0.0))
    if step > COARSE_STEP:
        sentence = (
            f"Small details of {moving.title} may be lost because the voxels of {reference.title} are up to "
            f"{step:.1f} times as far apart: take {moving.title} as the reference grid to keep them."
        )
        found.append(Finding("warn", "coarse grid", sentence, f"{step:.1f} times"))
    return tuple(found)


def _pixels(volume: Volume) -> str:
    """Return columns x rows of a picture, as programs for pictures say it; of a volume see `_size`."""
    planes, rows, columns = volume.shape
    return f"{columns} x {rows}" if planes == 1 else _size(volume)


def _size(volume: Volume) -> str:
    """Return rows x columns, with the number of slices where there is more than one."""
    planes, rows, columns = volume.shape
    return f"{rows} x {columns}" if planes == 1 else f"{planes} x {rows} x {columns}"
