"""Figures of merit of a fused image against its sources, all on 8-bit grey levels (0 to 255).

They follow the definitions that the field's tables are computed with, so that they can be compared. None of them says
whether a finding survived the fusion; a plain pixelwise maximum scores well on most.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import correlate1d
from scipy.signal import convolve2d

Image = NDArray[np.float64]
"""(H, W), grey levels 0 to 255."""

_SOBEL = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])


def qabf(a: Image, b: Image, fused: Image) -> float:
    """Return how much of the sources' edges the fused image carries, 0 to 1.

    Edge strength and orientation are compared at every pixel and weighted by the sources' edge strength, with the
    usual constants (Xydeas and Petrovic, Electronics Letters 36(4), 2000, DOI 10.1049/el:20000267).
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
    across = convolve2d(image, _SOBEL[:, ::-1], mode="same")
    down = convolve2d(image, _SOBEL.T[::-1], mode="same")
    angle = np.arctan(np.divide(down, across, out=np.full_like(down, np.inf), where=across != 0))
    return np.hypot(across, down), angle


def _edge_preservation(strength: Image, angle: Image, strength_f: Image, angle_f: Image) -> Image:
    low, high = np.minimum(strength, strength_f), np.maximum(strength, strength_f)
    ratio = np.divide(low, high, out=np.zeros_like(low), where=high > 0)
    agreement = 1 - np.abs(angle - angle_f) / (np.pi / 2)
    kept_strength = 0.9994 / (1 + np.exp(-15 * (ratio - 0.5)))
    kept_angle = 0.9879 / (1 + np.exp(-22 * (agreement - 0.8)))
    kept: Image = kept_strength * kept_angle
    return kept


def vif(source: Image, fused: Image) -> float:
    """Return the visual information fidelity of the fused image for one source, pixel domain, 1 for equal images.

    Four scales, noise variance 2 (Sheikh and Bovik, IEEE TIP 15(2), 2006, DOI 10.1109/TIP.2005.859378). Tables of the
    field give the sum over both sources. A constant source carries no information: the result is NaN.
    """
    carried = possible = 0.0
    for scale in range(4):
        size = 2 ** (4 - scale) + 1
        if scale > 0:
            source, fused = (_smooth(image, size)[::2, ::2] for image in (source, fused))
        if min(source.shape) < size:
            break
        scale_carried, scale_possible = _information(source, fused, size)
        carried += scale_carried
        possible += scale_possible
    return carried / possible if possible > 0 else float("nan")


def _information(source: Image, fused: Image, size: int, noise: float = 2.0) -> tuple[float, float]:
    """Return the information about the source in the fused image and in the source itself, in nats times 2."""
    mean_s, mean_f = _smooth(source, size), _smooth(fused, size)
    var_s = np.maximum(_smooth(source * source, size) - mean_s**2, 0)
    var_f = np.maximum(_smooth(fused * fused, size) - mean_f**2, 0)
    covariance = _smooth(source * fused, size) - mean_s * mean_f
    gain = covariance / (var_s + 1e-10)
    rest = var_f - gain * covariance
    gain, rest = np.where(var_s < 1e-10, 0.0, gain), np.where(var_s < 1e-10, var_f, rest)
    var_s = np.where(var_s < 1e-10, 0.0, var_s)
    gain, rest = np.where(var_f < 1e-10, 0.0, gain), np.where(var_f < 1e-10, 0.0, rest)
    rest = np.where(gain < 0, var_f, rest)
    gain = np.maximum(gain, 0.0)
    rest = np.maximum(rest, 1e-10)
    carried = np.log10(1 + gain**2 * var_s / (rest + noise)).sum()
    return float(carried), float(np.log10(1 + var_s / noise).sum())


def _smooth(image: Image, size: int) -> Image:
    """Return the Gaussian mean (sigma = size / 5) where the window lies wholly inside the image."""
    offsets = np.arange(size) - size // 2
    window = np.exp(-(offsets**2) / (2 * (size / 5) ** 2))
    window /= window.sum()
    smooth: Image = correlate1d(correlate1d(image, window, axis=0), window, axis=1)
    inside = slice(size // 2, -(size // 2))
    return smooth[inside, inside]


def ssim(source: Image, fused: Image) -> float:
    """Return the mean structural similarity with one source, -1 to 1, 1 for equal images.

    Gaussian window of sigma 1.5, data range 255 (Wang et al., IEEE TIP 13(4), 2004, DOI 10.1109/TIP.2003.819861), by
    scikit-image. Tables of the field give the sum over both sources, many with a wrong data range.
    """
    from skimage.metrics import structural_similarity

    value = structural_similarity(
        source, fused, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    return float(value)


def background_level(a: Image, b: Image, fused: Image) -> float:
    """Return the mean of the fused image where both sources are exactly black, 0 to 1; NaN if nowhere."""
    black = (a == 0) & (b == 0)
    return float(fused[black].mean() / 255) if black.any() else float("nan")
