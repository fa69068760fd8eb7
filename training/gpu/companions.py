"""The R that a review asks: ``python -m training.gpu.companions RECIPE --pack FOLDER --fusion FILE --output OUT``.

R learns to rebuild both sources from what the F in FILE fuses, functional or CT first, MRI second, not augmented:
where it fails on a reader's own pictures, something of a source is not in the fused image.
"""

import argparse
import sys
from functools import partial
from pathlib import Path

import torch

from napari_refusion.model.built import build_fusion_net
from napari_refusion.model.weights_files import load_weights
from training.gpu.given import Given, given_by
from training.gpu.reader import Reader
from training.gpu.recipe import TimedRecipe, read_timed_recipe
from training.gpu.records import write_network
from training.gpu.run import kernels_are_right, parameters_in
from training.pack.reading import read_pack


def export(reader: Reader, recipe: TimedRecipe, given: Given, path: Path) -> None:
    """Write R as a weights file of the package, with its error on held-out patients by kind of pairs."""
    errors = {f"{one.kind} reconstruction_loss": round(reader.error(one), 4) for one in given.held_out}
    parameters = reader.network.named(reader.vector)
    write_network("reconstruction", parameters, recipe, given.described, path, metrics=errors)


def main() -> None:
    """Read the command line, train R, write ``reconstruction.safetensors``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", type=Path, help="the recipe of F, which says which pairs are read")
    parser.add_argument("--pack", type=Path, required=True, help="folder that make gpu-pack wrote")
    parser.add_argument("--fusion", type=Path, required=True, help="weights of F")
    parser.add_argument("--output", type=Path, required=True, help="folder of the run")
    parser.add_argument("--start", type=Path, help="weights of an R to begin with, as of training.gpu.arms")
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--count", type=int, default=4, help="crops at a time")
    parser.add_argument("--side", type=int, default=96, help="of the crops in pixels")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu", choices=("cpu", "cuda"))
    options = parser.parse_args()
    try:
        options.output.mkdir(parents=True, exist_ok=True)
        recipe, device = read_timed_recipe(options.recipe), torch.device(options.device)
        parameters_in(options.fusion)  # refuses another network
        fusion = build_fusion_net(load_weights(options.fusion), device)
        given = given_by(read_pack(options.pack), recipe, device)
        reader = Reader(torch.no_grad()(partial(fusion)), device, seed=recipe.seed, fast=kernels_are_right(device))
        if options.start:
            reader.begin_with(load_weights(options.start).state)
        reader.learn(given.pairs, options.steps, options.count, options.side)
        export(reader, recipe, given, options.output / "reconstruction.safetensors")
    except (ValueError, OSError) as error:
        sys.exit(f"Not trained: {error}")


if __name__ == "__main__":
    main()
