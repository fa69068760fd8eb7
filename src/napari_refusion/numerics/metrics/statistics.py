"""Figures of one image alone, however well it shows its sources: grey levels, contrast, sharpness, background.

Noise raises all but the last, so a higher value alone does not mean a better image.
"""

import numpy as np

from napari_refusion.numerics.metrics import Image


def entropy(image: Image) -> float:
    """Return the entropy of the grey levels in bits, 0 to 8, of an image of whole levels (EN).

    By scikit-image (Shannon, Bell System Technical Journal 27(3), 1948, DOI 10.1002/j.1538-7305.1948.tb01338.x).
    """
    from skimage.measure import shannon_entropy

    return float(shannon_entropy(image, base=2))


def standard_deviation(image: Image) -> float:
    """Return the standard deviation of the grey levels, 0 to 127.5 (SD)."""
    return float(np.std(image))


def spatial_frequency(image: Image) -> float:
    """Return the root of the mean squared steps to the right plus those downwards, 0 to 361, in grey levels (SF).

    Each mean is over the steps that exist, W - 1 and H - 1 of them (Eskicioglu and Fisher, IEEE Transactions on
    Communications 43(12), 1995, DOI 10.1109/26.477498).
    """
    return float(np.sqrt(np.mean(np.diff(image, axis=1) ** 2) + np.mean(np.diff(image, axis=0) ** 2)))


def average_gradient(image: Image) -> float:
    """Return the mean of the root of half the squared gradient, in grey levels per pixel (AG).

    Central differences, one-sided at the border (Cui et al., Optics Communications 341, 2015,
    DOI 10.1016/j.optcom.2014.12.032).
    """
    down, across = np.gradient(image)
    return float(np.mean(np.sqrt((down**2 + across**2) / 2)))


def background_level(a: Image, b: Image, fused: Image) -> float:
    """Return the mean of the fused image where both sources are exactly black, 0 to 1; NaN if nowhere."""
    black = (a == 0) & (b == 0)
    return float(fused[black].mean() / 255) if black.any() else float("nan")
