"""The networks that a run begins with."""

import copy
from pathlib import Path

import torch
from torch import nn
from torch.optim import Optimizer

from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.loss_proposal_net import LossProposalNet
from napari_refusion.model.reconstruction_net import ReconstructionNet
from napari_refusion.model.tasks import installed_weights
from napari_refusion.model.weights_files import load_weights
from training.checkpoint import RunState
from training.meta_cycle import MetaCycle
from training.opinion import start_even
from training.recipe import Recipe

SMALLEST_GRADIENT = 1e-10
"""Adam's epsilon for P: its gradients are often smaller than the usual 1e-8, which would swallow them."""


def new_networks(recipe: Recipe, device: torch.device) -> tuple[MetaCycle, RunState]:
    """Return new networks and their optimizers, decided by the recipe's seed alone; with image trials P is even."""
    torch.manual_seed(recipe.seed)
    fusion, reconstruction = FusionNet(), ReconstructionNet()
    proposal = LossProposalNet("logits" if recipe.proposal_symmetric else "none")
    averaged = copy.deepcopy(fusion)
    for network in (fusion, reconstruction, proposal, averaged):
        network.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizers: dict[str, Optimizer] = {
        "fusion": torch.optim.Adam(fusion.parameters(), lr=recipe.refine_rate),
        "reconstruction": torch.optim.Adam(reconstruction.parameters(), lr=recipe.refine_rate),
    }
    if recipe.trial == "image":
        start_even(proposal)
        optimizers["proposal"] = torch.optim.Adam(proposal.parameters(), lr=recipe.proposal_rate, eps=SMALLEST_GRADIENT)
    networks: dict[str, nn.Module] = {"fusion": fusion, "reconstruction": reconstruction, "proposal": proposal}
    return MetaCycle(fusion, reconstruction, proposal), RunState(networks, averaged, optimizers)


def go_on_from(origin: str, state: RunState, runs: Path) -> None:
    """Put the networks of another run, or of installed weights, into a new run; without an `origin` change nothing.

    Parameters
    ----------
    origin
        Name of a run's folder, or of installed weights.
    state
        The new run; its optimizers stay new.
    runs
        Folder in which the runs lie.

    Raises
    ------
    ValueError
        If there is neither such a run nor such weights with all three networks.
    """
    if not origin:
        return
    for name, network in state.networks.items():
        file = runs / origin / f"{name}.safetensors"
        path = file if file.is_file() else installed_weights(name).get(origin)
        if path is None:
            raise ValueError(f"start_from = {origin!r}: no {file} and no installed {name} network: train it first.")
        network.load_state_dict(load_weights(path).state)
    state.averaged.load_state_dict(state.networks["fusion"].state_dict())
