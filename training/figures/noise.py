"""Noise: how much of what is added to the sources the fused image shows, and how noisy it is beside noisy sources."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from training.baselines import Fuse
from training.figures.levels import FOREGROUND
from training.tables import Row

SIGMA: Final = 0.03
"""Standard deviation of the added white noise, where 1 is the full scale."""

FLAT: Final = 0.5
"""Share of the foreground, that with the weakest gradients, that counts as flat."""

FINE: Final = 2.0
"""Standard deviation in pixels of the Gaussian that leaves the noise of an image over when it is taken away."""

Image = NDArray[np.float64]


def noise_gain_figures(fuse: Fuse, a: Image, b: Image, fused: Image) -> Row:
    """Return how much of added noise the fused image shows in flat areas; NaN where there are none.

    The standard deviation of the change of the fused image divided by that of the noise. ``noise_gain`` is the mean of
    noise in a alone and in b alone, as scanners differ: one half for the mean of both sources, 1 for a copy of either
    one, whose other gain is 0, so its mean is one half, too. ``noise_gain_both`` has independent noise in both at once:
    the root of one half for their mean, 1 for a choice of one source at every pixel.

    Parameters
    ----------
    a, b, fused
        Sources and ``fuse(a, b)``, (H, W) in [0, 1]. Noise that leaves this range is cut off, and what is left counts.
    """
    flat = flat_areas(a, b)
    if not flat.any():
        return dict.fromkeys(("noise_gain", "noise_gain_both"), math.nan)
    random = np.random.default_rng(0)
    noisy_a, noisy_b = (np.clip(source + random.normal(0, SIGMA, source.shape), 0, 1) for source in (a, b))
    added_a, added_b = (noisy_a - a)[flat].std(), (noisy_b - b)[flat].std()

    def shown(first: Image, second: Image) -> float:
        return float((fuse(first, second) - fused)[flat].std())

    return {
        "noise_gain": float((shown(noisy_a, b) / added_a + shown(a, noisy_b) / added_b) / 2),
        "noise_gain_both": shown(noisy_a, noisy_b) / math.sqrt((added_a**2 + added_b**2) / 2),
    }


def flat_areas(a: Image, b: Image) -> NDArray[np.bool_]:
    """Return where neither source has an edge, (H, W): half of the foreground, that with the weakest gradients."""
    foreground = np.maximum(a, b) > FOREGROUND
    if not foreground.any():
        return foreground
    strength = np.maximum(*(np.hypot(*np.gradient(gaussian_filter(source, 1.0))) for source in (a, b)))
    flat: NDArray[np.bool_] = foreground & (strength <= np.quantile(strength[foreground], FLAT))
    return flat


def flat_noise_figures(a: Image, b: Image, fused: Image) -> Row:
    """Return the noise of the fused image in flat areas, divided by that of the noisier source.

    Noise is the standard deviation of what a Gaussian of 2 pixels smooths away; NaN where neither source has any.

    Parameters
    ----------
    a, b, fused
        (H, W) in [0, 1].
    """
    flat = flat_areas(a, b)
    if not flat.any():
        return {"flat_noise": math.nan}
    of_a, of_b, of_fused = ((image - gaussian_filter(image, FINE))[flat].std() for image in (a, b, fused))
    noisier = max(of_a, of_b)
    return {"flat_noise": float(of_fused / noisier) if noisier > 0 else math.nan}
