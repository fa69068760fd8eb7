"""Order of the sources: which one was opened first must not change what a reader sees."""

import numpy as np
from numpy.typing import NDArray

from training.baselines import Fuse
from training.tables import Row


def swapping_figures(fuse: Fuse, a: NDArray[np.float64], b: NDArray[np.float64], fused: NDArray[np.float64]) -> Row:
    """Return the mean absolute difference of F(b, a) from F(a, b), 0 to 255 grey levels.

    Parameters
    ----------
    a, b, fused
        Sources and ``fuse(a, b)``, (H, W) in [0, 1].
    """
    return {"swapping": float(np.abs(fuse(b, a) - fused).mean() * 255)}
