"""Does a learned loss pay? ``python -m training.gpu.arms RECIPE --pack FOLDER --fusion FILE --output OUT``.

From the same F, with the same number of steps, F is trained on the loss that P learned, on the opinion that P used to
be taught, and on even weights: on that loss with the lesion term alone, and joined to the recipe's loss. Each is judged
on held-out pictures, and by an R that is trained anew on it. P learns anew for every seed. With the same options the
comparison goes on where a lease ended: P and R in OUT do not learn again, and arms in OUT/arms.csv are left out.
"""

import argparse
import csv
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from napari_refusion.model.weights_files import load_weights
from training.gpu.comparing import ARMS, Effort, compared, proposer_of
from training.gpu.given import given_by
from training.gpu.proposing import Proposer
from training.gpu.recipe import TimedRecipe, read_timed_recipe
from training.gpu.records import write_network
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
        for seed in range(options.seeds):
            arms = arms_left(options.output / "arms.csv", seed)
            if not arms:
                continue
            proposer = learnt_before(options.output, seed, start, recipe, effort, device)
            if proposer is None:
                forget(options.output / "arms.csv", seed)
                arms, proposer = ARMS, proposer_of(seed, start, given, effort)
                export(proposer, options.output, seed, recipe, given.described)
            for rows in compared(recipe, start, given, proposer, seed, effort, arms):
                append_rows(options.output / "arms.csv", rows)
    except (ValueError, OSError, torch.OutOfMemoryError) as error:
        sys.exit(f"Comparison stopped: {error}")


def arms_left(table: Path, seed: int) -> tuple[tuple[str, str], ...]:
    """Return form and loss of the arms of a seed that a table lacks; it grows by whole arms."""
    done = {(row["form"], row["arm"]) for row in _rows(table) if row["seed"] == str(seed)}
    return tuple(arm for arm in ARMS if arm not in done)


def forget(table: Path, seed: int) -> None:
    """Take the arms of a seed out of a table, which no P is there for.

    Raises
    ------
    OSError
        If the table cannot be replaced.
    """
    if rows := _rows(table):
        table.unlink()
        append_rows(table, [row for row in rows if row["seed"] != str(seed)])


def learnt_before(
    folder: Path, seed: int, start: Tensor, recipe: TimedRecipe, effort: Effort, device: torch.device
) -> Proposer | None:
    """Return the P and R of a seed that a folder holds; None where it lacks one of them.

    Raises
    ------
    ValueError
        If they are of another recipe, or cannot be used.
    """
    files = [folder / f"{name}_{seed}.safetensors" for name in ("proposal", "reconstruction")]
    if not all(file.is_file() for file in files):
        return None
    found = [load_weights(file) for file in files]
    if any(one.recipe != recipe.sha256 for one in found):
        raise ValueError(f"name an empty output folder: P and R of seed {seed} are of another recipe. {folder}")
    proposer = Proposer(start, seed, device, fast=effort.fast)
    proposer.begin_with(*(one.state for one in found))
    return proposer


def _rows(table: Path) -> list[dict[str, str]]:
    if not table.is_file():
        return []
    with table.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def export(proposer: Proposer, folder: Path, seed: int, recipe: TimedRecipe, described: str) -> None:
    """Write P and R of one seed as weights files."""
    folder.mkdir(parents=True, exist_ok=True)
    proposal = proposer.proposal.named(proposer.of_proposal)
    path = folder / f"proposal_{seed}.safetensors"
    write_network("proposal", proposal, recipe, described, path, symmetry="logits")
    reconstruction = proposer.reconstruction.named(proposer.of_reconstruction)
    write_network("reconstruction", reconstruction, recipe, described, folder / f"reconstruction_{seed}.safetensors")


if __name__ == "__main__":
    main()
