"""The first half of a cycle: P learns, from trial steps of F's parameters or from trial images."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import torch

from training.batch import with_swapped
from training.meta_gradient import Params
from training.refine_loss import refine_loss
from training.run import Run, check_finite, set_rates, shown, with_lesions


def parameter_steps(run: Run) -> Iterator[tuple[float, float]]:
    """Let P learn from trial steps of F's parameters; yield the outer loss and the largest gradient of each."""
    recipe, number, ranks = run.images.recipe, run.state.cycle, run.ranks
    factor = recipe.rate_factor(number)
    cycle = replace(run.cycle, loss=refine_loss(recipe, number))
    total: Params = {}
    meta_batches = run.images.meta_batches(number, recipe.meta_steps, ranks.rank, ranks.count)
    for step, halves in enumerate(meta_batches):
        train, test = (
            [shown(run, pairs, files, [step, side, place]) for place, (pairs, files) in enumerate(half)]
            for side, half in enumerate(halves)
        )
        loss, grads = cycle.outer(cycle.inner(train, factor * recipe.inner_rate), test)
        files = [file for half in halves for _, names in half for file in names]
        check_finite(ranks, f"cycle {number}, meta step {step}", files, loss, *grads.values())
        total = {name: total[name] + grad if total else grad for name, grad in grads.items()}
        largest = 0.0
        if (step + 1) % recipe.accumulate == 0:
            ranks.average(list(total.values()))
            largest = cycle.propose_better_losses(total, factor * recipe.proposal_rate)
            total = {}
        run.display.step()
        yield float(loss), largest


def image_steps(run: Run) -> Iterator[tuple[float, float]]:
    """Let P and R learn from trial images; yield the judge's loss and the largest gradient of P for each step."""
    recipe, number, ranks, optimizers = run.images.recipe, run.state.cycle, run.ranks, run.state.optimizers
    set_rates(run, ("reconstruction", recipe.refine_rate), ("proposal", recipe.proposal_rate))
    learning = [optimizers["reconstruction"], optimizers["proposal"]]
    parts = recipe.meta_pairs // recipe.pairs_per_batch
    batches = run.images.batches(number, 0, recipe.meta_steps * parts, ranks.rank, ranks.count)
    for step in range(recipe.meta_steps):
        judging = number * recipe.meta_steps + step < recipe.judge_steps
        for optimizer in learning:
            optimizer.zero_grad(set_to_none=True)
        losses, files = [], []
        for place, (pairs, names) in enumerate(islice(batches, parts)):
            batch = with_swapped(pairs.to(run.device))
            sources, planted = (part[: len(pairs)] for part in (batch.sources, with_lesions(run, batch, [step, place])))
            value = run.cycle.judged(sources, planted, recipe.trial_gradient_share)
            torch.autograd.backward(value / parts)
            losses.append(value.detach())
            files += names
        grads = [param.grad for param in run.cycle.proposal.parameters() if param.grad is not None]
        check_finite(ranks, f"cycle {number}, meta step {step}", files, *losses, *grads)
        for optimizer in learning[:1] if judging else learning:
            optimizer.step()
        run.display.step()
        yield float(torch.stack(losses).mean()), max(float(grad.abs().max()) for grad in grads)
