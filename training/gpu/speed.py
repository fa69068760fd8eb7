"""How many steps a second a machine makes: ``python -m training.gpu.speed RECIPE --pack FOLDER [--fast]``."""

import argparse
import time
from dataclasses import replace
from pathlib import Path

import torch

from training.gpu.recipe import read_timed_recipe
from training.gpu.run import beginning, drawn, given_by
from training.pack.reading import read_pack

STEPS = 20
"""Steps that are measured."""


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
    recipe, device = read_timed_recipe(options.recipe), torch.device(options.device)
    recipe = replace(recipe, pixels=options.pixels or recipe.pixels)
    begun = time.monotonic()
    given = given_by(read_pack(options.pack), recipe, device)
    refiner = beginning(recipe, device, Path("runs"), fast=options.fast)
    print(f"read in {time.monotonic() - begun:.1f} s", flush=True)
    for side in options.sides or (*recipe.sides, recipe.whole):
        begun = time.monotonic()
        refiner.step(drawn(given, recipe, side), 1e-4, lean=options.lean)
        _wait(device)
        ready = time.monotonic() - begun
        begun = time.monotonic()
        for _ in range(STEPS):
            examples = drawn(given, recipe, side)
        _wait(device)
        drawing = time.monotonic() - begun
        begun = time.monotonic()
        for _ in range(STEPS):
            refiner.step(examples, 1e-4, lean=options.lean)
        _wait(device)
        training = time.monotonic() - begun
        print(
            f"side {side}, {'kernels' if options.fast else 'plain'}, {'bfloat16' if options.lean else 'float32'}: "
            f"ready in {ready:.1f} s, drawing {1e3 * drawing / STEPS:.1f} ms, step {1e3 * training / STEPS:.1f} ms",
            flush=True,
        )


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


if __name__ == "__main__":
    main()
