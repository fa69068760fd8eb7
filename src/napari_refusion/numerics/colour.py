"""Luminance and chroma of colour images, after ITU-R BT.601 at full range.

Chroma is signed and zero for grey (many programs add 0.5 or 128): a grey image has Cb = Cr = 0.
"""

import numpy as np
from numpy.typing import NDArray

LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
"""Weights of red, green and blue in the luminance (ITU-R BT.601-7, section 2.5.1)."""

_TO_YCBCR = np.stack([LUMA, (np.float32([0, 0, 1]) - LUMA) / 1.772, (np.float32([1, 0, 0]) - LUMA) / 1.402])
_TO_RGB = np.linalg.inv(_TO_YCBCR.astype(np.float64)).astype(np.float32)


def luminance(rgb: np.ndarray) -> NDArray[np.float32]:
    """Return the luminance Y, (...), in the unit of `rgb`, (..., 3)."""
    return rgb.astype(np.float32) @ LUMA


def to_ycbcr(rgb: np.ndarray) -> NDArray[np.float32]:
    """Return (..., 3): Y in [0, 1], Cb and Cr in [-0.5, 0.5], of RGB (..., 3) in [0, 1]."""
    return rgb.astype(np.float32) @ _TO_YCBCR.T


def to_rgb(ycbcr: np.ndarray) -> NDArray[np.float32]:
    """Return RGB, (..., 3), clipped to [0, 1], of Y, Cb, Cr as `to_ycbcr` gives them."""
    return np.clip(ycbcr.astype(np.float32) @ _TO_RGB.T, 0.0, 1.0)


def with_luminance(rgb: np.ndarray, y: np.ndarray) -> NDArray[np.float32]:
    """Return the colours of `rgb`, (..., 3) in [0, 1], at the luminance `y`, (...) in [0, 1]."""
    ycbcr = to_ycbcr(rgb)
    return to_rgb(np.concatenate([y[..., None].astype(np.float32), ycbcr[..., 1:]], axis=-1))


def mean_chroma(rgb_a: np.ndarray, rgb_b: np.ndarray) -> NDArray[np.float32]:
    """Return the chroma of two colour images merged, (..., 2): each counts as much as it is coloured.

    ``(C_a |C_a| + C_b |C_b|) / (|C_a| + |C_b|)`` for Cb and Cr, and 0 where both are grey.
    """
    chroma_a, chroma_b = to_ycbcr(rgb_a)[..., 1:], to_ycbcr(rgb_b)[..., 1:]
    strength = np.abs(chroma_a) + np.abs(chroma_b)
    weighted = chroma_a * np.abs(chroma_a) + chroma_b * np.abs(chroma_b)
    merged: NDArray[np.float32] = np.where(strength > 0, weighted / np.maximum(strength, 1e-6), 0.0).astype(np.float32)
    return merged
