"""Volumes as SimpleITK images, made ready to be registered."""

from typing import Any, Final

import numpy as np

from napari_refusion.volume.affine import LPS_TO_RAS, Affine
from napari_refusion.volume.align import finite_only
from napari_refusion.volume.registration.levels import SOFT_TISSUE, is_hounsfield, strength
from napari_refusion.volume.registration.outline import outline
from napari_refusion.volume.volume import Volume

FINEST: Final = 2.0
"""mm; volumes are averaged to about this."""

FEWEST_SLICES: Final = 4
"""Voxels along every axis; fewer hold no position along it."""

AROUND: Final = 30.0
"""mm about the common field that stay in the fixed image, since a move may bring them into it."""


def image_of(volume: Volume) -> Any:  # noqa: ANN401 - SimpleITK has no types
    """Return a SimpleITK image of the finest level in [0, 1], greys as in the self-test (`levels.shades`)."""
    import SimpleITK

    finite, _ = finite_only(volume)
    image = coarser(_placed(np.asarray(strength(finite), dtype=np.float32), volume.affine), FINEST)
    if is_hounsfield(finite):
        return SimpleITK.IntensityWindowing(image, *SOFT_TISSUE, 0.0, 1.0)
    averaged = SimpleITK.GetArrayViewFromImage(image)
    low, top = float(averaged.min()), float(averaged.max())
    # One bright vessel or metal implant would leave everything else a few of the grey levels.
    high = float(np.percentile(averaged[averaged >= low + 0.02 * (top - low)], 99.5))
    image = SimpleITK.IntensityWindowing(image, low, max(high, np.nextafter(low, np.inf)), 0.0, 1.0)
    return SimpleITK.Sqrt(image) if volume.is_functional else image


def body_mask(volume: Volume) -> Any:  # noqa: ANN401
    """Return a SimpleITK image that is 1 in the body and in a rim of air about it, on blocks of the voxels."""
    body = outline(finite_only(volume)[0])
    blocks = np.diag([*body.factors, 1.0])
    blocks[:3, 3] = (np.array(body.factors) - 1) / 2
    return _placed(body.around().astype(np.uint8), volume.affine @ blocks)


def common_field(image: Any, fixed: Volume, moving: Volume) -> Any:  # noqa: ANN401
    """Return the part of the fixed image where the moving volume lies, and `AROUND` mm about it."""
    import SimpleITK

    ends = np.array(np.meshgrid(*((-0.5, size - 0.5) for size in moving.shape), indexing="ij")).reshape(3, 8)
    corners = (LPS_TO_RAS @ moving.affine @ np.vstack([ends, np.ones(8)]))[:3].T
    at = np.array([image.TransformPhysicalPointToContinuousIndex(corner.tolist()) for corner in corners])
    wider, size = AROUND / np.array(image.GetSpacing()), np.array(image.GetSize())
    first = np.clip(np.floor(at.min(axis=0) - wider), 0, size - 1).astype(int)
    last = np.clip(np.ceil(at.max(axis=0) + wider), first, size - 1).astype(int)
    kept = last - first + 1
    return SimpleITK.RegionOfInterest(image, kept.tolist(), first.tolist()) if min(kept) >= FEWEST_SLICES else image


def coarser(image: Any, voxel: float) -> Any:  # noqa: ANN401
    """Return an image averaged to voxels of about `voxel` mm, with `FEWEST_SLICES` along each axis at least."""
    import SimpleITK

    sizes, steps = image.GetSize(), image.GetSpacing()
    most = [max(1, size // FEWEST_SLICES) for size in sizes]
    factors = [min(many, max(1, round(voxel / step))) for many, step in zip(most, steps, strict=True)]
    return SimpleITK.BinShrink(image, factors)


def _placed(data: np.ndarray, affine: Affine) -> Any:  # noqa: ANN401
    """Return an array with its affine, (4, 4) RAS+ mm, as a SimpleITK image."""
    import SimpleITK

    image = SimpleITK.GetImageFromArray(data)
    lps = (LPS_TO_RAS @ affine)[:3, [2, 1, 0, 3]]  # ITK counts the array's last axis first
    steps = np.linalg.norm(lps[:, :3], axis=0)
    image.SetSpacing(steps.tolist())
    image.SetDirection((lps[:, :3] / steps).ravel().tolist())
    image.SetOrigin(lps[:, 3].tolist())
    return image
