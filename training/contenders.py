"""What an evaluation compares: networks from weights files, and baselines."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.weights import WeightsError, build_fusion_net, find_weights, load_weights
from training.baselines import BASELINES, Fuse


def contenders(chosen: Iterable[str], taken: Iterable[str] = ()) -> dict[str, Fuse]:
    """Return what is to be compared, by short labels that differ from each other and from those `taken`.

    Parameters
    ----------
    chosen
        Names of installed weights, weights files, and names of baselines.

    Raises
    ------
    ValueError
        If one of them is none of these, or no fusion network.
    """
    files = {weights: None if weights in BASELINES else _find(weights) for weights in chosen}
    stems = Counter([*taken, *(weights if file is None else file.stem for weights, file in files.items())])
    found: dict[str, Fuse] = {}
    for weights, file in files.items():
        if file is None:
            found[weights] = BASELINES[weights]
            continue
        # every run calls its weights fusion.safetensors, so the name alone says nothing
        plain = stems[file.stem] == 1 and file.stem != "fusion"
        label = file.stem if plain else f"{file.resolve().parent.name}/{file.stem}"
        found[str(file) if label in found else label] = load_fuse(file)
    return found


def _find(weights: str) -> Path:
    try:
        return find_weights(weights)
    except WeightsError as error:
        raise ValueError(f"{error} Baselines are {', '.join(BASELINES)}.") from error


def load_fuse(file: Path) -> Fuse:
    """Return the fusion by the network in a weights file.

    Raises
    ------
    ValueError
        If the file cannot be used or holds another network.
    """
    weights = load_weights(file)
    if weights.network != "fusion":
        raise ValueError(f"{file}: holds the {weights.network} network; give the fusion network of the same run.")
    return fuse_with(build_fusion_net(weights))


def fuse_with(network: FusionNet) -> Fuse:
    """Return the fusion of two images in [0, 1] by a network, on the network's device."""
    device = next(network.parameters()).device

    def fuse(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
        sources = torch.from_numpy(np.stack([a, b])[None]).float().to(device)
        with torch.inference_mode():
            fused: NDArray[np.float64] = network(sources)[0, 0].cpu().numpy().astype(np.float64)
        return fused

    return fuse
