"""Train ReFusion: ``python -m training.train training/recipes/medical.toml --data FOLDER --output runs/medical``.

The same command with ``--resume`` goes on after the last finished cycle, exactly as if it had never stopped.
``--device cuda`` uses a GPU. The output folder receives ``checkpoint.pt``, ``log.csv`` and the weights files.
"""

import argparse
import csv
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor

from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.loss_proposal_net import LossProposalNet
from napari_refusion.model.reconstruction_net import ReconstructionNet
from training.checkpoint import RunState, export_weights, load_checkpoint, save_checkpoint
from training.data import PairFiles, PairImages, list_pairs
from training.evaluate import METRICS, fuse_levels, means, measure
from training.meta_cycle import MetaCycle, Params, with_swapped
from training.prior import learn_prior
from training.recipe import Recipe, read_recipe

COLUMNS = ("cycle", "fusion_loss", "reconstruction_loss", "outer_loss", "largest_meta_gradient", "weight_a", "rate")
"""Columns of the log before those of the validation, which are `evaluate.METRICS` and empty in most cycles."""


class CycleLosses(NamedTuple):
    """Means over one cycle."""

    fusion: float
    reconstruction: float
    outer: float
    largest_meta_gradient: float
    weight_a: float
    """Mean intensity weight that P gives to the first source in the first refine batch; 0.5 is undecided."""


def start(recipe: Recipe, device: torch.device) -> tuple[MetaCycle, RunState]:
    """Return new networks and their optimizers, decided by the recipe's seed alone."""
    torch.manual_seed(recipe.seed)
    networks = {"fusion": FusionNet(), "reconstruction": ReconstructionNet(), "proposal": LossProposalNet()}
    for network in networks.values():
        network.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizers = {
        name: torch.optim.Adam(networks[name].parameters(), lr=recipe.refine_rate)
        for name in ("fusion", "reconstruction")
    }
    return MetaCycle(**networks), RunState(networks, dict(optimizers))  # type: ignore[arg-type]


def learn_the_loss(cycle: MetaCycle, images: PairImages, number: int, device: torch.device) -> tuple[float, float]:
    """Let P learn in this cycle; return the mean outer loss and the largest meta-gradient."""
    recipe = images.recipe
    factor, share = recipe.rate_factor(number), recipe.gradient_share_at(number)
    batches = images.batches(number, half=0, count=2 * recipe.meta_steps)
    total: Params = {}
    losses, largest = [], 0.0
    for step in range(recipe.meta_steps):
        (train, files), (test, more_files) = next(batches), next(batches)
        trial = cycle.inner(with_swapped(train.to(device)), factor * recipe.inner_rate, share)
        loss, grads = cycle.outer(trial, with_swapped(test.to(device)))
        check_finite(f"cycle {number}, meta step {step}", files + more_files, loss, *grads.values())
        total = {name: total[name] + grad if total else grad for name, grad in grads.items()}
        losses.append(float(loss))
        if (step + 1) % recipe.accumulate == 0:
            largest = max(largest, cycle.propose_better_losses(total, factor * recipe.proposal_rate))
            total = {}
    return float(np.mean(losses)), largest


def fuse_and_reconstruct(
    cycle: MetaCycle, state: RunState, images: PairImages, device: torch.device
) -> Iterator[tuple[float, float]]:
    """Train F and R in this cycle; yield both losses after every step."""
    recipe, number = images.recipe, state.cycle
    share = recipe.gradient_share_at(number)
    for optimizer in state.optimizers.values():
        for group in optimizer.param_groups:
            group["lr"] = recipe.refine_rate * recipe.rate_factor(number)
    for step, (pairs, files) in enumerate(images.batches(number, half=1, count=recipe.refine_steps)):
        batch = with_swapped(pairs.to(device))
        losses = cycle.refine(batch, state.optimizers["fusion"], state.optimizers["reconstruction"], share)
        check_finite(f"cycle {number}, refine step {step}", files, *losses)
        yield float(losses[0]), float(losses[1])


def run_cycle(cycle: MetaCycle, state: RunState, images: PairImages, device: torch.device) -> CycleLosses:
    """Run both halves of one cycle and count it as finished; return its losses."""
    outer, largest = 0.0, 0.0
    if images.recipe.meta_steps:
        outer, largest = learn_the_loss(cycle, images, state.cycle, device)
    losses = np.mean(list(fuse_and_reconstruct(cycle, state, images, device)), axis=0)
    pairs, _ = next(images.batches(state.cycle, half=1, count=1))
    with torch.no_grad():
        weight_a = float(cycle.proposal(pairs.to(device)).intensity[:, 0].mean())
    state.cycle += 1
    return CycleLosses(float(losses[0]), float(losses[1]), outer, largest, weight_a)


def check_finite(where: str, files: list[str], *values: Tensor) -> None:
    """Stop the run at the first value that is not finite.

    Raises
    ------
    FloatingPointError
        Naming the step and the files of its batch.
    """
    if not all(bool(torch.isfinite(value).all()) for value in values):
        raise FloatingPointError(f"{where}: a loss or gradient is not finite. Images: {', '.join(files)}")


