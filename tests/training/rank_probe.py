"""Run by ``torchrun`` in every process of a test: trains, and leaves what this process came to.

Arguments: recipe, folder of images, folder for the results.
"""

import os
import sys
from pathlib import Path

import torch
from torch import Tensor

from training.meta_cycle import MetaCycle
from training.meta_gradient import Params
from training.ranks import joined
from training.recipe import read_recipe
from training.train import train


def main() -> None:
    recipe, images, results = read_recipe(Path(sys.argv[1])), Path(sys.argv[2]), Path(sys.argv[3])
    rank = int(os.environ["RANK"])
    torch.set_num_threads(1)
    proposed: list[Params] = []
    move, refine = MetaCycle.propose_better_losses, MetaCycle.refine

    def noting(self: MetaCycle, grads: Params, rate: float) -> float:
        proposed.append({name: grad.clone() for name, grad in grads.items()})
        return move(self, grads, rate)

    def failing(self: MetaCycle, *arguments: object, **named: object) -> tuple[Tensor, ...]:
        fusion, reconstruction = refine(self, *arguments, **named)
        return fusion * (torch.nan if rank == 1 else 1), reconstruction

    MetaCycle.propose_better_losses = noting
    with joined("cpu") as (ranks, device):
        state = train(recipe, images, results / "run", resume=False, device=device, ranks=ranks)
        networks = {name: network.state_dict() for name, network in state.networks.items()}
        resumed = train(recipe, images, results / "run", resume=True, device=device, ranks=ranks)
        moments = {
            name: [optimizer.state[param]["exp_avg"] for param in optimizer.param_groups[0]["params"]]
            for name, optimizer in state.optimizers.items()
        }
        MetaCycle.refine = failing
        try:
            train(recipe, images, results / "failed", resume=False, device=device, ranks=ranks)
        except FloatingPointError as error:
            sentence = str(error)
    found = {
        "networks": networks,
        "resumed": {name: network.state_dict() for name, network in resumed.networks.items()},
        "moments": moments,
        "meta_gradient": proposed[0],
        "sentence": sentence,
    }
    torch.save(found, results / f"{rank}.pt")


if __name__ == "__main__":
    main()
