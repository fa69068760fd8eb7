"""Train F for some minutes: ``python -m training.gpu RECIPE --pack FOLDER --minutes 8.5 --output OUT [--resume]``.

FOLDER is what ``make gpu-pack`` wrote. Everything follows from the time that has passed, so a run of any length anneals;
with ``--resume`` it goes on from where the last run ended, with a rising and falling rate of its own. Runs on a CPU too.
"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

import torch

from training.gpu.recipe import TimedRecipe, read_timed_recipe
from training.gpu.run import beginning, given_by, refined, resumed
from training.pack.reading import PackedSet, read_pack


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipes", type=Path, nargs="+", help="TOML files, as training/recipes/timed/medical.toml")
    parser.add_argument("--pack", type=Path, required=True, help="folder that make gpu-pack wrote")
    parser.add_argument("--minutes", type=float, required=True, help="how long to train each")
    parser.add_argument(
        "--output", type=Path, required=True, help="folder of the run; of several, a folder each below it"
    )
    parser.add_argument("--resume", action="store_true", help="go on where the last run ended")
    parser.add_argument("--plain", action="store_true", help="leave out this package's kernels")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu", help="cpu or cuda")
    options = parser.parse_args()
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    try:
        recipes = [(path.stem, read_timed_recipe(path)) for path in options.recipes]
        packed = read_pack(options.pack)
        for name, recipe in recipes:
            output = options.output / name if len(recipes) > 1 else options.output
            train(recipe, packed, output, options)
    except (ValueError, OSError) as error:
        sys.exit(f"Training stopped: {error}")


def train(recipe: TimedRecipe, packed: Mapping[str, PackedSet], output: Path, options: argparse.Namespace) -> None:
    """Train one recipe for its minutes, and print the mean terms of its loss every minute.

    Raises
    ------
    ValueError
        If a run is there that shall not go on, or its checkpoint or the pack cannot be used.
    """
    checkpoint, device = output / "checkpoint.pt", torch.device(options.device)
    if checkpoint.is_file() and not options.resume:
        raise ValueError(f"{checkpoint}: a run is there already; add --resume, or choose another --output.")
    given = given_by(packed, recipe, device)
    refiner = beginning(recipe, device, output.parent, fast=not options.plain)
    if options.resume:
        resumed(refiner, checkpoint)
    for progress, means in refined(refiner, given, output, options.minutes):
        terms = " ".join(f"{name} {value:.3g}" for name, value in means.items())
        print(f"{output.name} {progress:4.0%} {refiner.steps} steps: {terms}", flush=True)


if __name__ == "__main__":
    main()