def validate(cycle: MetaCycle, pairs: PairImages | None, every: int = 4) -> dict[str, float]:
    """Return the mean figures over every fourth validation pair, whole slices; empty without validation pairs."""
    if pairs is None:
        return {}
    rows = []
    for index in range(0, len(pairs), every):
        a, b = np.round(pairs.whole(index).numpy().astype(np.float64) * 255)
        rows.append(measure(a, b, fuse_levels(cycle.fusion, a, b)))
    return means(rows)


def score(figures: dict[str, float]) -> float:
    """Return the one number by which the best weights are kept: edges kept plus mean structural similarity."""
    return figures["qabf"] + figures["ssim_sum"] / 2 if figures else 0.0


class Log:
    """The CSV file of a run, one row per cycle; on resume, rows after the checkpoint are dropped."""

    def __init__(self, path: Path, finished: int) -> None:
        self.path = path
        rows = path.read_text().splitlines()[1 : finished + 1] if path.is_file() else []
        path.write_text("\n".join([",".join(COLUMNS + METRICS), *rows]) + "\n")

    def write(self, number: int, losses: CycleLosses, rate: float, figures: dict[str, float]) -> None:
        """Append one row."""
        numbers = [*losses, rate, *(figures.get(name, math.nan) for name in METRICS)]
        cells = [number, *("" if math.isnan(value) else f"{value:.6g}" for value in numbers)]
        with self.path.open("a", newline="") as file:
            csv.writer(file, lineterminator="\n").writerow(cells)


def train(recipe: Recipe, data: Path, output: Path, *, resume: bool, device: torch.device) -> RunState:
    """Run a recipe to its end, or from its last checkpoint to its end; return the final state.

    Raises
    ------
    ValueError
        If images, checkpoint and recipe do not fit together.
    FloatingPointError
        If a loss or gradient stops being finite.
    """
    training, validation = list_pairs(data, recipe)
    if output.resolve().is_relative_to(data.resolve()):
        raise ValueError(f"{output}: the output must not lie in the folder of training images.")
    output.mkdir(parents=True, exist_ok=True)
    checkpoint = output / "checkpoint.pt"
    if checkpoint.is_file() and not resume:
        raise ValueError(f"{checkpoint}: a run is there already; add --resume, or choose another --output.")
    cycle, state = start(recipe, device)
    images = PairImages(training, recipe)
    if checkpoint.is_file():
        load_checkpoint(state, recipe, checkpoint)
    elif recipe.prior_steps:
        learn_prior(cycle.proposal, images, device)
    held_out = PairImages(validation, recipe) if validation else None
    log, described = Log(output / "log.csv", state.cycle), describe(data, training, validation)
    with progress_bar() as bar:
        shown = bar.add_task("training", total=recipe.cycles, completed=state.cycle, losses="")
        while state.cycle < recipe.cycles:
            number = state.cycle
            losses = run_cycle(cycle, state, images, device)
            due = state.cycle == recipe.cycles or state.cycle % recipe.validate_every == 0
            figures = validate(cycle, held_out) if due else {}
            log.write(number, losses, recipe.refine_rate * recipe.rate_factor(number), figures)
            if due and score(figures) >= state.best_score:
                state.best_score = score(figures)
                export_weights(state, recipe, output, figures, described)
            save_checkpoint(state, recipe, checkpoint)
            bar.update(shown, advance=1, losses=in_words(losses))
    return state


def describe(data: Path, training: list[PairFiles], validation: list[PairFiles]) -> str:
    """Return what a run is trained on, in words."""
    folders = sorted({f"{pair.a.parent.parent.name}" for pair in training})
    return f"{len(training)} pairs of {data.parent.name}/{data.name} ({', '.join(folders)}), {len(validation)} held out"


def in_words(losses: CycleLosses) -> str:
    """Return the losses of a cycle for the progress bar."""
    return f"F {losses.fusion:.4f}  R {losses.reconstruction:.4f}  outer {losses.outer:.4f}  w_a {losses.weight_a:.2f}"


def progress_bar() -> Progress:
    """Return a progress bar with the losses beside it."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[losses]}"),
    )


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", type=Path, help="TOML file, as training/recipes/medical.toml")
    parser.add_argument("--data", type=Path, required=True, help="folder in which the recipe's pairs lie")
    parser.add_argument("--output", type=Path, help="folder of the run; runs/RECIPE by default")
    parser.add_argument("--resume", action="store_true", help="go on after the last finished cycle")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    arguments = parser.parse_args()
    output = arguments.output or Path("runs") / arguments.recipe.stem
    try:
        recipe = read_recipe(arguments.recipe)
        train(recipe, arguments.data, output, resume=arguments.resume, device=torch.device(arguments.device))
    except (ValueError, OSError, FloatingPointError) as error:
        sys.exit(f"Training stopped: {error}")
    except KeyboardInterrupt:
        sys.exit(f"Training stopped by hand. Go on with --resume; finished cycles are in {output / 'log.csv'}.")


if __name__ == "__main__":
    main()
