"""The data of a run on its device, and what one step draws of them."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from training.gpu.augment import augmented
from training.gpu.held_out import HeldOut, held_out
from training.gpu.kinds import KINDS, SHARP
from training.gpu.pairs import Pairs, gathered
from training.gpu.recipe import TimedRecipe
from training.gpu.sampling import crops
from training.pack.reading import PackedSet
from training.picture.examples import QUARTER, Examples, examples

MARGIN = 24
"""Pixels that a sharp image is larger than the pair that is made from it; see `focus.refocused`."""

EACH = 4
"""Held-out pairs of every kind."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a run is trained on and judged by, on its device."""

    pairs: Pairs
    """The pairs of the task."""
    sharp: Pairs | None
    """Pictures that are sharp all over; None where the loss does not ask for them."""
    held_out: list[HeldOut]
    """Pairs of patients and scenes that are not trained on, by kind."""
    described: str
    """What the run is trained on, in words."""
    pack: str = ""
    """SHA-256 of the data of the pack that all this is from; empty where it is not known."""


def given_by(packed: Mapping[str, PackedSet], recipe: TimedRecipe, device: torch.device, pack: str = "") -> Given:
    """Return the data of a pack that a recipe is trained on.

    Parameters
    ----------
    packed
        The sets of the pack, as `read_pack` returns them.
    pack
        Hash of the pack's data; a run goes on with the same data alone.

    Raises
    ------
    ValueError
        Naming a set that the pack lacks.
    """
    kinds = KINDS[recipe.task]
    pairs = gathered(packed, kinds, device)
    sharp = gathered(packed, SHARP, device) if recipe.loss.refocused else None
    names = ", ".join(sorted({kind.packed for kind in kinds}))
    return Given(pairs, sharp, held_out(packed, kinds, EACH, device), f"{len(pairs.images)} pairs of {names}", pack)


def drawn(given: Given, recipe: TimedRecipe, side: int) -> Examples:
    """Return the examples of one step: as many crops of a side as the recipe's pixels are, a multiple of four."""
    count = max(QUARTER, recipe.pixels // side**2 // QUARTER * QUARTER)
    sources, functional = crops(given.pairs, count, side)
    if recipe.augment:
        sources = augmented(sources, functional)
    sharp = None
    if given.sharp is not None:
        sharp = crops(given.sharp, count // 2, side + MARGIN)[0][:, :1]
    return examples(sources, recipe.loss, sharp)
