"""The reference engine: the fusion network in PyTorch, with weights on a device."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from napari_refusion.fusion.device import choose_device, describe_device, prepare_cpu
from napari_refusion.fusion.engine import Precision, empty_stays_empty
from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.weights import Weights, WeightsError, build_fusion_net, find_weights, load_weights
from napari_refusion.volume.finding import Finding, refuse


@dataclass(frozen=True, slots=True)
class TorchEngine:
    """A network that is ready to run, an `engine.Engine`."""

    network: FusionNet
    """On `torch_device`, with the parameters of `weights`."""
    weights: Weights
    torch_device: torch.device
    findings: tuple[Finding, ...] = ()
    """What was noticed about the weights."""

    @property
    def name(self) -> str:
        """File name of the weights."""
        return self.weights.name

    @property
    def identity(self) -> str:
        """SHA-256 of the weights file."""
        return self.weights.sha256

    @property
    def task(self) -> str:
        """Task of the weights."""
        return self.weights.task

    @property
    def device(self) -> str:
        """In words."""
        return describe_device(self.torch_device)

    @property
    def device_name(self) -> str:
        """As PyTorch calls it."""
        return str(self.torch_device)

    @property
    def error(self) -> float:
        """0: this is the reference."""
        return 0.0

    def made_with(self, _shape: tuple[int, ...]) -> str:
        """Return PyTorch, by its version."""
        return f"PyTorch {torch.__version__}"

    def successor(self) -> None:
        """Return None: it is there to the end."""

    def on_cpu(self) -> "TorchEngine":
        """Return the same network on the CPU, itself where it is there."""
        if self.torch_device.type == "cpu":
            return self
        prepare_cpu()
        cpu = choose_device("cpu")
        return replace(self, network=build_fusion_net(self.weights, cpu), torch_device=cpu)

    @empty_stays_empty
    def fuse(self, a: NDArray[Precision], b: NDArray[Precision]) -> NDArray[Precision]:
        """Return the raw output of the network, computed in float32; see `Engine.fuse`."""
        sources = torch.from_numpy(np.stack([a, b])[None]).float().to(self.torch_device)
        with torch.inference_mode():
            fused: NDArray[Precision] = self.network(sources)[0, 0].float().cpu().numpy()
        return fused


def start(_name: str, task: str, weights: str, device: str) -> TorchEngine:
    """Return the network with weights on a device; see `engines.start_engine`.

    Raises
    ------
    RefusedError
        If there are no such weights or device.
    """
    loaded, about_weights = _load(task, weights)
    try:
        chosen = choose_device(device)
    except ValueError as error:
        raise refuse("device", str(error), device) from error
    if chosen.type == "cpu":
        prepare_cpu()
    return TorchEngine(build_fusion_net(loaded, chosen), loaded, chosen, about_weights)


def _load(task: str, choice: str) -> tuple[Weights, tuple[Finding, ...]]:
    """Return fusion weights, and a finding if they were trained for another task."""
    try:
        weights = load_weights(find_weights(choice or task))
    except WeightsError as error:
        raise refuse("weights", str(error), choice) from error
    if weights.network != "fusion":
        sentence = f"{weights.name} holds the {weights.network} network, which does not fuse: choose fusion weights."
        raise refuse("weights", sentence, weights.network)
    if weights.task != task:
        sentence = f"{weights.name} was trained for the task {weights.task}, not for {task}: look twice."
        return weights, (Finding("warn", "weights", sentence, weights.task),)
    return weights, ()
