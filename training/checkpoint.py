"""The state of a run on disk, and the weights that it hands to the package."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn
from torch.optim import Optimizer

from napari_refusion.io.write import atomic
from napari_refusion.model.tasks import TASKS
from napari_refusion.model.weights import Weights, save_weights
from training.recipe import Recipe


@dataclass(slots=True)
class RunState:
    """All that changes while a run goes on; the random numbers follow from the recipe's seed and the cycle."""

    networks: dict[str, nn.Module]
    """``fusion``, ``reconstruction``, ``proposal``."""
    optimizers: dict[str, Optimizer]
    """``fusion``, ``reconstruction``."""
    cycle: int = 0
    """Cycles that are finished."""
    best_score: float = float("-inf")
    """Highest validation score so far."""


def save_checkpoint(state: RunState, recipe: Recipe, path: Path) -> None:
    """Write the state of a run; the file is replaced whole or not at all."""
    content = {
        "recipe": recipe.sha256,
        "cycle": state.cycle,
        "best_score": state.best_score,
        "networks": {name: network.state_dict() for name, network in state.networks.items()},
        "optimizers": {name: optimizer.state_dict() for name, optimizer in state.optimizers.items()},
    }
    with atomic(path, overwrite=True) as temporary:
        torch.save(content, temporary)


def load_checkpoint(state: RunState, recipe: Recipe, path: Path) -> None:
    """Put the state that was saved in `path` into the networks and optimizers of `state`.

    Raises
    ------
    ValueError
        If the file is no checkpoint, or one of another recipe.
    """
    device = next(state.networks["fusion"].parameters()).device
    try:
        content = torch.load(path, map_location=device, weights_only=True)
        recipe_hash = content["recipe"]
    except Exception as error:  # torch raises many kinds for a file that is not its own
        raise ValueError(f"{path}: not a readable checkpoint ({type(error).__name__}: {error}).") from error
    if recipe_hash != recipe.sha256:
        raise ValueError(f"{path}: belongs to another recipe; start afresh in another folder, or use that recipe.")
    for name, network in state.networks.items():
        network.load_state_dict(content["networks"][name])
    for name, optimizer in state.optimizers.items():
        optimizer.load_state_dict(content["optimizers"][name])
    state.cycle = content["cycle"]
    state.best_score = content["best_score"]


def export_weights(state: RunState, recipe: Recipe, folder: Path, metrics: dict[str, float], data: str) -> None:
    """Write the three networks as weights files ``fusion.safetensors`` and so on, with what is known about them."""
    for name, network in state.networks.items():
        weights = Weights(
            state={key: value.cpu() for key, value in network.state_dict().items()},
            network=name,
            task=recipe.task,
            sources=TASKS[recipe.task],
            recipe=recipe.sha256,
            data=data,
            metrics=metrics,
            licence="BSD-3-Clause",
        )
        save_weights(weights, folder / f"{name}.safetensors")
