"""F trained on several losses from one start, with equal effort, and judged alike."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from training.gpu.given import Given, drawn
from training.gpu.held_out import figures_of
from training.gpu.proposing import GRADIENT_SHARE, Proposer, brighter_energy, even_energy, proposed_energy
from training.gpu.reader import fresh_reader_error
from training.gpu.recipe import TimedRecipe
from training.gpu.refining import Pull, Refiner
from training.gpu.schedule import rate_at
from training.picture.shares import Shares

FORMS = {"alone": 100.0, "joined": 30.0}
"""Factor of the proposed energy with the lesion term alone, and joined to the recipe's loss."""

ARMS = tuple((form, arm) for form in FORMS for arm in ("learned", "taught", "even"))
"""Form and loss of the arms of a seed, all with the same batches."""

LESION = 4.0
"""Factor of the lesion term beside the proposed energy alone."""

SIDE = 64
"""Side in pixels of the crops that P and R learn from."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How long the networks of every arm are trained."""

    updates: int
    """Of P and R for each seed."""
    count: int
    """Pairs of a batch of P and R."""
    steps: int
    """Of F."""
    reader_steps: int
    """Of the R that judges F."""
    fast: bool
    """Whether the networks run with this package's kernels."""


def pulls(proposer: Proposer) -> dict[str, Pull]:
    """Return the losses that are compared, by name."""

    def learned(fused: Tensor, sources: Tensor) -> Tensor:
        return proposed_energy(fused, sources, proposer.ask(sources), GRADIENT_SHARE)

    return {"learned": learned, "taught": brighter_energy, "even": even_energy}


def multiplied(energy: Pull, factor: float) -> Pull:
    """Return a term of the loss with its factor."""
    return lambda fused, sources: factor * energy(fused, sources)


def proposer_of(seed: int, start: Tensor, given: Given, effort: Effort) -> Proposer:
    """Return P and R that have learned with a seed, beside the F with the parameters `start`, (P,)."""
    proposer = Proposer(start, seed, given.pairs.pixels.device, fast=effort.fast)
    for done, (judged, intensity, gradient) in proposer.learnt(given.pairs, effort.updates, effort.count, SIDE):
        print(f"P {seed} {done}: judged {judged:.4f}, from even {intensity:.3f} {gradient:.3f}", flush=True)
    return proposer


def trained(recipe: TimedRecipe, start: Tensor, given: Given, pull: Pull, effort: Effort) -> Refiner:
    """Return F after some steps on the recipe's loss and a pull, from the parameters `start`, (P,)."""
    refiner = Refiner(recipe, start, given.pairs.pixels.device, fast=effort.fast)
    torch.manual_seed(recipe.seed)
    for step in range(effort.steps):
        rate = rate_at(step / effort.steps, recipe)
        refiner.step(drawn(given, recipe, recipe.sides[0]), rate, lean=False, pull=pull)
    return refiner


def judged(refiner: Refiner, given: Given, effort: Effort) -> Iterator[dict[str, str]]:
    """Yield the held-out figures of an F as rows of a table; ``reader`` is the error of a new R."""
    task = refiner.recipe.task
    errors = fresh_reader_error(
        refiner.fuse, given.pairs, given.held_out, effort.reader_steps, effort.count, SIDE, fast=effort.fast
    )
    for held in given.held_out:
        figures = figures_of(refiner.fuse, held, task) | {"reader": errors[held.kind]}
        for name, value in figures.items():
            yield {"kind": held.kind, "figure": name, "value": f"{value:.6g}"}


def compared(
    recipe: TimedRecipe,
    start: Tensor,
    given: Given,
    proposer: Proposer,
    seed: int,
    effort: Effort,
    arms: Sequence[tuple[str, str]] = ARMS,
) -> Iterator[list[dict[str, str]]]:
    """Yield the rows of each of some arms of a seed; see `judged`."""
    losses, energies = {"alone": Shares(lesion=LESION), "joined": recipe.loss}, pulls(proposer)
    for form, arm in arms:
        begun = time.monotonic()
        one = replace(recipe, loss=losses[form], seed=seed)
        refiner = trained(one, start, given, multiplied(energies[arm], FORMS[form]), effort)
        rows = list(judged(refiner, given, effort))
        print(f"{seed} {form} {arm}: {time.monotonic() - begun:.1f} s", flush=True)
        yield [{"seed": str(seed), "form": form, "arm": arm} | row for row in rows]
