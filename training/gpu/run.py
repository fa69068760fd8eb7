"""A timed run: F is trained until the minutes are over, with checkpoint, weights and figures every minute."""

import csv
import io
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.tasks import TASKS
from napari_refusion.model.weights import Weights, find_weights, load_weights, save_weights
from training.gpu.augment import augmented
from training.gpu.faster import kernels_agree, with_kernels
from training.gpu.held_out import HeldOut, figures_of, held_out
from training.gpu.kinds import KINDS, SHARP
from training.gpu.recipe import TimedRecipe
from training.gpu.refining import Pull, Refiner
from training.gpu.sampling import Pairs, crops, gathered
from training.gpu.schedule import is_lean, rate_at, side_at
from training.pack.reading import PackedSet
from training.picture.loss import Examples, examples

MARGIN = 24
"""Pixels that a sharp image is larger than the pair that is made from it; see `focus.refocused`."""

EVERY = 60.0
"""Seconds between two checkpoints."""

EACH = 4
"""Held-out pairs of every kind."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a run is trained on and judged by, on its device."""

    pairs: Pairs
    sharp: Pairs | None
    held_out: list[HeldOut]
    described: str


def given_by(packed: Mapping[str, PackedSet], recipe: TimedRecipe, device: torch.device) -> Given:
    """Return the data of a pack that a recipe is trained on.

    Raises
    ------
    ValueError
        Naming a set that the pack lacks.
    """
    kinds = KINDS[recipe.task]
    pairs = gathered(packed, kinds, device)
    sharp = gathered(packed, SHARP, device) if recipe.loss.refocused else None
    names = ", ".join(sorted({kind.packed for kind in kinds}))
    return Given(pairs, sharp, held_out(packed, kinds, EACH, device), f"{len(pairs.images)} pairs of {names}")


