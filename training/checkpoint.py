"""The state of a run on disk, and the weights that it hands to the package."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from napari_refusion.io.whole_files import atomic
from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.tasks import TASKS
from napari_refusion.model.weights import Weights
from napari_refusion.model.weights_files import save_weights
from training.recipe import Recipe

FORMAT = 3
"""What a checkpoint holds; checkpoints of another format are refused."""


@dataclass(slots=True)
class RunState:
    """All that changes while a run goes on; the random numbers follow from the recipe's seed and the cycle."""

    networks: dict[str, nn.Module]
    """``fusion``, ``reconstruction``, ``proposal``."""
    averaged: FusionNet
    """The fusion network averaged over its last steps: what is validated and exported."""
    optimizers: dict[str, Optimizer]
    """``fusion``, ``reconstruction``, with image trials also ``proposal``."""
    cycle: int = 0
    """Cycles that are finished."""
    best_score: float = float("-inf")
    """Highest validation score so far."""
    images: str = ""
    """Hash of the images of the run, see `same_images`; empty where it is not known."""


def content_of(state: RunState, recipe: Recipe) -> dict[str, Any]:
    """Return the state of a run as plain values and tensors on the CPU, so that any device can go on with it."""
    return _on_cpu(
        {
            "format": FORMAT,
            "recipe": recipe.sha256,
            "cycle": state.cycle,
            "best_score": state.best_score,
            "images": state.images,
            "networks": {name: network.state_dict() for name, network in state.networks.items()},
            "averaged": state.averaged.state_dict(),
            "optimizers": {name: optimizer.state_dict() for name, optimizer in state.optimizers.items()},
        }
    )


def _on_cpu(value: Any) -> Any:  # noqa: ANN401 - any nesting of dicts and lists
    """Return nested dicts and lists with every tensor in them on the CPU."""
    if isinstance(value, Tensor):
        return value.detach().cpu()
    if isinstance(value, dict):
        return {key: _on_cpu(inner) for key, inner in value.items()}
    return [_on_cpu(inner) for inner in value] if isinstance(value, list) else value


def restore(state: RunState, recipe: Recipe, content: dict[str, Any], origin: str) -> None:
    """Put what `content_of` returned into the networks and optimizers of `state`.

    Raises
    ------
    ValueError
        Naming `origin`, if it is of another format or the state of another recipe, or of other images; one that names
        no images is taken as it is.
    """
    if content.get("format") != FORMAT:
        raise ValueError(
            f"{origin}: has the format {content.get('format', 1)}, this program goes on with {FORMAT} alone; start "
            f"afresh in another folder."
        )
    if content["recipe"] != recipe.sha256:
        raise ValueError(f"{origin}: belongs to another recipe; start afresh in another folder, or use that recipe.")
    if (known := content.get("images")) and state.images and known != state.images:
        raise ValueError(
            f"{origin}: other images than these were trained on; put those back, or start afresh in another folder."
        )
    for name, network in state.networks.items():
        network.load_state_dict(content["networks"][name])
    state.averaged.load_state_dict(content["averaged"])
    for name, optimizer in state.optimizers.items():
        optimizer.load_state_dict(content["optimizers"][name])
    state.cycle = content["cycle"]
    state.best_score = content["best_score"]


def save_checkpoint(state: RunState, recipe: Recipe, path: Path) -> None:
    """Write the state of a run; the file is replaced whole or not at all.

    Raises
    ------
    RefusedError
        If it cannot be written; the sentence says why, and the former checkpoint is still there.
    """
    # torch.save reports a full disk as a RuntimeError about zip archives; a plain write says what is wrong
    archive = io.BytesIO()
    torch.save(content_of(state, recipe), archive)
    with atomic(path, overwrite=True) as temporary:
        temporary.write_bytes(archive.getvalue())


def load_checkpoint(state: RunState, recipe: Recipe, path: Path) -> None:
    """Put the state that was saved in `path` into the networks and optimizers of `state`.

    Raises
    ------
    ValueError
        If the file is no checkpoint, or one of another format, recipe or images.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        restore(state, recipe, content, str(path))
    except ValueError:
        raise
    except Exception as error:  # torch raises many kinds for a file that is not its own
        raise ValueError(f"{path}: not a readable checkpoint ({type(error).__name__}: {error}).") from error


def export_weights(state: RunState, recipe: Recipe, folder: Path, metrics: dict[str, float], data: str) -> None:
    """Write the three networks as weights files ``fusion.safetensors`` and so on, with what is known about them.

    Of the fusion network, the averaged one is written.
    """
    for name, network in (state.networks | {"fusion": state.averaged}).items():
        weights = Weights(
            state={key: value.cpu() for key, value in network.state_dict().items()},
            network=name,
            task=recipe.task,
            sources=TASKS[recipe.task].sources,
            recipe=recipe.sha256,
            data=data,
            metrics=metrics,
            licence="BSD-3-Clause",
            symmetry="logits" if name == "proposal" and recipe.proposal_symmetric else "none",
        )
        save_weights(weights, folder / f"{name}.safetensors")
