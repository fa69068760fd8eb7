"""Grey levels of volumes, and how much those of two volumes tell about each other."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.volume.volume import Volume

BINS: Final = 32
"""Grey levels of each volume in the joint histogram."""

VOXEL: Final = 2.0
"""mm; volumes are averaged to about this. At 4 mm the sides of half of the real heads could not be determined."""

SOFT_TISSUE: Final = (-200.0, 250.0)
"""HU; the grey levels of CT lie between. Over all of its range, air to metal, fat and muscle are one level."""

AIR: Final = -300.0
"""HU; below it CT shows no body."""


def factors_for(volume: Volume, voxel: float) -> list[int]:
    """Return how many voxels along (I, P, L) are averaged to about `voxel` mm."""
    return [min(size, max(1, round(voxel / step))) for size, step in zip(volume.shape, volume.spacing, strict=True)]


def is_hounsfield(volume: Volume) -> bool:
    """Return whether the values are HU, and no window of CT that was stored as a picture."""
    return volume.modality == "CT" and not volume.is_rgb and bool(volume.data.min() < AIR)


def averaged_volume(volume: Volume, factors: list[int]) -> NDArray[np.float32]:
    """Return the means of blocks of voxels; of colours those of the strongest channel."""
    return averaged(strength(volume), factors)


def strength(volume: Volume) -> NDArray[np.float32]:
    """Return the values of a volume, (I, P, L), of colours those of the brightest channel.

    It rises with a colour's strength; PET and SPECT palettes are not monotonic in luminance.
    """
    return volume.data.max(axis=3) if volume.is_rgb else volume.data


def averaged(data: np.ndarray, factors: list[int]) -> NDArray[np.float32]:
    """Return the means of blocks of voxels; incomplete blocks at the far ends are left out."""
    sizes = [size // factor for size, factor in zip(data.shape, factors, strict=True)]
    means = np.empty(sizes, dtype=np.float32)
    (planes, height, width), (_, rows, columns) = factors, sizes
    for plane in range(sizes[0]):  # one layer of blocks at a time: trimmed volumes are copied to be cut into blocks
        layer = data[plane * planes : (plane + 1) * planes, : rows * height, : columns * width]
        blocks = layer.reshape(planes, rows, height, columns, width)
        blocks.mean(axis=(0, 2, 4), dtype=np.float32, out=means[plane])
    return means


def shades(
    data: NDArray[np.float32], known: NDArray[np.bool_], volume: Volume, *, plain: bool = False
) -> NDArray[np.float32]:
    """Return averaged values of a volume as grey of [0, 1], smoothed by one voxel.

    CT is windowed to `SOFT_TISSUE`; of PET and SPECT the root is taken, in which the outline of the body stands out
    beside a tumour ten times as bright; of everything else the 99.5th percentile of the foreground is 1.

    Parameters
    ----------
    known
        (I, P, L) as the data, where they have values.
    plain
        Whether to take every volume as one of no known modality.
    """
    from scipy.ndimage import gaussian_filter

    if is_hounsfield(volume) and not plain:
        low, high = SOFT_TISSUE
    else:
        values = data[known] if known.any() else data.ravel()
        low, top = float(values.min()), float(values.max())
        if low == top:
            return np.zeros_like(data)
        high = float(np.percentile(values[values > low + 0.02 * (top - low)], 99.5))
    grey = np.clip((data - low) / (high - low), 0.0, 1.0)
    if volume.is_functional and not plain:
        grey = np.sqrt(grey)
    # Smoothed, since positions are looked up in the nearest voxel.
    sigmas = [float(size > 1) for size in data.shape]
    return np.asarray(gaussian_filter(grey, sigmas), dtype=np.float32)


def levels(grey: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return grey values of [0, 1] as levels 0 to BINS - 1."""
    return (grey * (BINS - 1) + 0.5).astype(np.uint8)


def nmi(levels_a: NDArray[np.uint8], levels_b: NDArray[np.uint8]) -> float:
    """Return the normalised mutual information of two lists of grey levels, 1 to 2; 1 where both are constant."""
    pairs = levels_a.astype(np.intp) * BINS + levels_b
    joint = np.bincount(pairs, minlength=BINS * BINS).reshape(BINS, BINS) / levels_a.size
    together = _entropy(joint)
    return (_entropy(joint.sum(axis=0)) + _entropy(joint.sum(axis=1))) / together if together > 0 else 1.0


def _entropy(shares: NDArray[np.float64]) -> float:
    """Return the entropy of shares that sum to 1, in nats."""
    present = shares[shares > 0]
    return float(-(present * np.log(present)).sum())