def drawn(given: Given, recipe: TimedRecipe, side: int) -> Examples:
    """Return the examples of one step."""
    count = max(4, recipe.pixels // side**2 // 4 * 4)
    sources, functional = crops(given.pairs, count, side)
    if recipe.augment:
        sources = augmented(sources, functional)
    sharp = None
    if given.sharp is not None:
        sharp = crops(given.sharp, count // 2, side + MARGIN)[0][:, :1]
    return examples(sources, recipe.loss, sharp)


def beginning(recipe: TimedRecipe, device: torch.device, runs: Path, *, fast: bool) -> Refiner:
    """Return F as the recipe begins it, with this package's kernels if they are wanted and right.

    Parameters
    ----------
    runs
        Folder in which other runs lie, which the recipe may go on from.

    Raises
    ------
    ValueError
        If the weights that it starts from cannot be used.
    """
    start = None
    if recipe.start_from:
        run = runs / recipe.start_from / "fusion.safetensors"
        state = load_weights(run if run.is_file() else find_weights(recipe.start_from)).state
        start = torch.cat([state[name].flatten() for name in Refiner.parameter_names()])
    return Refiner(recipe, start, device, fast=fast and kernels_are_right(device))


def kernels_are_right(device: torch.device) -> bool:
    """Return whether there is a GPU on which the kernels give the plain gradient; say so if not."""
    if device.type != "cuda":
        return False
    plain, quick = (FusionNet().to(device) for _ in range(2))
    quick.load_state_dict(plain.state_dict())
    agree = kernels_agree(plain, with_kernels(quick), torch.rand(2, 2, 96, 80, device=device))
    if not agree:
        print("The kernels differ from the plain operations on this GPU: training without them.", flush=True)
    return agree


def refined(
    refiner: Refiner, given: Given, output: Path, minutes: float, *, pull: Pull | None = None
) -> Iterator[tuple[float, dict[str, float]]]:
    """Train F for some minutes; yield the part of the run that is over and the mean terms of the loss, every minute.

    Before each yield checkpoint, weights and figures are written, the last time when the run is over.
    """
    recipe, begun = refiner.recipe, time.monotonic()
    torch.manual_seed(recipe.seed + refiner.steps)
    total: Tensor | None = None
    counted, due = 0, EVERY
    while True:
        passed = time.monotonic() - begun
        progress = min(passed / (60 * minutes), 1.0)
        if progress < 1.0:
            terms = refiner.step(
                drawn(given, recipe, side_at(refiner.steps, progress, recipe)),
                rate_at(progress, recipe),
                lean=is_lean(progress, recipe),
                pull=pull,
            )
            total = terms.clone() if total is None else total + terms
            counted += 1
            if counted % 16 == 0 and total.device.type == "cuda":
                torch.cuda.current_stream().synchronize()  # the queue of launches stays short, and the clock true
        if total is not None and (passed >= due or progress >= 1.0):
            means = dict(zip(refiner.names, (total / counted).tolist(), strict=True))
            write(refiner, given, output, passed, means)
            due, total, counted = passed + EVERY, None, 0
            yield progress, means
        if progress >= 1.0:
            return


def write(refiner: Refiner, given: Given, output: Path, seconds: float, means: dict[str, float]) -> None:
    """Write checkpoint, weights and a row of figures of each kind; files are replaced whole."""
    output.mkdir(parents=True, exist_ok=True)
    replaced(output / "checkpoint.pt", saved(refiner))
    rows = {one.kind: figures_of(refiner.fuse, one, refiner.recipe.task) for one in given.held_out}
    columns = sorted({name for row in rows.values() for name in row})
    log, is_new = output / "figures.csv", not (output / "figures.csv").is_file()
    with log.open("a", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if is_new:
            writer.writerow(("steps", "seconds", "kind", *columns))
        for kind, row in rows.items():
            numbers = (f"{row[name]:.5g}" if name in row else "" for name in columns)
            writer.writerow((refiner.steps, f"{seconds:.0f}", kind, *numbers))
    with (output / "losses.csv").open("a", newline="") as file:
        csv.writer(file, lineterminator="\n").writerow(
            (refiner.steps, f"{seconds:.0f}", *(f"{name}={value:.5g}" for name, value in means.items()))
        )
    export(refiner, output / "fusion.safetensors", given.described)


def export(refiner: Refiner, path: Path, described: str) -> None:
    """Write the running mean of F as a weights file of the package."""
    task = refiner.recipe.task
    state = {name: value.clone() for name, value in refiner.network.named(refiner.project(refiner.mean)).items()}
    weights = Weights(
        state=state,
        network="fusion",
        task=task,
        sources=TASKS[task],
        recipe=refiner.recipe.sha256,
        data=described,
        licence="BSD-3-Clause",
    )
    save_weights(weights, path)


def saved(refiner: Refiner) -> dict[str, Any]:
    """Return the state of a run as plain values and tensors on the CPU."""
    moments = refiner.optimizer.state_dict()["state"].get(0, {})
    return {
        "recipe": refiner.recipe.sha256,
        "steps": refiner.steps,
        "vector": refiner.vector.detach().cpu(),
        "mean": refiner.mean.cpu(),
        "moments": {name: value.detach().cpu() for name, value in moments.items()},
    }


def resumed(refiner: Refiner, path: Path) -> None:
    """Put the state of a checkpoint into a run.

    Raises
    ------
    ValueError
        If the file is no checkpoint, or one of another recipe.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        recipe, steps, vector, mean = (content[name] for name in ("recipe", "steps", "vector", "mean"))
        moments = content["moments"]
    except Exception as error:  # torch raises many kinds for a file that is not its own
        raise ValueError(f"{path}: not a readable checkpoint ({type(error).__name__}: {error}).") from error
    if recipe != refiner.recipe.sha256:
        raise ValueError(f"{path}: belongs to another recipe; start afresh in another folder, or use that recipe.")
    with torch.no_grad():
        refiner.vector.copy_(vector)
        refiner.mean.copy_(mean)
    refiner.restore_moments(moments)
    refiner.steps = steps


def replaced(path: Path, content: dict[str, Any]) -> None:
    """Write a checkpoint; the file is replaced whole or not at all."""
    archive = io.BytesIO()
    torch.save(content, archive)
    partial = path.with_name(path.name + ".part")
    partial.write_bytes(archive.getvalue())
    partial.replace(path)
