"""How much of a source a fused image still holds, by the plainest reconstruction there is: a linear one.

A trained reconstruction can invent what it was taught to expect. This one cannot: it knows this one image only.
"""

from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

SMALLEST_RANGE: Final = 1e-6
"""Of a source in [0, 1]; below it the source is constant but for rounding."""

PIXELS_PER_WEIGHT: Final = 10
"""Fewest pixels for each of the weights that are fitted; with fewer the fit describes noise."""


def recovered(
    source: NDArray[np.float32],
    fused: NDArray[np.float32],
    mask: NDArray[np.bool_],
    size: int = 5,
    ridge: float = 1e-3,
) -> float:
    """Return the share of a source's variance that is a linear function of the fused image around each pixel, R^2.

    Fits ``source = c + sum_k w_k fused_k`` over the `size` x `size` pixels around each pixel of the mask by ridge
    regression in closed form (Hoerl and Kennard 1970, doi:10.1080/00401706.1970.10488634), and returns
    ``1 - residual / total`` sum of squares: 0 for nothing, 1 for all. Neither brightness nor contrast of either image
    changes it. It describes the pixels that it was fitted to, so it is slightly too high where these are few.

    Parameters
    ----------
    source, fused
        (H, W) in [0, 1]. Beyond the edges of the image its outermost pixels are repeated.
    mask
        (H, W), the pixels that count.
    size
        Odd, in pixels.
    ridge
        Penalty on the squared weights, as a share of the fused image's mean variance over the neighbours.

    Returns
    -------
    float
        NaN where there is nothing to explain: the source is constant over the mask (its range is below
        `SMALLEST_RANGE`), or the mask has fewer than `PIXELS_PER_WEIGHT` pixels for each weight. 0 for a constant
        fused image, which holds nothing of any source.
    """
    count = int(mask.sum())
    if count < PIXELS_PER_WEIGHT * size**2:
        return float("nan")
    wanted = source[mask].astype(np.float64)
    if np.ptp(wanted) < SMALLEST_RANGE:
        return float("nan")
    wanted -= wanted.mean()
    around = _neighbours(fused, mask, size)
    covariance = (around @ around.T).astype(np.float64) / count
    strength = float(np.trace(covariance)) / size**2
    if strength < SMALLEST_RANGE**2:
        return 0.0
    shared = (around @ wanted.astype(np.float32)).astype(np.float64) / count
    weights = np.linalg.solve(covariance + ridge * strength * np.eye(size**2), shared)
    total = float(wanted @ wanted) / count
    residual = total - 2 * float(weights @ shared) + float(weights @ covariance @ weights)
    return float(np.clip(1 - residual / total, 0.0, 1.0))


def _neighbours(fused: NDArray[np.float32], mask: NDArray[np.bool_], size: int) -> NDArray[np.float32]:
    """Return the pixels around those of a mask, less their mean over the mask, (size^2, N)."""
    padded = np.pad(fused.astype(np.float32, copy=False), size // 2, mode="edge")
    shifted = sliding_window_view(padded, fused.shape).reshape(-1, *fused.shape)
    around = np.stack([one[mask] for one in shifted])
    around -= around.mean(axis=1, keepdims=True)
    return around
