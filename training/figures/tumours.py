"""Real lesions by their masks: how much of a tumour's uptake the fused image shows."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, gaussian_filter

from training.baselines import Fuse
from training.tables import Row

NEAR: Final = 3
"""Pixels around the mask that belong neither to the tumour nor to its surroundings: PET blurs its edge."""

FAR: Final = 7
"""Pixels around the mask where the surroundings end."""

TISSUE: Final = 0.05
"""Smallest uptake of surroundings, so that air beside a limb is not one."""

ENOUGH: Final = 20
"""Fewest pixels of surroundings."""

FAINT: Final = 0.05
"""A tumour that stands out less in PET has no contrast of which a part could be shown."""


def tumour_figures(
    fuse: Fuse,
    a: NDArray[np.float64],
    b: NDArray[np.float64],
    fused: NDArray[np.float64],
    tumour: NDArray[np.bool_] | None,
) -> Row:
    """Return how much of a tumour in the first source the fused image shows, in two ways.

    ``tumour_contrast`` is the mean of the fused image in the mask less that of the ring around it, divided by the same
    of PET, as in a contrast recovery (NEMA NU 2-2018, section 7) with PET in the place of the truth: the second source
    may add contrast of its own. ``tumour_removal`` removes the tumour from PET (levelled to the median of the ring)
    and divides the change of the fused image in the tumour's core by that of PET, so it counts what PET alone brings.

    Parameters
    ----------
    a, b, fused
        PET, the anatomical source and ``fuse(a, b)``, (H, W) in [0, 1].
    tumour
        (H, W), True in the tumour; without one, or without surroundings, both figures are NaN.
    """
    if tumour is None or not tumour.any():
        return dict.fromkeys(("tumour_contrast", "tumour_removal"), math.nan)
    ring = binary_dilation(tumour, iterations=FAR) & ~binary_dilation(tumour, iterations=NEAR) & (a > TISSUE)
    if ring.sum() < ENOUGH:
        return dict.fromkeys(("tumour_contrast", "tumour_removal"), math.nan)
    contrast = a[tumour].mean() - a[ring].mean()
    shown = fused[tumour].mean() - fused[ring].mean()
    without = removed(a, tumour, float(np.median(a[ring])))
    change = a - without
    core = tumour & (change > 0.5 * change[tumour].max())
    removal = (fused - fuse(without, b))[core].mean() / change[core].mean() if core.any() else math.nan
    return {
        "tumour_contrast": float(shown / contrast) if contrast > FAINT else math.nan,
        "tumour_removal": float(removal),
    }


def removed(source: NDArray[np.float64], tumour: NDArray[np.bool_], level: float) -> NDArray[np.float64]:
    """Return a source, (H, W) in [0, 1], with its tumour lowered to a level, softly over the mask's edge."""
    share = gaussian_filter(binary_dilation(tumour, iterations=NEAR).astype(np.float64), 2.0)
    return (1 - share) * source + share * np.minimum(source, level)
