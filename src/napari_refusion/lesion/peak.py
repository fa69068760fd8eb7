"""The peak of a volume of interest: the highest mean of a sphere of one cubic centimetre."""

from typing import Final

import numpy as np

from napari_refusion.lesion.ball import shares
from napari_refusion.lesion.held import Held

PEAK_RADIUS: Final = 10 * (3 / (4 * np.pi)) ** (1 / 3)
"""mm, of a sphere of 1 cm3: 6.2035."""

_AT_ONCE: Final = 4_000_000
"""Values that are looked up at a time, 100 MB with their indices."""


def peak(held: Held) -> float:
    """Return the highest mean of a sphere of 1 cm3 whose centre is the centre of one of the voxels.

    A voxel counts by the share of it that lies in the sphere, inside the volume of interest or not; voxels without a
    finite value, and beyond the border of the source, do not. NaN where there is no voxel.

    Sphere and search are those of PERCIST 1.0 (Wahl et al., J Nucl Med 2009;50 Suppl 1:122S-150S,
    doi:10.2967/jnumed.108.057307) and of the IBSI's global intensity peak (0F91), which counts whole voxels whose
    centres lie in the sphere: with voxels of 4 mm that sphere is of 0.9 to 1.1 cm3.
    """
    return _highest(held)[0]


def missing_of_peak(held: Held) -> float:
    """Return what share of the sphere that the peak is the mean of has no value, 0 to 1.

    It lies beyond the border of the source, or its values are not finite; 0 also where there is no voxel.
    """
    if not held.values.size:
        return 0.0
    reach = np.abs(shares(held.volume.affine, PEAK_RADIUS)[0]).max(axis=0)
    first, last = held.voxels.min(axis=0) - reach, held.voxels.max(axis=0) + reach
    about = tuple(slice(max(0, int(low)), int(high) + 1) for low, high in zip(first, last, strict=True))
    if (first >= 0).all() and (last < held.volume.shape).all() and np.isfinite(held.volume.grey[about]).all():
        return 0.0  # as nearly always: the peak need not be looked for again
    return _highest(held)[1]


def _highest(held: Held) -> tuple[float, float]:
    """Return the peak, and what share of its sphere has no value; NaN where there is no voxel."""
    if not held.values.size:
        return float("nan"), float("nan")
    offsets, weights = shares(held.volume.affine, PEAK_RADIUS)
    data = held.volume.grey
    shape = np.array(held.volume.shape)
    highest, missing = -np.inf, 0.0
    for start in range(0, len(held.voxels), max(1, _AT_ONCE // len(offsets))):
        places = held.voxels[start : start + max(1, _AT_ONCE // len(offsets)), None] + offsets
        there = ((places >= 0) & (places < shape)).all(axis=2)
        values = data[tuple(np.moveaxis(np.clip(places, 0, shape - 1), 2, 0))].astype(np.float64)
        there &= np.isfinite(values)
        known = (there * weights).sum(axis=1)
        means = (np.where(there, values, 0.0) * weights).sum(axis=1) / known
        at = int(means.argmax())
        if means[at] > highest:
            highest, missing = float(means[at]), float(1 - known[at])
    return highest, missing
