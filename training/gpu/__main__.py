"""Train F for some minutes: ``python -m training.gpu RECIPE --pack FOLDER --minutes 8.5 --output OUT [--resume]``.

FOLDER is what ``make gpu-pack`` wrote. Everything follows from the time that has passed, so a run of any length anneals;
with ``--resume`` it goes on from where the last run ended, with a rising and falling rate of its own. Runs on a CPU too.
"""

import argparse
import sys
from pathlib import Path

import torch

from training.gpu.recipe import read_timed_recipe
from training.gpu.run import beginning, given_by, refined, resumed
from training.pack.reading import read_pack


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", type=Path, help="TOML file, as training/recipes/timed/medical.toml")
    parser.add_argument("--pack", type=Path, required=True, help="folder that make gpu-pack wrote")
    parser.add_argument("--minutes", type=float, required=True, help="how long to train")
    parser.add_argument("--output", type=Path, required=True, help="folder of the run")
    parser.add_argument("--resume", action="store_true", help="go on where the last run ended")
    parser.add_argument("--compile", action="store_true", help="compile the blocks of the network")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu", help="cpu or cuda")
    options = parser.parse_args()
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    try:
        recipe = read_timed_recipe(options.recipe)
        device = torch.device(options.device)
        given = given_by(read_pack(options.pack), recipe, device)
        refiner = beginning(recipe, device, compile_it=options.compile)
        checkpoint = options.output / "checkpoint.pt"
        if checkpoint.is_file() and not options.resume:
            raise ValueError(f"{checkpoint}: a run is there already; add --resume, or choose another --output.")
        if options.resume:
            resumed(refiner, checkpoint)
        for progress, means in refined(refiner, given, options.output, options.minutes):
            terms = " ".join(f"{name} {value:.3g}" for name, value in means.items())
            print(f"{progress:4.0%} {refiner.steps} steps: {terms}", flush=True)
    except (ValueError, OSError) as error:
        sys.exit(f"Training stopped: {error}")


if __name__ == "__main__":
    main()
