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


FAINT: Final = 0.1
"""Height of a faint lesion: a fusion may show all that is 0.3 high and drop what is fainter."""


def faint_figures(fuse: Fuse, a: NDArray[np.float64], b: NDArray[np.float64]) -> Row:
    """Return the share of faint lesions, bright and dark together, that is hidden in each source.

    As in `lesion_figures`, NaN where a source has no place for any.
    """
    figures: Row = {}
    for name, is_in_b in (("faint_hidden_a", False), ("faint_hidden_b", True)):
        parts = np.concatenate([transfers(fuse, a, b, height, in_b=is_in_b) for height in (FAINT, -FAINT)])
        figures[name] = float((parts < HIDDEN).mean()) if parts.size else math.nan
    return figures


def transfers(
    fuse: Fuse, a: NDArray[np.float64], b: NDArray[np.float64], amplitude: float, *, in_b: bool
) -> NDArray[np.float64]:
    """Return the part shown of each lesion planted in one of the sources, (N,), see `contrast_transfer`."""
    if in_b:
        return contrast_transfer(lambda first, second: fuse(second, first), b, a, amplitude)
    return contrast_transfer(fuse, a, b, amplitude)


def lesion_figures(fuse: Fuse, a: NDArray[np.float64], b: NDArray[np.float64]) -> Row:
    """Return the mean part shown and the share hidden of each of the four `KINDS` of lesions.

    A lesion is hidden where less than a fifth of it is left, see `contrast_transfer`. Both are NaN where a slice has
    no place for that kind: no dark lesion fits where the source is darker than the lesion is deep.

    Parameters
    ----------
    a, b
        Sources, (H, W) in [0, 1].
    """
    figures: Row = {}
    for (shown, hidden), (is_in_b, amplitude) in KINDS.items():
        parts = transfers(fuse, a, b, amplitude, in_b=is_in_b)
        figures[shown] = float(parts.mean()) if parts.size else math.nan
        figures[hidden] = float((parts < HIDDEN).mean()) if parts.size else math.nan
    return figures
