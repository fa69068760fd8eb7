"""Halos: values that no source has, beside edges that are sharp in one source and defocused in the other."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, gaussian_filter, maximum_filter, minimum_filter

from training.tables import Row

STRONG: Final = 0.9
"""Quantile of the gradient of the sharper source above which a pixel belongs to a strong edge."""

SHARPER: Final = 2.0
"""How many times the gradient of the other source it has to be there."""

NEAR: Final = 4
"""Pixels from the edge that are looked at."""

NEIGHBOURHOOD: Final = 3
"""Pixels along the side of the square whose values the fused image may have: an edge may move by one pixel."""

Image = NDArray[np.float64]


def halo_figures(a: Image, b: Image, fused: Image) -> Row:
    """Return the mean overshoot near edges that one source shows defocused, in grey levels 0 to 255.

    The overshoot is how far the fused image is above the largest, or below the smallest, value that either source has
    within one pixel. An image put together from pixels of both sources, and so a perfect all-in-focus image, has none.
    NaN where no edge is defocused.

    Parameters
    ----------
    a, b, fused
        (H, W) in [0, 1].
    """
    near = near_defocused_edges(a, b)
    highest = maximum_filter(np.maximum(a, b), NEIGHBOURHOOD)
    lowest = minimum_filter(np.minimum(a, b), NEIGHBOURHOOD)
    overshoot = np.maximum(fused - highest, 0.0) + np.maximum(lowest - fused, 0.0)
    return {"halo": float(overshoot[near].mean() * 255) if near.any() else math.nan}


def near_defocused_edges(a: Image, b: Image) -> NDArray[np.bool_]:
    """Return where a strong edge of one source, at least twice as sharp as in the other, is within 4 pixels, (H, W)."""
    gradients = [np.hypot(*np.gradient(gaussian_filter(source, 1.0))) for source in (a, b)]
    sharper, softer = np.maximum(*gradients), np.minimum(*gradients)
    edge = (sharper > np.quantile(sharper, STRONG)) & (sharper >= SHARPER * softer)
    near: NDArray[np.bool_] = binary_dilation(edge, iterations=NEAR)
    return near
