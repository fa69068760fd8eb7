"""A timed run: F is trained until the minutes are over, and leaves what it has learned every minute."""

import time
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor

from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.weights_files import find_weights, load_weights
from training.gpu.faster import kernels_agree, with_kernels
from training.gpu.flat import FlatNetwork
from training.gpu.given import Given, drawn
from training.gpu.recipe import TimedRecipe
from training.gpu.records import write_records
from training.gpu.refining import SKIPPED, Refiner
from training.gpu.schedule import is_lean, rate_at, side_at

EVERY = 60.0
"""Seconds between two checkpoints."""

QUEUED = 16
"""Steps that may wait for a GPU: enough to keep it busy, few enough for the clock to be true."""


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
        start = parameters_in(run if run.is_file() else find_weights(recipe.start_from))
    return Refiner(recipe, start, device, fast=fast and kernels_are_right(device))


def parameters_in(path: Path) -> Tensor:
    """Return the parameters of F in a weights file, (P,) in the order of `FlatNetwork`.

    Raises
    ------
    ValueError
        If the file cannot be used or holds another network.
    """
    weights = load_weights(path)
    if weights.network != "fusion":
        raise ValueError(f"{path}: holds a {weights.network} network; name the weights of a fusion network.")
    with torch.device("meta"):  # its own parameters are not looked at
        network = FlatNetwork(FusionNet())
    return network.vector_of(weights.state)


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


def refined(refiner: Refiner, given: Given, output: Path, minutes: float) -> Iterator[tuple[float, dict[str, float]]]:
    """Train F for some minutes; yield the part of the run that is over and the mean terms of the loss, every minute.

    Before each yield the records of the run are written, the last time when it is over.

    Raises
    ------
    ValueError
        If no step since the last records had a finite gradient; those records are kept.
    OSError
        If they cannot be written.
    """
    recipe, begun = refiner.recipe, time.monotonic()
    torch.manual_seed(recipe.seed + refiner.steps)
    total: Tensor | None = None
    counted, due = 0, EVERY
    while True:
        passed = time.monotonic() - begun
        progress = min(passed / (60 * minutes), 1.0)
        if progress < 1.0:
            terms = _step(refiner, given, progress)
            total = terms.clone() if total is None else total + terms
            counted += 1
            if counted % QUEUED == 0 and total.device.type == "cuda":
                torch.cuda.current_stream().synchronize()
        if total is not None and (passed >= due or progress >= 1.0):
            means = _mean_terms(dict(zip(refiner.names, total.tolist(), strict=True)), counted)
            write_records(refiner, given, output, passed, means)
            due, total, counted = passed + EVERY, None, 0
            yield progress, means
        if progress >= 1.0:
            return


def _step(refiner: Refiner, given: Given, progress: float) -> Tensor:
    """Train F one step at this part of the run; return the terms of its loss, (T,)."""
    recipe = refiner.recipe
    examples = drawn(given, recipe, side_at(refiner.steps, progress, recipe))
    return refiner.step(examples, rate_at(progress, recipe), lean=is_lean(progress, recipe))


def _mean_terms(sums: dict[str, float], counted: int) -> dict[str, float]:
    """Return the means of the terms over the steps that were not left out, and how many were."""
    skipped = sums[SKIPPED]
    if skipped == counted:
        raise ValueError(f"none of the last {counted} steps had a finite gradient: begin again with a lower rate.")
    return {name: value / (counted - skipped) for name, value in sums.items()} | {SKIPPED: skipped}
