"""Exposure fusion: structure of both exposures, detail in highlights and shadows, and what is blown or crushed."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion

from training.figures.mef_ssim import mef_ssim
from training.tables import Row

BLOWN: Final = 250 / 255
"""Values from here on count as blown out."""

CRUSHED: Final = 5 / 255
"""Values up to here count as crushed to black."""

INSIDE: Final = 2
"""Pixels from the edge of a clipped area that are left out: the edge itself is in both exposures."""

ENOUGH: Final = 0.005
"""Smallest part of an image that is clipped and has detail to keep."""


def exposure_figures(under: NDArray[np.float64], over: NDArray[np.float64], fused: NDArray[np.float64]) -> Row:
    """Return MEF-SSIM, the detail kept where one exposure is clipped, and the blown and crushed shares, each 0 to 1.

    Parameters
    ----------
    under, over, fused
        The darker and the brighter exposure and the fused image, (H, W) in [0, 1].
    """
    return {
        "mef_ssim": mef_ssim(under, over, fused),
        "highlights_kept": detail_kept(under, fused, over >= BLOWN),
        "shadows_kept": detail_kept(over, fused, under <= CRUSHED),
        "blown": float((fused >= BLOWN).mean()),
        "crushed": float((fused <= CRUSHED).mean()),
    }


def detail_kept(source: NDArray[np.float64], fused: NDArray[np.float64], clipped: NDArray[np.bool_]) -> float:
    """Return the share of a source's gradient that the fused image has where the other exposure is clipped, 0 to 1.

    The component of the fused image's gradient along the source's, from 0 to its own length, summed and divided by the
    sum of these lengths: an edge that runs the other way, or an enlarged one, makes up for nothing. NaN where hardly
    anything is clipped or the source is flat there.
    """
    down, across, down_f, across_f = np.stack([*np.gradient(source), *np.gradient(fused)])
    length = np.hypot(down, across)
    there = binary_erosion(clipped, iterations=INSIDE) & (length > 0)
    if there.mean() < ENOUGH:
        return math.nan
    strengths: NDArray[np.float64] = length[there]
    along = (down[there] * down_f[there] + across[there] * across_f[there]) / strengths
    return float(np.clip(along, 0.0, strengths).sum() / strengths.sum())
