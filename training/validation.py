"""How good the fusion network is on held-out pairs while it is trained."""

import numpy as np

from training.data import PairImages
from training.evaluate import VALIDATION_METRICS, fuse_levels, grey_levels, measure
from training.figures.averages import means
from training.meta_cycle import MetaCycle

EVERY = 4
"""Only every fourth held-out pair is measured: neighbouring slices are alike."""


def validate(cycle: MetaCycle, pairs: PairImages | None) -> dict[str, float]:
    """Return the mean figures over the validation pairs, whole slices; empty without validation pairs."""
    if pairs is None:
        return {}
    rows = []
    for index in range(0, len(pairs), EVERY):
        a, b = grey_levels(pairs.whole(index).numpy().astype(np.float64))
        rows.append(measure(a, b, fuse_levels(cycle.fusion, a, b)))
    figures = means(rows)
    return {name: figures[name] for name in VALIDATION_METRICS}


def score(figures: dict[str, float]) -> float:
    """Return the one number by which the best weights are kept: edges kept plus mean structural similarity."""
    return figures["qabf"] + figures["ssim_sum"] / 2 if figures else 0.0
