"""Does a learned loss pay? ``python -m training.gpu.arms RECIPE --pack FOLDER --fusion FILE --output OUT``.

From the same F, with the same number of steps, F is trained on the loss that P learned, on the opinion that P used to
be taught, and on even weights: on that loss with the lesion term alone, and joined to the recipe's loss. Each is judged
on held-out pictures, and by an R that is trained anew on it. P learns anew for every seed. A seed whose arms are all in
OUT/arms.csv is left out, one that was cut off begins anew, so the comparison goes on where a lease ended.
"""

import argparse
import csv
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from napari_refusion.model.tasks import TASKS
from napari_refusion.model.weights import Weights, save_weights
from training.gpu.comparing import ARMS, Effort, compared, proposer_of
from training.gpu.given import given_by
from training.gpu.proposing import Proposer
from training.gpu.recipe import TimedRecipe, read_timed_recipe
from training.gpu.run import kernels_are_right, parameters_in
from training.gpu.whole_files import append_rows
from training.pack.reading import read_pack


def command_line() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--pack", type=Path, required=True)
    parser.add_argument("--fusion", type=Path, required=True, help="weights of the F to begin with")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--updates", type=int, default=4000, help="of P and R for each seed")
    parser.add_argument("--count", type=int, default=8, help="pairs of a batch of P")
    parser.add_argument("--seeds", type=int, default=3, help="how many, from 0")
    parser.add_argument("--steps", type=int, default=200, help="of F in each arm")
    parser.add_argument("--reader-steps", type=int, default=300, help="of the new R in each arm")
    parser.add_argument("--side", type=int, default=128, help="of F's crops in pixels")
    parser.add_argument("--pixels", type=int, default=65536, help="of F's batches")
    parser.add_argument("--rate", type=float, default=5e-4, help="of F")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu", choices=("cpu", "cuda"))
    return parser


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, compare, write ``arms.csv`` and the P and R of every seed."""
    options = command_line().parse_args(arguments)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    try:
        recipe = replace(
            read_timed_recipe(options.recipe), rate=options.rate, pixels=options.pixels, sides=(options.side,), whole=0
        )
        device = torch.device(options.device)
        start = parameters_in(options.fusion)
        given = given_by(read_pack(options.pack), recipe, device)
        fast = kernels_are_right(device)
        effort = Effort(options.updates, options.count, options.steps, options.reader_steps, fast)
        for seed in unfinished(options.output / "arms.csv", options.seeds):
            proposer = proposer_of(seed, start, given, effort)
            export(proposer, options.output, seed, recipe, given.described)
            for rows in compared(recipe, start, given, proposer, seed, effort):
                append_rows(options.output / "arms.csv", rows)
    except (ValueError, OSError, torch.OutOfMemoryError) as error:
        sys.exit(f"Comparison stopped: {error}")


def unfinished(file: Path, seeds: int) -> list[int]:
    """Return the seeds that lack an arm in a table; what the table has of them is taken out of it.

    Raises
    ------
    OSError
        If the table cannot be replaced.
    """
    if not file.is_file():
        return list(range(seeds))
    with file.open(newline="", encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    arms = {(row["seed"], row["form"], row["arm"]) for row in rows}
    done = {seed for seed, _, _ in arms if sum(one[0] == seed for one in arms) == ARMS}
    file.unlink()
    append_rows(file, [row for row in rows if row["seed"] in done])
    return [seed for seed in range(seeds) if str(seed) not in done]


def export(proposer: Proposer, folder: Path, seed: int, recipe: TimedRecipe, described: str) -> None:
    """Write P and R of one seed as weights files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, network, vector in (
        ("proposal", proposer.proposal, proposer.of_proposal),
        ("reconstruction", proposer.reconstruction, proposer.of_reconstruction),
    ):
        weights = Weights(
            state={key: value.detach().clone() for key, value in network.named(vector).items()},
            network=name,
            task=recipe.task,
            sources=TASKS[recipe.task].sources,
            recipe=recipe.sha256,
            data=described,
            licence="BSD-3-Clause",
            symmetry="logits" if name == "proposal" else "none",
        )
        save_weights(weights, folder / f"{name}_{seed}.safetensors")


if __name__ == "__main__":
    main()
