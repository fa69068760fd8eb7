"""The two halves of a cycle, step by step: learn the loss, then fuse and reconstruct with it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from training.checkpoint import RunState
from training.data import PairImages
from training.display import Display
from training.lesions import plant
from training.log import CycleFigures, leaning
from training.meta_cycle import Batch, Lesions, MetaCycle, Params, with_swapped
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


def run_cycle(run: Run) -> CycleFigures:
    """Run both halves of one cycle and count it as finished; return its figures, means over all processes."""
    learnt = learn_the_loss(run)
    losses = fuse_and_reconstruct(run)
    pairs, _ = next(run.images.batches(run.state.cycle, 1, 1, run.ranks.rank, run.ranks.count))
    with torch.no_grad():
        leans = leaning(run.cycle.proposal(pairs.to(run.device)))
    figures = torch.tensor([*losses, *learnt, *leans], dtype=torch.float64)
    run.ranks.average([figures])
    run.state.cycle += 1
    return CycleFigures(*figures.tolist())


def learn_the_loss(run: Run) -> tuple[float, float]:
    """Let P learn in this cycle; return the mean outer loss and the largest meta-gradient, NaN for no meta step.

    Every process has meta-tasks of its own; P moves along the mean of their gradients. All of this is in float32, for
    second-order gradients of 1e-9 are below what bfloat16 keeps of the sums that they come from.
    """
    recipe, number, ranks = run.images.recipe, run.state.cycle, run.ranks
    factor, share = recipe.rate_factor(number), recipe.gradient_share_at(number)
    batches = run.images.batches(number, 0, 2 * recipe.meta_steps, ranks.rank, ranks.count)
    total: Params = {}
    losses, largest = [], []
    for step in range(recipe.meta_steps):
        (train, files), (test, more_files) = next(batches), next(batches)
        trial = run.cycle.inner(with_swapped(train.to(run.device)), factor * recipe.inner_rate, share)
        loss, grads = run.cycle.outer(trial, with_swapped(test.to(run.device)))
        check_finite(ranks, f"cycle {number}, meta step {step}", files + more_files, loss, *grads.values())
        total = {name: total[name] + grad if total else grad for name, grad in grads.items()}
        losses.append(float(loss))
        if (step + 1) % recipe.accumulate == 0:
            ranks.average(list(total.values()))
            largest.append(run.cycle.propose_better_losses(total, factor * recipe.proposal_rate))
            total = {}
        run.display.step()
    return (float(np.mean(losses)), max(largest)) if losses else (np.nan, np.nan)


def fuse_and_reconstruct(run: Run) -> tuple[float, float]:
    """Train F and R in this cycle; return the means of both losses.

    The recipe may ask for bfloat16 here: parameters, their gradients and the optimizers stay float32.
    """
    recipe, number, ranks = run.images.recipe, run.state.cycle, run.ranks
    fusion, reconstruction = run.state.optimizers["fusion"], run.state.optimizers["reconstruction"]
    share = recipe.gradient_share_at(number)
    for optimizer in (fusion, reconstruction):
        for group in optimizer.param_groups:
            group["lr"] = recipe.refine_rate * recipe.rate_factor(number)
    lean = torch.autocast(run.device.type, torch.bfloat16, enabled=recipe.refine_precision == "bfloat16")
    means = []
    batches = run.images.batches(number, 1, recipe.refine_steps, ranks.rank, ranks.count)
    for step, (pairs, files) in enumerate(batches):
        batch = with_swapped(pairs.to(run.device), functional_pairs(recipe, files).to(run.device))
        lesions = planted(run, batch, step)
        with lean:
            losses = run.cycle.refine(batch, fusion, reconstruction, share, lesions)
        check_finite(ranks, f"cycle {number}, refine step {step}", files, *losses, *gradients(run.cycle))
        means.append([float(loss) for loss in losses])
        run.display.step()
    return tuple(np.mean(means, axis=0).tolist())


def functional_pairs(recipe: Recipe, files: list[str]) -> Tensor:
    """Return 1 for pairs of the recipe's `functional` folders and 0 for others, (B,), by the files of first sources."""
    if not recipe.functional:
        return torch.ones(len(files))
    folders = tuple(f"/{first}" for first, _ in recipe.pairs if first.startswith(recipe.functional))
    return torch.tensor([float(Path(file).parent.as_posix().endswith(folders)) for file in files])


def planted(run: Run, batch: Batch, step: int) -> Lesions | None:
    """Return the batch with lesions of this step and process, None if the recipe has none."""
    recipe = run.images.recipe
    if not recipe.lesion_share:
        return None
    random = np.random.default_rng([recipe.seed, run.state.cycle, step, run.ranks.rank])
    return Lesions(plant(batch.sources, batch.functional, random), recipe.lesion_share, recipe.lesion_kept)


def gradients(cycle: MetaCycle) -> list[Tensor]:
    """Return the gradients that the last refine step left in F and R."""
    params = [*cycle.fusion.parameters(), *cycle.reconstruction.parameters()]
    return [param.grad for param in params if param.grad is not None]


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
