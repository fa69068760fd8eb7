"""The networks that a run begins with."""

from pathlib import Path

import torch

from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.loss_proposal_net import LossProposalNet
from napari_refusion.model.losses import LossForm
from napari_refusion.model.reconstruction_net import ReconstructionNet
from napari_refusion.model.tasks import installed_weights
from napari_refusion.model.weights import load_weights
from training.checkpoint import RunState
from training.meta_cycle import MetaCycle
from training.recipe import Recipe


def new_networks(recipe: Recipe, device: torch.device) -> tuple[MetaCycle, RunState]:
    """Return new networks and their optimizers, decided by the recipe's seed alone."""
    torch.manual_seed(recipe.seed)
    networks = {"fusion": FusionNet(), "reconstruction": ReconstructionNet(), "proposal": LossProposalNet()}
    for network in networks.values():
        network.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizers = {
        name: torch.optim.Adam(networks[name].parameters(), lr=recipe.refine_rate)
        for name in ("fusion", "reconstruction")
    }
    form = LossForm(recipe.absolute, recipe.signed)
    cycle = MetaCycle(**networks, form=form, structure_share=recipe.structure_share, leaky=recipe.leaky)  # type: ignore[arg-type]
    return cycle, RunState(networks, dict(optimizers))


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
