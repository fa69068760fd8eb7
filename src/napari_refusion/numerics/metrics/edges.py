"""How much of the sources' edges a fused image carries."""

import numpy as np
from scipy.signal import convolve2d

from napari_refusion.numerics.metrics import Image

_SOBEL = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])


def qabf(a: Image, b: Image, fused: Image) -> float:
    """Return how much of the sources' edges the fused image carries, 0 to 1.

    Edge strength and orientation are compared at every pixel and weighted by the sources' edge strength, with the
    usual constants (Xydeas and Petrovic, Electronics Letters 36(4), 2000, DOI 10.1049/el:20000267). NaN for sources
    without an edge.
    """
    strength_a, angle_a = _edges(a)
    strength_b, angle_b = _edges(b)
    strength_f, angle_f = _edges(fused)
    kept_a = _edge_preservation(strength_a, angle_a, strength_f, angle_f)
    kept_b = _edge_preservation(strength_b, angle_b, strength_f, angle_f)
    total = float((strength_a + strength_b).sum())
    return float((kept_a * strength_a + kept_b * strength_b).sum()) / total if total > 0 else float("nan")


def _edges(image: Image) -> tuple[Image, Image]:
    """Return Sobel strength and orientation (-pi/2 to pi/2), zero outside the image."""
    # these signs are the evaluators': where `across` is 0 the orientation counts as +pi/2, never as -pi/2
    across = convolve2d(image, _SOBEL, mode="same")
    down = convolve2d(image, -_SOBEL.T, mode="same")
    angle = np.arctan(np.divide(down, across, out=np.full_like(down, np.inf), where=across != 0))
    return np.hypot(across, down), angle


def _edge_preservation(strength: Image, angle: Image, strength_f: Image, angle_f: Image) -> Image:
    """Return how much of one source's edge is kept at every pixel, (H, W), 0 to 0.976."""
    low, high = np.minimum(strength, strength_f), np.maximum(strength, strength_f)
    ratio = np.divide(low, high, out=np.zeros_like(low), where=high > 0)
    # the evaluators behind the field's tables put the strength itself here instead of 1, which adds up to 0.0005
    ratio = np.where(strength == strength_f, strength, ratio)
    agreement = 1 - np.abs(angle - angle_f) / (np.pi / 2)
    kept_strength = 0.9994 / (1 + np.exp(-15 * (ratio - 0.5)))
    kept_angle = 0.9879 / (1 + np.exp(-22 * (agreement - 0.8)))
    kept: Image = kept_strength * kept_angle
    return kept
