"""Local maxima of a functional source, smoothed, and of those near each other the one with the most contrast."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.fusion.computed_data import ComputedData

BACKGROUND: Final = 0.02
"""Windowed value up to which a voxel is without uptake."""

APART: Final = 8.0
"""mm; of peaks nearer than that the one with the most contrast is kept."""

SMOOTH: Final = 1.5
"""mm, standard deviation of the Gaussian that noise is smoothed with before peaks are looked for."""

_CUT: Final = 4.0
"""Standard deviations after which a Gaussian is cut off."""

Values = NDArray[np.float32] | ComputedData
"""(I, P, L) in [0, 1]."""

SLAB: Final = 2**21
"""Voxels that are smoothed at once, so that no smooth copy of a volume lies in memory."""


def summits_of(functional: Values, steps: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return local maxima that are bright enough, (N, 3) indices; of a plateau its middle."""
    from scipy.ndimage import label

    is_highest = np.zeros(functional.shape, np.bool_)
    # A box takes three passes along the axes, a ball thousands of voxels for each; `merged` rounds its corners.
    reach = [2 * max(1, int(APART / 2 / step)) + 1 for step in steps]
    beside = int(_CUT * SMOOTH / steps[0] + 0.5) + reach[0] // 2
    planes = max(1, SLAB // (functional.shape[1] * functional.shape[2]))
    for first in range(0, functional.shape[0], planes):
        start = max(0, first - beside)
        part = np.asarray(functional[start : first + planes + beside, :, :])
        inside = slice(first - start, first - start + planes)
        is_highest[first : first + planes] = _is_highest(part, steps, reach)[inside]
    plateaus, count = label(is_highest, np.ones((3, 3, 3)))
    return np.rint(_middles(plateaus, count)).astype(np.int64)


def _middles(plateaus: NDArray[np.int32], count: int) -> NDArray[np.float64]:
    """Return the middles of labels 1 to `count`, (count, 3); plane by plane, for a plateau can be a whole body."""
    sums, sizes = np.zeros((3, count)), np.zeros(count)
    for index, plane in enumerate(plateaus):
        rows, columns = np.nonzero(plane)
        number = plane[rows, columns] - 1
        here = np.bincount(number, minlength=count)
        sizes += here
        sums[0] += index * here
        sums[1] += np.bincount(number, rows, minlength=count)
        sums[2] += np.bincount(number, columns, minlength=count)
    return (sums / sizes).T


def _is_highest(part: NDArray[np.float32], steps: NDArray[np.float64], reach: list[int]) -> NDArray[np.bool_]:
    """Return which voxels of a part of a source are the brightest about them, and bright enough; same shape."""
    from scipy.ndimage import gaussian_filter, maximum_filter

    smooth = gaussian_filter(part, SMOOTH / steps, mode="nearest", truncate=_CUT)
    highest: NDArray[np.bool_] = smooth >= maximum_filter(smooth, reach, mode="nearest")
    return highest & (smooth > BACKGROUND)


def merged(points: NDArray[np.float64], contrast: NDArray[np.float64]) -> list[int]:
    """Return which of the points, (N, 3) mm, to keep: of those nearer than `APART` the one with the most contrast."""
    from scipy.spatial import KDTree

    if len(points) == 0:
        return []
    near = KDTree(points).query_ball_point(points, APART)
    kept: list[int] = []
    dropped: set[int] = set()
    for index in np.argsort(-contrast, kind="stable").tolist():
        if index not in dropped:
            kept.append(index)
            dropped.update(near[index])
    return sorted(kept)
