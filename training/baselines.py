"""Fusions without a network, to stand beside weights: the mean, the brighter source, a Laplacian pyramid.

A network that does not beat the maximum has shown little, and the mean passes exactly half of every lesion.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

Fuse = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]
"""Makes the fused image of two sources; all are (H, W) in [0, 1]."""

LEVELS: Final = 4
"""Bands of detail of the Laplacian pyramid; the base that is left is 16 times coarser than the image."""


def average(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of both sources."""
    return (a + b) / 2


def maximum(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the brighter source at every pixel."""
    return np.maximum(a, b)


def laplacian(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sources' details of larger magnitude, of four bands, on the mean of their bases, within [0, 1].

    Each band is an image less its next coarser level, brought back to its size by scikit-image (Burt and Adelson, IEEE
    Transactions on Communications 31(4), 1983, DOI 10.1109/TCOM.1983.1095851).
    """
    height, width = a.shape
    missing = [(0, -size % 2**LEVELS) for size in a.shape]  # only then does every level halve without a remainder
    *details_a, base_a = _pyramid(np.pad(a, missing, mode="edge"))
    *details_b, base_b = _pyramid(np.pad(b, missing, mode="edge"))
    fused = (base_a + base_b) / 2
    for detail_a, detail_b in zip(reversed(details_a), reversed(details_b), strict=True):
        fused = _expand(fused) + np.where(np.abs(detail_a) >= np.abs(detail_b), detail_a, detail_b)
    return np.clip(fused[:height, :width], 0.0, 1.0)


def _pyramid(image: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Return the bands of detail, finest first, and the base."""
    from skimage.transform import pyramid_reduce

    bands = []
    for _ in range(LEVELS):
        coarse = pyramid_reduce(image)
        bands.append(image - _expand(coarse))
        image = coarse
    return [*bands, image]


def _expand(image: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the image in twice its size."""
    from skimage.transform import pyramid_expand

    expanded: NDArray[np.float64] = pyramid_expand(image)
    return expanded


BASELINES: Final[Mapping[str, Fuse]] = MappingProxyType(
    {"average": average, "maximum": maximum, "laplacian": laplacian}
)
"""The baselines by the name that ``--weights`` takes."""
