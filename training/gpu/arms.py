"""Does a learned loss pay? ``python -m training.gpu.arms RECIPE --pack FOLDER --fusion FILE --output OUT``.

From the same F, with the same number of steps, F is trained on the loss that P learned, on the opinion that P used to be
taught, and on even weights: on that loss with the lesion term alone, and joined to the recipe's loss. Each is judged on
held-out pictures, and by an R that is trained anew on it. P learns anew for every seed.
"""

import argparse
import csv
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from napari_refusion.model.tasks import TASKS
from napari_refusion.model.weights import Weights, load_weights, save_weights
from training.gpu.held_out import figures_of
from training.gpu.proposing import GRADIENT_SHARE, Proposer, brighter_energy, even_energy, proposed_energy
from training.gpu.reader import fresh_reader_error
from training.gpu.recipe import TimedRecipe, read_timed_recipe
from training.gpu.refining import Pull, Refiner
from training.gpu.run import Given, drawn, given_by, kernels_are_right
from training.gpu.schedule import rate_at
from training.pack.reading import read_pack
from training.picture.loss import Shares

ALONE, JOINED = 100.0, 30.0
"""Factor of the proposed energy alone with the lesion term, and joined to the recipe's loss."""


def pulls(proposer: Proposer) -> dict[str, Pull]:
    """Return the losses that are compared, by name."""

    def learned(fused: Tensor, sources: Tensor) -> Tensor:
        return proposed_energy(fused, sources, proposer.ask(sources), GRADIENT_SHARE)

    return {"learned": learned, "taught": brighter_energy, "even": even_energy}


def trained(
    recipe: TimedRecipe, start: Tensor, given: Given, steps: int, pull: Pull, device: torch.device, *, fast: bool
) -> Refiner:
    """Return F after some steps on the recipe's loss and a pull."""
    refiner = Refiner(recipe, start, device, fast=fast)
    torch.manual_seed(recipe.seed)
    for step in range(steps):
        refiner.step(drawn(given, recipe, recipe.sides[0]), rate_at(step / steps, recipe), lean=False, pull=pull)
    return refiner


def compared(
    recipe: TimedRecipe, start: Tensor, given: Given, options: argparse.Namespace, device: torch.device
) -> Iterator[tuple[int, str, str, Refiner | None, Proposer, dict[str, dict[str, float]]]]:
    """Yield seed, form, arm, F, P and the figures by kind of every F that is trained."""
    recipe = replace(recipe, rate=options.rate, pixels=options.pixels, whole=0, sides=(128,), whole_from=1.0)
    alone = replace(recipe, loss=Shares(lesion=4.0))
    for seed in range(options.seeds):
        proposer = Proposer(start, seed, device, fast=options.fast)
        for done, figures in proposer.learnt(given.pairs, options.updates, options.count, 64):
            print(f"P {seed} {done}: judged {figures[0]:.4f}, from even {figures[1]:.3f} {figures[2]:.3f}", flush=True)
        for form, one, factor in (("alone", alone, ALONE), ("joined", recipe, JOINED)):
            for arm, energy in pulls(proposer).items():

                def pull(fused: Tensor, sources: Tensor, energy: Pull = energy, factor: float = factor) -> Tensor:
                    return factor * energy(fused, sources)

                if seed and arm != "learned" and form == "joined":
                    continue
                begun = time.monotonic()
                refiner = trained(replace(one, seed=seed), start, given, options.steps, pull, device, fast=options.fast)
                found = {held.kind: figures_of(refiner.fuse, held, recipe.task) for held in given.held_out}
                errors = fresh_reader_error(
                    refiner.fuse, given.pairs, given.held_out, options.reader_steps, 8, 64, fast=options.fast
                )
                for kind, error in errors.items():
                    found[kind]["reader"] = error
                print(f"{seed} {form} {arm}: {time.monotonic() - begun:.1f} s", flush=True)
                yield seed, form, arm, refiner, proposer, found


def main() -> None:
    """Read the command line, compare, write ``arms.csv`` and the networks of the first seed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--pack", type=Path, required=True)
    parser.add_argument("--fusion", type=Path, required=True, help="weights of the F to begin with")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--updates", type=int, default=4000, help="of P and R for each seed")
    parser.add_argument("--count", type=int, default=8, help="pairs of a batch of P")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=200, help="of F in each arm")
    parser.add_argument("--reader-steps", type=int, default=300, help="of the new R in each arm")
    parser.add_argument("--pixels", type=int, default=65536)
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    recipe, device = read_timed_recipe(options.recipe), torch.device(options.device)
    options.fast = kernels_are_right(device)
    given = given_by(read_pack(options.pack), recipe, device)
    state = load_weights(options.fusion).state
    start = torch.cat([state[name].flatten() for name in Refiner.parameter_names()])
    options.output.mkdir(parents=True, exist_ok=True)
    written = set()
    with (options.output / "arms.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("seed", "form", "arm", "kind", "figure", "value"))
        for seed, form, arm, _, proposer, found in compared(recipe, start, given, options, device):
            for kind, row in found.items():
                writer.writerows((seed, form, arm, kind, name, f"{value:.6g}") for name, value in row.items())
            file.flush()
            if seed not in written:
                written.add(seed)
                _export(proposer, options.output, seed, recipe, given.described)


def _export(proposer: Proposer, folder: Path, seed: int, recipe: TimedRecipe, described: str) -> None:
    """Write P and R of one seed as weights files."""
    for name, network, vector in (
        ("proposal", proposer.proposal, proposer.of_proposal),
        ("reconstruction", proposer.reconstruction, proposer.of_reconstruction),
    ):
        weights = Weights(
            state={key: value.detach().clone() for key, value in network.named(vector).items()},
            network=name,
            task=recipe.task,
            sources=TASKS[recipe.task],
            recipe=recipe.sha256,
            data=described,
            licence="BSD-3-Clause",
            **({"symmetric": True} if name == "proposal" else {}),
        )
        save_weights(weights, folder / f"{name}_{seed}.safetensors")


if __name__ == "__main__":
    main()
