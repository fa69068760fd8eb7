"""Fusions without a network, to stand beside weights: those of `fusion.baselines`, and two by OpenCV."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.fusion import baselines
from napari_refusion.fusion.baselines import Baseline

Fuse = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]
"""Makes the fused image of two sources; all are (H, W) in [0, 1]."""


def exposure_fusion(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return two exposures weighted by contrast and by closeness to mid-grey, band by band, within [0, 1].

    By OpenCV with its default exponents; saturation does not count in grey images (Mertens, Kautz and Van Reeth,
    Computer Graphics Forum 28(1), 2009, DOI 10.1111/j.1467-8659.2008.01171.x).
    """
    import cv2

    exposures = [(image * 255).astype(np.float32) for image in (a, b)]
    fused = np.asarray(cv2.createMergeMertens().process(exposures), dtype=np.float64)
    return np.clip(fused.reshape(a.shape), 0.0, 1.0)


def focus_stacking(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sharper source, chosen by its local Laplacian energy, with edges of the choice along the image's.

    The squared Laplacian, blurred by a Gaussian of 3 pixels, is compared; the choice goes through a median of
    21 x 21 pixels and a guided filter of radius 8 and epsilon 0.001, its guide the mean of both sources (Li, Kang and
    Hu, IEEE TIP 22(7), 2013, DOI 10.1109/TIP.2013.2244222, in one band).
    """
    import cv2

    energies = [cv2.GaussianBlur(cv2.Laplacian(image, cv2.CV_64F, ksize=3) ** 2, (0, 0), 3.0) for image in (a, b)]
    sharper = np.where(energies[0] > energies[1], 255, 0).astype(np.uint8)
    choice = cv2.medianBlur(sharper, 21).astype(np.float64) / 255
    share = np.clip(_guided_filter((a + b) / 2, choice, radius=8, epsilon=1e-3), 0.0, 1.0)
    return share * a + (1 - share) * b


def _guided_filter(
    guide: NDArray[np.float64], image: NDArray[np.float64], radius: int, epsilon: float
) -> NDArray[np.float64]:
    """Return the image smoothed within the edges of the guide (He, Sun and Tang, DOI 10.1109/TPAMI.2012.213)."""
    import cv2

    def mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(cv2.blur(values, (2 * radius + 1, 2 * radius + 1)))

    mean_guide, mean_image = mean(guide), mean(image)
    slope = (mean(guide * image) - mean_guide * mean_image) / (mean(guide**2) - mean_guide**2 + epsilon)
    return mean(slope) * guide + mean(mean_image - slope * mean_guide)


RULES: Final[Mapping[str, Fuse]] = MappingProxyType(
    {**baselines.RULES, "exposure_fusion": exposure_fusion, "focus_stacking": focus_stacking}
)

BASELINES: Final[Mapping[str, Baseline]] = MappingProxyType(
    {name: Baseline(name, rule) for name, rule in RULES.items()}
)
"""The baselines as engines, by the name that ``--weights`` takes."""
