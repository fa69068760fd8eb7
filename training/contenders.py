"""What an evaluation compares: engines of networks from weights files, and of baselines."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import torch

from napari_refusion.fusion.engine import Engine
from napari_refusion.fusion.torch_engine import TorchEngine
from napari_refusion.model.built import build_fusion_net
from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.weights import Weights, WeightsError
from napari_refusion.model.weights_files import find_weights, load_weights
from training.baselines import BASELINES


def contenders(chosen: Iterable[str], taken: Iterable[str] = ()) -> dict[str, Engine]:
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
    found: dict[str, Engine] = {}
    for weights, file in files.items():
        if file is None:
            found[weights] = BASELINES[weights]
            continue
        # every run calls its weights fusion.safetensors, so the name alone says nothing
        plain = stems[file.stem] == 1 and file.stem != "fusion"
        label = file.stem if plain else f"{file.resolve().parent.name}/{file.stem}"
        found[str(file) if label in found else label] = load_engine(file)
    return found


def _find(weights: str) -> Path:
    try:
        return find_weights(weights)
    except WeightsError as error:
        raise ValueError(f"{error}. Baselines are {', '.join(BASELINES)}.") from error


def load_engine(file: Path) -> TorchEngine:
    """Return the network in a weights file as an engine on the CPU.

    Raises
    ------
    ValueError
        If the file cannot be used or holds another network.
    """
    weights = load_weights(file)
    if weights.network != "fusion":
        raise ValueError(f"{file}: holds the {weights.network} network; give the fusion network of the same run.")
    return TorchEngine(build_fusion_net(weights), weights, torch.device("cpu"))


def engine_of(network: FusionNet) -> TorchEngine:
    """Return a network that is being trained as an engine, on the network's device."""
    return TorchEngine(network, Weights(state={}), next(network.parameters()).device)
