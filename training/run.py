"""What the steps of a run work with, and what they show the networks."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from training.batch import Batch, with_swapped
from training.checkpoint import RunState
from training.data import PairImages
from training.display import Display
from training.lesions import plant
from training.meta_cycle import MetaCycle
from training.ranks import Ranks
from training.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Run:
    """What a run works with, in one of its processes."""

    cycle: MetaCycle
    state: RunState
    images: PairImages
    device: torch.device
    ranks: Ranks
    display: Display


def set_rates(run: Run, *rates: tuple[str, float]) -> None:
    """Give optimizers, by name, what this cycle leaves of their rates."""
    for name, rate in rates:
        for group in run.state.optimizers[name].param_groups:
            group["lr"] = rate * run.images.recipe.rate_factor(run.state.cycle)


def shown(run: Run, pairs: Tensor, files: list[str], seed: list[int]) -> Batch:
    """Return pairs as the networks see them: with their swapped copies, and with lesions if the recipe has some."""
    recipe = run.images.recipe
    batch = with_swapped(pairs.to(run.device), functional_pairs(recipe, files).to(run.device))
    return batch._replace(planted=with_lesions(run, batch, seed)) if recipe.lesion_share else batch


def with_lesions(run: Run, batch: Batch, seed: list[int]) -> Tensor:
    """Return the batch's sources with the lesions of this cycle and process, (B, 2, H, W)."""
    random = np.random.default_rng([run.images.recipe.seed, run.state.cycle, *seed, run.ranks.rank])
    return plant(batch.sources, batch.functional, random)


def functional_pairs(recipe: Recipe, files: list[str]) -> Tensor:
    """Return 1 for pairs of the recipe's `functional` folders and 0 for others, (B,), by the files of first sources."""
    if not recipe.functional:
        return torch.ones(len(files))
    folders = [folder.parts for folder in recipe.functional_folders()]
    parents = [Path(file).parent.parts for file in files]
    return torch.tensor([float(any(parent[-len(folder) :] == folder for folder in folders)) for parent in parents])


def check_finite(ranks: Ranks, where: str, files: list[str], *values: Tensor) -> None:
    """Stop the run, in all processes at once, at the first value in any of them that is not finite.

    Raises
    ------
    FloatingPointError
        Naming the step and the images of the batches that it happened with.
    """
    finite = torch.stack([torch.isfinite(value).all() for value in values]).all()
    if ranks.all_agree(finite):
        return
    named = [name for part in ranks.from_all([] if bool(finite) else files) for name in part]
    raise FloatingPointError(f"{where}: a loss or gradient is not finite. Images: {', '.join(named)}")
