"""Train F for some minutes: ``python -m training.gpu RECIPE --pack FOLDER --minutes 8.5 --output OUT [--resume]``.

FOLDER is what ``make gpu-pack`` wrote. All follows from the time that has passed, so a run of any length anneals; with
``--resume`` it goes on from where the last run ended, with a rising and falling rate of its own. Runs on a CPU, too.
"""

import argparse
import math
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from training.gpu.checked import check_meta_gradient
from training.gpu.checkpoint import CHECKPOINT, resumed
from training.gpu.given import Given, given_by
from training.gpu.recipe import TimedRecipe, read_timed_recipe
from training.gpu.run import beginning, refined
from training.pack.reading import read_index, read_pack
from training.stopped import stop


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and train."""
    options = command_line().parse_args(arguments)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    try:
        check(options)
        device = torch.device(options.device)
        recipes = recipes_by_output(options.recipes, options.output)
        check_outputs(recipes, resume=options.resume)
        print(f"meta-gradient within {check_meta_gradient(device):.0e} of the kept answer", flush=True)
        packed, pack = read_pack(options.pack), str(read_index(options.pack)["sha256"])
        for output, recipe in recipes.items():
            train(recipe, given_by(packed, recipe, device, pack), output, options)
    except (ValueError, OSError, torch.OutOfMemoryError) as error:
        sys.exit(f"Training stopped: {error}")
    except KeyboardInterrupt:
        stop("Training stopped by hand. What was written each minute is there: go on with --resume.")


def command_line() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipes", type=Path, nargs="+", help="TOML files, as training/recipes/timed/medical.toml")
    parser.add_argument("--pack", type=Path, required=True, help="folder that make gpu-pack wrote")
    parser.add_argument("--minutes", type=float, required=True, help="how long to train each")
    parser.add_argument(
        "--output", type=Path, required=True, help="folder of the run; of several, a folder each below it"
    )
    parser.add_argument("--resume", action="store_true", help="go on where the last run ended")
    parser.add_argument("--plain", action="store_true", help="leave out this package's kernels")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu", choices=("cpu", "cuda"))
    return parser


def check(options: argparse.Namespace) -> None:
    """Refuse a time that is none, and a GPU that is not there."""
    if not 0 < options.minutes < math.inf:
        raise ValueError(f"--minutes {options.minutes:g} is not a training time: choose a positive number.")
    if options.device == "cuda" and not torch.cuda.is_available():
        raise ValueError("PyTorch finds no GPU here: leave out --device cuda.")


def recipes_by_output(paths: Sequence[Path], output: Path) -> dict[Path, TimedRecipe]:
    """Return the recipes by the folder of their run: `output`, or one below it for each of several.

    Raises
    ------
    ValueError
        If a recipe cannot be used, or two would share a folder.
    """
    outputs = [output / path.stem if len(paths) > 1 else output for path in paths]
    if len(set(outputs)) < len(paths):
        raise ValueError(f"{', '.join(map(str, paths))}: recipes of one name would share a folder: train them apart.")
    return {folder: read_timed_recipe(path) for folder, path in zip(outputs, paths, strict=True)}


def check_outputs(recipes: Mapping[Path, TimedRecipe], *, resume: bool) -> None:
    """Refuse to begin where a run is, or to go on where none is, before any of them is trained."""
    for checkpoint in (output / CHECKPOINT for output in recipes):
        if checkpoint.is_file() and not resume:
            raise ValueError(f"{checkpoint}: a run is there already; add --resume, or choose another --output.")
        if resume and not checkpoint.is_file():
            raise ValueError(f"{checkpoint}: there is no run to resume; leave out --resume, or name its --output.")


def train(recipe: TimedRecipe, given: Given, output: Path, options: argparse.Namespace) -> None:
    """Train one recipe for its minutes, and print the mean terms of its loss every minute.

    Raises
    ------
    ValueError
        If its start or its checkpoint cannot be used, or nothing can be learned.
    OSError
        If a record of the run cannot be written.
    """
    refiner = beginning(recipe, torch.device(options.device), output.parent, fast=not options.plain)
    if options.resume:
        resumed(refiner, output / CHECKPOINT, given.pack)
    done, then = refiner.steps, time.monotonic()
    for progress, means in refined(refiner, given, output, options.minutes):
        terms = " ".join(f"{name} {value:.3g}" for name, value in means.items())
        speed = (refiner.steps - done) / (time.monotonic() - then)
        print(f"{output.name} {progress:4.0%} {refiner.steps} steps, {speed:.1f} a second: {terms}", flush=True)
        done, then = refiner.steps, time.monotonic()


if __name__ == "__main__":
    main()
