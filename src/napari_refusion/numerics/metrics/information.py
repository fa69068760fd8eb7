"""How much of the sources' information a fused image carries."""

import numpy as np
from scipy.ndimage import correlate1d

from napari_refusion.numerics.metrics import Image


def mutual_information(source: Image, fused: Image) -> float:
    """Return the mutual information of two images of whole grey levels in nats, 0 to 5.5 (MI).

    One bin for each of the 256 levels. Tables of the field give the sum over both sources, some in bits (Qu et al.,
    Electronics Letters 38(7), 2002, DOI 10.1049/el:20020212).
    """
    pairs = np.bincount((256 * source + fused).astype(np.intp).ravel(), minlength=256**2).reshape(256, 256)
    joint = pairs / source.size
    apart = np.outer(joint.sum(axis=1), joint.sum(axis=0))
    seen = joint > 0
    return float(np.sum(joint[seen] * np.log(joint[seen] / apart[seen])))


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
