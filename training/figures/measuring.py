"""All figures of one pair that go beyond its fused image: what the fusion makes of changed sources is asked here."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.baselines import Fuse
from training.figures.catalogue import EVERY, EXPOSURE, FIGURES, FOCUS, INFRARED, MEDICAL
from training.figures.exposures import exposure_figures
from training.figures.halos import halo_figures
from training.figures.identity import identity_figures
from training.figures.lesions import faint_figures, lesion_figures
from training.figures.levels import level_figures
from training.figures.noise import flat_noise_figures, noise_gain_figures
from training.figures.sets import SourcePair
from training.figures.swapping import swapping_figures
from training.figures.targets import target_figures
from training.figures.tumours import tumour_figures
from training.tables import Row


@dataclass(frozen=True, slots=True)
class Kind:
    """Figures that are measured together."""

    tasks: tuple[str, ...]
    measure: Callable[[Fuse, SourcePair, NDArray[np.float64]], Row]
    """Of a fusion, a pair and its fused image."""
    is_probed: bool = False
    """Whether they take further fusions, and so are measured in a few pairs of a set only."""


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "lesions": Kind(MEDICAL, lambda fuse, pair, _: lesion_figures(fuse, pair.a, pair.b), is_probed=True),
        "faint lesions": Kind(
            MEDICAL + INFRARED, lambda fuse, pair, _: faint_figures(fuse, pair.a, pair.b), is_probed=True
        ),
        "levels": Kind(EVERY, lambda _, pair, image: level_figures(pair.a, pair.b, image)),
        "identity": Kind(EVERY, lambda fuse, pair, _: identity_figures(fuse, pair.a, pair.b), is_probed=True),
        "swapping": Kind(
            EVERY, lambda fuse, pair, image: swapping_figures(fuse, pair.a, pair.b, image), is_probed=True
        ),
        "noise gain": Kind(
            EVERY, lambda fuse, pair, image: noise_gain_figures(fuse, pair.a, pair.b, image), is_probed=True
        ),
        "exposures": Kind(EXPOSURE, lambda _, pair, image: exposure_figures(pair.a, pair.b, image)),
        "halos": Kind(FOCUS, lambda _, pair, image: halo_figures(pair.a, pair.b, image)),
        "targets": Kind(INFRARED, lambda _, pair, image: target_figures(pair.a, image)),
        "flat noise": Kind(INFRARED, lambda _, pair, image: flat_noise_figures(pair.a, pair.b, image)),
        "tumours": Kind(MEDICAL, lambda fuse, pair, image: tumour_figures(fuse, pair.a, pair.b, image, pair.tumour)),
    }
)
"""Every kind of figure a reader understands."""


def seen_figures(fuse: Fuse, pair: SourcePair, image: NDArray[np.float64], is_probed: bool) -> Row:
    """Return the figures of all `KINDS`, NaN for those that a pair does not have.

    Parameters
    ----------
    image
        ``fuse(a, b)`` of the pair, (H, W) in [0, 1].
    is_probed
        Whether to measure what takes further fusions.
    """
    known = remembering(fuse, pair, image)
    figures = dict.fromkeys(FIGURES, math.nan)
    for kind in KINDS.values():
        if pair.task in kind.tasks and (is_probed or not kind.is_probed):
            figures |= kind.measure(known, pair, image)
    return figures


def remembering(fuse: Fuse, pair: SourcePair, image: NDArray[np.float64]) -> Fuse:
    """Return the same fusion, which knows the fused image of the unchanged pair already."""

    def fuse_changed(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
        return image if a is pair.a and b is pair.b else fuse(a, b)

    return fuse_changed
