"""Figures of merit of the fused slices of a case, by the definitions of `numerics.metrics`.

They say how much of both sources the fused image holds, never whether a finding survived.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from napari_refusion.evidence.measures import fused_images
from napari_refusion.numerics.metrics import Image
from napari_refusion.numerics.metrics.edges import qabf
from napari_refusion.numerics.metrics.information import vif
from napari_refusion.numerics.metrics.similarity import mean_inside, ssim_map
from napari_refusion.volume.affine import AXES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_refusion.fusion.partial import PartialFusion

METRICS: Final[Mapping[str, Callable[[Image, Image, Image], float]]] = MappingProxyType(
    {
        "qabf": qabf,
        "vif": lambda a, b, fused: vif(a, fused) + vif(b, fused),
        "ssim_sum": lambda a, b, fused: mean_inside(ssim_map(a, fused) + ssim_map(b, fused)),
    }
)
"""Name -> figure of two sources and what they are fused to; those that `napari-refusion weights` prints."""

TITLES: Final[Mapping[str, str]] = MappingProxyType({"qabf": "Qabf", "vif": "VIF, sum", "ssim_sum": "SSIM, sum"})
"""Name -> what a page calls it."""

_SMALLEST: Final = 32
"""Pixels along a side; what smaller slices are compared by, windows and four scales, does not fit into them."""


def slice_metrics(partial: PartialFusion, body: NDArray[np.bool_]) -> dict[str, NDArray[np.float64]]:
    """Return the figures of each slice of a whole fusion, (n,); NaN where it does not show the body, or is tiny.

    Parameters
    ----------
    body
        (n,) which slices show the body.
    """
    found = {name: np.full(len(body), np.nan) for name in METRICS}
    if min(np.delete(partial.fused.shape, AXES[partial.axis])) < _SMALLEST:
        return found
    for index in np.flatnonzero(body).tolist():
        one = fused_images(partial, index)
        images = [np.round(image.astype(np.float64) * 255) for image in (one.a, one.b, one.fused)]
        for name, metric in METRICS.items():
            found[name][index] = metric(images[0], images[1], images[2])
    return found
