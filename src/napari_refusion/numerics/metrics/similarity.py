"""How alike a fused image and its sources are."""

import numpy as np

from napari_refusion.numerics.metrics import Image


def scd(a: Image, b: Image, fused: Image) -> float:
    """Return the sum of the correlations of differences, -2 to 2 (SCD); NaN where a difference is flat.

    What the fused image has beyond one source is correlated with the other one (Aslantas and Bendes, AEU 69(12), 2015,
    DOI 10.1016/j.aeue.2015.09.004).
    """
    return correlation(a, fused - b) + correlation(b, fused - a)


def correlation(first: Image, second: Image) -> float:
    """Return Pearson's correlation, -1 to 1, NaN if either image is flat."""
    first, second = first - first.mean(), second - second.mean()
    norm = float(np.sqrt((first**2).sum() * (second**2).sum()))
    return float((first * second).sum()) / norm if norm > 0 else float("nan")


def ssim_map(source: Image, fused: Image) -> Image:
    """Return the structural similarity with one source at every pixel, (H, W), -1 to 1, 1 for equal images.

    Gaussian window of sigma 1.5 within 11 x 11 pixels, data range 255 (Wang et al., IEEE TIP 13(4), 2004,
    DOI 10.1109/TIP.2003.819861), by scikit-image. Many tables of the field have a wrong data range.

    Raises
    ------
    ValueError
        If the images are smaller than the window.
    """
    from skimage.metrics import structural_similarity

    similarity: Image = structural_similarity(
        source, fused, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, full=True
    )[1]
    return similarity


def mean_inside(similarity: Image) -> float:
    """Return the mean of a map of `ssim_map` where its window lies wholly inside the image."""
    return float(similarity[5:-5, 5:-5].mean())


def mean_on_foreground(similarity: Image, a: Image, b: Image) -> float:
    """Return the mean of a map of `ssim_map` where either source is above 5 grey levels; NaN if nowhere.

    More than half of a medical slice is black, so the plain mean says mostly whether the background stayed black.
    """
    foreground = np.maximum(a, b) > 5
    return float(similarity[foreground].mean()) if foreground.any() else float("nan")
