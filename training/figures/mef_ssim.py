"""MEF-SSIM: how much of the structure of two exposures a fused image has (Ma, Zeng and Wang, IEEE TIP 24(11), 2015).

A patch without its mean has a contrast, its norm, and a structure, its direction. The wanted patch has the larger of
both contrasts and a weighted mean of both structures, so an exposure that is clipped there does not count; the fused
patch is compared with it by the contrast and structure terms of the structural similarity, which leave brightness out
(DOI 10.1109/TIP.2015.2442920).
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import correlate1d

PATCH: Final = 11
"""Pixels along the side of a patch."""

SIGMA: Final = 1.5
"""Standard deviation of the Gaussian that weighs a patch in the comparison, in pixels."""

STABILISER: Final = (0.03 * 255) ** 2
"""C of the structural similarity, for grey levels."""

LARGEST_POWER: Final = 10.0
"""Limit of p; the authors' program has the same, where it stands for the larger contrast alone."""

SCALES: Final = (0.0448, 0.2856, 0.3001)
"""Weights of the scales, each half as fine as the one before, divided by their sum: those of multi-scale SSIM."""

Image = NDArray[np.float64]


def mef_ssim(first: Image, second: Image, fused: Image) -> float:
    """Return the structural similarity of a fused image with two exposures, over three scales, at most 1.

    Parameters
    ----------
    first, second, fused
        (H, W) in [0, 1]; NaN for images smaller than a patch on the coarsest scale.
    """
    images = [255 * image for image in (first, second, fused)]
    if min(fused.shape) < PATCH * 2 ** (len(SCALES) - 1):
        return float("nan")
    product = 1.0
    for weight in SCALES:
        product *= max(similarity(*images), 0.0) ** (weight / sum(SCALES))
        images = [_halved(image) for image in images]
    return product


def similarity(first: Image, second: Image, fused: Image) -> float:
    """Return the mean similarity of all patches on one scale, of (H, W) grey levels 0 to 255.

    Structures are weighted by ``norm**p`` with ``p = tan(pi R / 2)``, where R, the norm of the sum over the sum of the
    norms, says how far they agree: 1 for equal ones, which leaves the stronger alone, 0 for opposite ones.
    """
    flat = Moments(*_moments(first, second, fused, np.full(PATCH, 1 / PATCH)))
    place = np.arange(PATCH) - PATCH // 2
    bell = np.exp(-(place**2) / (2 * SIGMA**2))
    weighted = Moments(*_moments(first, second, fused, bell / bell.sum()))
    share_first, share_second = _wanted(flat)
    # the wanted patch is share_first * first + share_second * second, so its moments follow from theirs
    variance = (
        share_first**2 * weighted.first
        + share_second**2 * weighted.second
        + 2 * share_first * share_second * weighted.both
    )
    common = share_first * weighted.first_fused + share_second * weighted.second_fused
    return float(((2 * common + STABILISER) / (variance + weighted.fused + STABILISER)).mean())


class Moments(NamedTuple):
    """Variances and covariances in every patch, (H - 10, W - 10) each."""

    first: Image
    second: Image
    fused: Image
    both: Image
    """Of the exposures with each other."""
    first_fused: Image
    second_fused: Image


def _moments(first: Image, second: Image, fused: Image, window: NDArray[np.float64]) -> list[Image]:
    """Return the moments by a window that is the same along rows and columns, its sum 1."""

    def mean(image: Image) -> Image:
        inside = slice(PATCH // 2, -(PATCH // 2))
        found: Image = correlate1d(correlate1d(image, window, axis=0), window, axis=1)[inside, inside]
        return found

    pairs = ((first, first), (second, second), (fused, fused), (first, second), (first, fused), (second, fused))
    found = [mean(one * other) - mean(one) * mean(other) for one, other in pairs]
    return [np.maximum(moment, 0.0) if index < 3 else moment for index, moment in enumerate(found)]


def _wanted(patch: Moments) -> tuple[Image, Image]:
    """Return by what each exposure's patch, less its mean, is multiplied to add up to the wanted patch."""
    norms = PATCH * np.sqrt([patch.first, patch.second])
    total = PATCH * np.sqrt(np.maximum(patch.first + patch.second + 2 * patch.both, 0.0))
    agreement = np.minimum(_ratio(total, norms.sum(axis=0)), 1 - 1e-12)
    power = np.minimum(np.tan(np.pi / 2 * agreement), LARGEST_POWER)
    contrast = norms.max(axis=0)
    weights = _ratio(norms, contrast) ** power  # relative to the larger norm: only their ratio counts
    shares = _ratio(weights, norms)
    length = PATCH * np.sqrt(
        np.maximum(
            shares[0] ** 2 * patch.first + shares[1] ** 2 * patch.second + 2 * shares[0] * shares[1] * patch.both, 0.0
        )
    )
    scale = _ratio(contrast, length)
    return scale * shares[0], scale * shares[1]


def _ratio(above: Image, below: Image) -> Image:
    """Return a quotient, 0 where the divisor is 0 but for rounding."""
    above, below = np.broadcast_arrays(above, below)
    return np.divide(above, below, out=np.zeros(above.shape), where=below > 1e-6)


def _halved(image: Image) -> Image:
    """Return the means of 2 x 2 pixels; the last row or column of an odd size is doubled."""
    height, width = image.shape
    even = np.pad(image, ((0, height % 2), (0, width % 2)), mode="edge")
    rows, columns = even.shape
    means: Image = even.reshape(rows // 2, 2, columns // 2, 2).mean(axis=(1, 3))
    return means
