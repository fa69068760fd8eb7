"""How many steps a second a machine makes: ``python -m training.gpu.speed RECIPE --pack FOLDER [--fast]``."""

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

import torch

from training.gpu.given import Given, drawn, given_by
from training.gpu.recipe import TimedRecipe, read_timed_recipe
from training.gpu.refining import Refiner
from training.gpu.run import beginning
from training.pack.reading import read_pack

STEPS = 20
"""Steps that are measured."""

RATE = 1e-4
"""Learning rate of these steps; it does not change how long they take."""


def main() -> None:
    """Print the milliseconds of a step of every side, drawing and training apart."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--pack", type=Path, required=True)
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--lean", action="store_true", help="bfloat16")
    parser.add_argument("--sides", type=int, nargs="*")
    parser.add_argument("--pixels", type=int)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    try:
        measure(options)
    except (ValueError, OSError) as error:
        sys.exit(f"Not measured: {error}")


def measure(options: argparse.Namespace) -> None:
    """Print the milliseconds of a step of every side that was asked for.

    Raises
    ------
    ValueError
        If the recipe, its start or the pack cannot be used.
    """
    recipe, device = read_timed_recipe(options.recipe), torch.device(options.device)
    recipe = replace(recipe, pixels=options.pixels or recipe.pixels)
    begun = time.monotonic()
    given = given_by(read_pack(options.pack), recipe, device)
    refiner = beginning(recipe, device, Path("runs"), fast=options.fast)
    print(f"read in {time.monotonic() - begun:.1f} s", flush=True)
    for side in options.sides or (*recipe.sides, *filter(None, [recipe.whole])):
        ready, drawing, step = seconds_of(refiner, given, recipe, side, lean=options.lean)
        print(
            f"side {side}, {'kernels' if options.fast else 'plain'}, {'bfloat16' if options.lean else 'float32'}: "
            f"ready in {ready:.1f} s, drawing {1e3 * drawing:.1f} ms, step {1e3 * step:.1f} ms",
            flush=True,
        )


def seconds_of(
    refiner: Refiner, given: Given, recipe: TimedRecipe, side: int, *, lean: bool
) -> tuple[float, float, float]:
    """Return the seconds of a first step, of drawing examples and of a later step with crops of a side in pixels."""
    device = refiner.vector.device
    begun = time.monotonic()
    examples = drawn(given, recipe, side)
    refiner.step(examples, RATE, lean=lean)
    ready = _now(device)
    for _ in range(STEPS):
        examples = drawn(given, recipe, side)
    have_drawn = _now(device)
    for _ in range(STEPS):
        refiner.step(examples, RATE, lean=lean)
    return ready - begun, (have_drawn - ready) / STEPS, (_now(device) - have_drawn) / STEPS


def _now(device: torch.device) -> float:
    """Return the time in seconds when everything that was asked of the device is done."""
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.monotonic()


if __name__ == "__main__":
    main()
