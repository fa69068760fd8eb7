"""Alignment: bring one volume onto the grid of another by their affines; nothing is registered or guessed."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.volume.affine import Affine, spans_space
from napari_refusion.volume.finding import Finding, refuse
from napari_refusion.volume.finite import finite_range
from napari_refusion.volume.resample import copied, interpolated, whole_voxels
from napari_refusion.volume.volume import Volume

COARSE_STEP: Final = 1.5
"""Steps longer than this many voxels skip detail of the volume that is resampled."""


@dataclass(frozen=True, slots=True, eq=False)
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
    if whole := whole_voxels(reference, moving, to_moving):
        data, covered = copied(kept.data, finite, whole, fill)
    else:
        data, covered = interpolated(kept.data, finite, reference.shape, to_moving, fill)
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
