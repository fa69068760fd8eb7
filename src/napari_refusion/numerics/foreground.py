"""What of a volume is no background: a threshold that single voxels, padding and the field of view do not move."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

MOST_SAMPLED: Final = 2**21
"""Voxels that are looked at: of larger volumes every n-th one along each axis. A percentile of so many is exact to a
few parts in ten thousand of its rank."""

KEPT: Final = 16
"""Places that are looked at along a short axis, or all where there are fewer."""

FEW: Final = 0.01
"""Share of the values that may lie below background: negative voxels of filters, splines and reconstructions."""

ENOUGH: Final = 0.05
"""Share that one and the same value must have to be background: padding, or air that was set to zero."""

SHARE: Final = 0.01
"""Of the 99th percentile above the background: what is darker is taken for background."""


def sorted_sample(data: np.ndarray) -> NDArray[np.floating]:
    """Return the finite values in ascending order, of a large volume every n-th along each axis.

    Parameters
    ----------
    data
        Any shape; NaN and Inf are left out.
    """
    values = data[tuple(slice(None, None, step) for step in _steps(data.shape))].ravel()
    values = values.astype(np.result_type(values.dtype, np.float32), copy=False)
    return np.sort(values[np.isfinite(values)])


def _steps(shape: tuple[int, ...]) -> list[int]:
    """Return the steps along the axes that leave `MOST_SAMPLED` voxels; short axes keep at least `KEPT` places."""
    steps, excess = [1] * len(shape), float(np.prod(shape)) / MOST_SAMPLED
    by_size = sorted(range(len(shape)), key=lambda axis: shape[axis])
    for done, axis in enumerate(by_size):
        wanted = int(np.ceil(max(excess, 1.0) ** (1 / (len(shape) - done))))
        is_last = done == len(shape) - 1
        steps[axis] = wanted if is_last else min(wanted, max(1, shape[axis] // KEPT))
        excess /= steps[axis]
    return steps


def foreground(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the values that lie above the background; all of them where that leaves nothing.

    Background is, in this order: a low value that many voxels share (air that was set to 0), before it another one that
    is negative (padding such as -2000 or -32768), and whatever is darker than `SHARE` of the 99th percentile above
    that. The smallest value plays no part, nor does the largest: one voxel moves nothing.

    Parameters
    ----------
    values
        (n,) finite, ascending.
    """
    level, rest = _without_common(values)
    if rest.size < 2 or rest[0] == rest[-1]:
        return rest if rest.size else values
    first, top = np.quantile(rest, (FEW, 0.99))
    # padding lies far below the values of the image, and says nothing about its dark end
    base = first if level is None or first - level > (top - first) / 2 else level
    above = rest[np.searchsorted(rest, base + SHARE * (top - base), side="right") :]
    return above if above.size and above[0] < above[-1] else rest


def _without_common(values: NDArray[np.floating]) -> tuple[float | None, NDArray[np.floating]]:
    """Return the highest low value that many voxels share, None for none, and the values above it."""
    level = None
    while values.size and (level is None or level < 0):
        # with fewer than `FEW` below it and many alike, a value stands at this place of the ascending row
        lowest = values[int(FEW * values.size)]
        after = int(np.searchsorted(values, lowest, side="right"))
        count = after - int(np.searchsorted(values, lowest, side="left"))
        if count < ENOUGH * values.size or after == values.size:
            break
        level, values = float(lowest), values[after:]
    return level, values
