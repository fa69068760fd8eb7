"""A source fused with itself: a fusion that adds nothing of its own gives it back, slope 1 and bias 0."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.baselines import Fuse
from training.tables import Row

FOREGROUND: Final = 0.1
"""Smallest value of a source that counts as foreground: air that is not quite black shall not decide the line."""


def identity_figures(fuse: Fuse, a: NDArray[np.float64], b: NDArray[np.float64]) -> Row:
    """Return slope and bias of ``F(x, x)`` against x on the foreground of x, for both sources as x.

    Parameters
    ----------
    a, b
        Sources, (H, W) in [0, 1].
    """
    slope_a, bias_a = slope_and_bias(a, fuse(a, a))
    slope_b, bias_b = slope_and_bias(b, fuse(b, b))
    return {
        "identity_slope_a": slope_a,
        "identity_bias_a": bias_a,
        "identity_slope_b": slope_b,
        "identity_bias_b": bias_b,
    }


def slope_and_bias(source: NDArray[np.float64], fused: NDArray[np.float64]) -> tuple[float, float]:
    """Return slope and intercept of the straight line through ``(source, fused)`` by least squares on the foreground.

    NaN for a source without two different values above `FOREGROUND`.
    """
    foreground = source > FOREGROUND
    x, y = source[foreground], fused[foreground]
    if x.size < 2 or x.min() == x.max():
        return math.nan, math.nan
    centred = x - x.mean()
    slope = float((centred * y).sum() / (centred**2).sum())
    return slope, float(y.mean() - slope * x.mean())
