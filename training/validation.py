"""How good the fusion network is for a reader, on held-out pairs, while it is trained."""

import math
import time
from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.model.fusion_net import FusionNet
from training.baselines import Fuse
from training.contenders import engine_of
from training.contrast_transfer import HIDDEN
from training.data import PairImages
from training.evaluate import VALIDATION_METRICS, grey_levels, measure
from training.figures.averages import means
from training.figures.lesions import KINDS, transfers
from training.figures.levels import level_figures
from training.figures.sets import spread
from training.recipe import Recipe
from training.tables import Row

EVERY: Final = 4
"""Only every fourth held-out pair is measured: neighbouring slices are alike."""

LESIONS: Final = 4
"""Pairs, spread over those that are measured, in which lesions are planted: that takes many fusions."""

READER_FIGURES: Final = ("hidden", "transfer", "above", "identity")
"""Figures of `lesion_figures` and `sanity_figures`, which come first in the score."""

VALIDATED: Final = (*READER_FIGURES, *VALIDATION_METRICS)
"""All figures of a validation."""

ALLOWED: Final = {"hidden": 0.005, "above": 0.05, "identity": 0.01}
"""What costs nothing: half a percent of lesions hidden, 5 % of the foreground above both sources, and F(a, a) within
1 % of the full scale."""


def validate(fusion: FusionNet, pairs: PairImages | None) -> dict[str, float]:
    """Return the mean figures `VALIDATED` over the validation pairs, whole slices; empty without validation pairs."""
    if pairs is None:
        return {}
    fuse = engine_of(fusion).fuse
    indices = range(0, len(pairs), EVERY)
    with_lesions = {indices[place] for place in spread(len(indices), LESIONS)}
    rows = []
    for index in indices:
        a, b = pairs.whole(index).numpy().astype(np.float64)
        fused = fuse(a, b)
        published = measure(grey_levels(a), grey_levels(b), grey_levels(fused))
        lesions = lesion_figures(fuse, a, b) if index in with_lesions else {"hidden": math.nan, "transfer": math.nan}
        rows.append(lesions | sanity_figures(fuse, a, b, fused) | published)
    figures = means(rows)
    return {name: figures[name] for name in VALIDATED}


def lesion_figures(fuse: Fuse, a: NDArray[np.float64], b: NDArray[np.float64]) -> Row:
    """Return what becomes of bright and dark lesions planted in either source, see `contrast_transfer`.

    ``transfer`` is the mean part that shows, of the kind of lesion that shows least; ``hidden`` the share of all places
    where less than a fifth shows. NaN where no lesion fits.

    Parameters
    ----------
    a, b
        Sources, (H, W) in [0, 1].
    """
    kinds = [transfers(fuse, a, b, amplitude, in_b=in_b) for in_b, amplitude in KINDS.values()]
    known = [parts for parts in kinds if parts.size]
    if not known:
        return {"hidden": math.nan, "transfer": math.nan}
    return {
        "hidden": float((np.concatenate(known) < HIDDEN).mean()),
        "transfer": min(float(parts.mean()) for parts in known),
    }


def sanity_figures(fuse: Fuse, a: NDArray[np.float64], b: NDArray[np.float64], fused: NDArray[np.float64]) -> Row:
    """Return what a fusion invents, each 0 to 1, of sources and their fused image, (H, W) in [0, 1].

    ``above`` is ``above_both`` of `levels.level_figures`; ``identity`` the mean absolute difference of F(x, x) from x,
    of the source where it is larger.
    """
    return {
        "above": level_figures(a, b, fused)["above_both"],
        "identity": max(float(np.abs(fuse(source, source) - source).mean()) for source in (a, b)),
    }


def score(figures: Mapping[str, float]) -> float:
    """Return the one number by which the best weights are kept, higher is better; 0 without figures.

    ``-1000 hidden - 100 identity - 10 above + 10 transfer + qabf + vif / 2``, of hidden, identity and above what passes
    `ALLOWED`. So what a reader needs decides before what the field counts: one lesion in a hundred that is hidden
    outweighs any transfer, and 0.1 of transfer, a tenth of the foreground above both sources or 1 % of error in
    F(a, a) outweigh what Qabf and VIF usually differ by. A figure that no pair has counts 0.
    """
    known = {name: 0.0 if math.isnan(value) else value for name, value in figures.items()}
    if not known:
        return 0.0
    passed = {name: max(0.0, known[name] - allowed) for name, allowed in ALLOWED.items()}
    reader = -1000 * passed["hidden"] - 100 * passed["identity"] - 10 * passed["above"] + 10 * known["transfer"]
    return reader + known["qabf"] + known["vif"] / 2


class Schedule:
    """When a run is validated: every so many cycles, after the last one, and every so many minutes."""

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._last = time.monotonic()

    def is_due(self, finished: int) -> bool:
        """Return whether to validate after this number of cycles; if so, the minutes count from here."""
        recipe, now = self._recipe, time.monotonic()
        due = finished == recipe.cycles or finished % recipe.validate_every == 0
        if due or 0 < recipe.validate_minutes <= (now - self._last) / 60:
            self._last = now
            return True
        return False
