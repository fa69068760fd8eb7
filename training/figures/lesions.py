"""Planted lesions of both signs in both sources: how much of them the fused image shows, and how many it hides."""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.baselines import Fuse
from training.contrast_transfer import AMPLITUDE, HIDDEN, contrast_transfer
from training.tables import Row

KINDS: Final[Mapping[tuple[str, str], tuple[bool, float]]] = MappingProxyType(
    {
        ("contrast_transfer", "hidden"): (False, AMPLITUDE),
        ("shown_dark_a", "hidden_dark_a"): (False, -AMPLITUDE),
        ("shown_bright_b", "hidden_bright_b"): (True, AMPLITUDE),
        ("shown_dark_b", "hidden_dark_b"): (True, -AMPLITUDE),
    }
)
"""Names of a kind's two figures -> whether it is planted in b, and the lesion's height."""


def lesion_figures(fuse: Fuse, a: NDArray[np.float64], b: NDArray[np.float64]) -> Row:
    """Return the mean part shown and the share hidden of each of the four `KINDS` of lesions.

    A lesion is hidden where less than a fifth of it is left, see `contrast_transfer`. Both are NaN where a slice has
    no place for that kind: no dark lesion fits where the source is darker than the lesion is deep.

    Parameters
    ----------
    a, b
        Sources, (H, W) in [0, 1].
    """

    def fuse_swapped(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
        return fuse(second, first)

    figures: Row = {}
    for (shown, hidden), (is_in_b, amplitude) in KINDS.items():
        transfers = (
            contrast_transfer(fuse_swapped, b, a, amplitude) if is_in_b else contrast_transfer(fuse, a, b, amplitude)
        )
        figures[shown] = float(transfers.mean()) if transfers.size else math.nan
        figures[hidden] = float((transfers < HIDDEN).mean()) if transfers.size else math.nan
    return figures
