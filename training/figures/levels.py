"""Brightness of a fused image beside its sources: saturated, above or below both, and the level of dark places.

The brighter source, ``max(a, b)`` at every pixel, is what a fused image without amplification does not exceed: an image
far above it shows brightness that no source has, and one that saturates shows no structure at all.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.tables import Row

FOREGROUND: Final = 0.02
"""Smallest value of the brighter source that counts as foreground."""

SATURATED: Final = 0.98
"""Values above count as saturated."""

TOLERANCE: Final = 0.05
"""How far a pixel may lie above or below both sources: 13 of 255 grey levels."""

DARKEST: Final = 0.1
"""Share of the pixels, those where the brighter source is darkest, that are the dark places."""


def level_figures(a: NDArray[np.float64], b: NDArray[np.float64], fused: NDArray[np.float64]) -> Row:
    """Return shares and levels, each 0 to 1, of a fused image, and of the brighter source where that is the measure.

    ``saturated`` is a share of all pixels; ``above_both``, ``below_both`` and ``median`` are of the foreground, NaN
    where there is none. ``dark_level`` is the mean where the brighter source is at most at its tenth percentile: in a
    slice with a black background that is the background, in one without, as in a template whose air is not zero, its
    darkest corner.

    Parameters
    ----------
    a, b, fused
        (H, W) in [0, 1].
    """
    brighter, darker = np.maximum(a, b), np.minimum(a, b)
    foreground = brighter > FOREGROUND
    dark = brighter <= np.quantile(brighter, DARKEST)
    return {
        "saturated": float((fused > SATURATED).mean()),
        "saturated_sources": float((brighter > SATURATED).mean()),
        "above_both": _share(fused > brighter + TOLERANCE, foreground),
        "below_both": _share(fused < darker - TOLERANCE, foreground),
        "median": float(np.median(fused[foreground])) if foreground.any() else float("nan"),
        "median_sources": float(np.median(brighter[foreground])) if foreground.any() else float("nan"),
        "dark_level": float(fused[dark].mean()),
        "dark_level_sources": float(brighter[dark].mean()),
    }


def _share(found: NDArray[np.bool_], foreground: NDArray[np.bool_]) -> float:
    return float(found[foreground].mean()) if foreground.any() else float("nan")
