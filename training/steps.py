"""The two halves of a cycle: learn the loss, then fuse and reconstruct with it."""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from training.averaged import follow, remaining_part
from training.log import CycleFigures, leaning
from training.meta_cycle import MetaCycle
from training.proposal_steps import image_steps, parameter_steps
from training.refine_loss import refine_loss
from training.run import Run, check_finite, set_rates, shown


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
    """Let P learn in this cycle; return the mean outer loss and the largest gradient of P, NaN for no meta step.

    Every process has meta-tasks of its own; P moves along the mean of their gradients. All of this is in float32, for
    second-order gradients of 1e-9 are below what bfloat16 keeps of the sums that they come from.
    """
    if not run.images.recipe.meta_steps:
        return np.nan, np.nan
    by_image = run.images.recipe.trial == "image"
    losses, largest = zip(*(image_steps(run) if by_image else parameter_steps(run)), strict=True)
    return float(np.mean(losses)), max(largest)


def fuse_and_reconstruct(run: Run) -> tuple[float, float]:
    """Train F and R in this cycle; return the means of both losses.

    The recipe may ask for bfloat16 here: parameters, their gradients and the optimizers stay float32.
    """
    recipe, number, ranks = run.images.recipe, run.state.cycle, run.ranks
    fusion, reconstruction = run.state.optimizers["fusion"], run.state.optimizers["reconstruction"]
    set_rates(run, ("fusion", recipe.refine_rate), ("reconstruction", recipe.refine_rate))
    cycle = replace(run.cycle, loss=refine_loss(recipe, number))
    means = []
    batches = run.images.batches(number, 1, recipe.refine_steps, ranks.rank, ranks.count)
    for step, (pairs, files) in enumerate(batches):
        batch = shown(run, pairs, files, [step])
        losses = cycle.refine(batch, fusion, reconstruction, bfloat16=recipe.refine_precision == "bfloat16")
        check_finite(ranks, f"cycle {number}, refine step {step}", files, *losses, *gradients(cycle))
        finished = number * recipe.refine_steps + step + 1
        follow(run.state.averaged, cycle.fusion, remaining_part(recipe.ema, finished))
        means.append([float(loss) for loss in losses])
        run.display.step()
    return tuple(np.mean(means, axis=0).tolist())


def gradients(cycle: MetaCycle) -> list[Tensor]:
    """Return the gradients that the last refine step left in F and R."""
    params = [*cycle.fusion.parameters(), *cycle.reconstruction.parameters()]
    return [param.grad for param in params if param.grad is not None]
