"""PET with uptake whose measures are known."""

import numpy as np
from numpy.typing import NDArray

from napari_refusion.volume.affine import IPL_TO_RAS
from napari_refusion.volume.origin import Origin
from napari_refusion.volume.volume import Volume


def affine_of(*steps: float) -> NDArray[np.float64]:
    """Return the affine of a grid with voxels of these sizes, mm, and its first voxel at the origin."""
    return IPL_TO_RAS @ np.diag([*steps, 1.0])


def pet(
    data: NDArray[np.float64], steps: tuple[float, float, float] = (4.0, 4.0, 4.0), unit: str = "SUVbw", **more: object
) -> Volume:
    """Return PET with its first voxel at the origin; index times step is then minus the place in mm."""
    given = {"modality": "PT", "name": "PET", "origin": Origin(sha256="a" * 64)} | more
    return Volume(data.astype(np.float32), affine_of(*steps), unit=unit, **given)  # type: ignore[arg-type]


def distances(
    shape: tuple[int, int, int], steps: tuple[float, float, float], middle: tuple[float, ...]
) -> NDArray[np.float64]:
    """Return the distance of each voxel's centre from a voxel, mm."""
    axes = [(np.arange(size) - at) * step for size, step, at in zip(shape, steps, middle, strict=True)]
    return np.sqrt(sum(axis**2 for axis in np.ix_(*axes)))  # type: ignore[call-overload]


def place(index: tuple[float, ...], steps: tuple[float, float, float] = (4.0, 4.0, 4.0)) -> NDArray[np.float64]:
    """Return where an index of `pet` lies, RAS+ mm."""
    return affine_of(*steps)[:3, :3] @ np.array(index, np.float64)


def blob(
    shape: tuple[int, int, int] = (24, 24, 24),
    steps: tuple[float, float, float] = (4.0, 4.0, 4.0),
    middle: tuple[float, ...] = (12.0, 12.0, 12.0),
    *,
    height: float = 10.0,
    width: float = 8.0,
) -> NDArray[np.float64]:
    """Return a Gaussian spot, ``height`` in its middle and ``width`` mm of standard deviation."""
    spot: NDArray[np.float64] = height * np.exp(-(distances(shape, steps, middle) ** 2) / (2 * width**2))
    return spot
