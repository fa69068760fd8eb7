"""The reference engine: the fusion network in PyTorch, with weights on a device."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from napari_refusion.fusion.border import MIRRORED, bordered_shape, reaches_edges, within_mirrored_edges
from napari_refusion.fusion.device import choose_device, describe_device, prepare_cpu, prepare_gpu
from napari_refusion.fusion.engine import Engine, Precision, empty_stays_empty
from napari_refusion.fusion.gpu_batch import LARGEST_ERROR, GpuBatch, slices_that_fit
from napari_refusion.model.built import build_fusion_net
from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.weights import Weights, WeightsError
from napari_refusion.model.weights_files import find_weights, load_weights
from napari_refusion.numerics.room import check_free
from napari_refusion.volume.finding import Finding, refuse

BYTES: Final = 2750
"""For each pixel of a slice while the network runs on the CPU: measured at 512 x 512; 1024 x 1024 took 2,670."""


@dataclass(frozen=True, slots=True, eq=False)
class TorchEngine:
    """A network that is ready to run, an `engine.Engine`."""

    network: FusionNet
    """On `torch_device`, with the parameters of `weights`."""
    weights: Weights
    torch_device: torch.device
    findings: tuple[Finding, ...] = ()
    """What was noticed about the weights."""
    batch: GpuBatch = field(default_factory=GpuBatch, repr=False)
    """What was learnt of the GPU."""
    taken_to_cpu: "Callable[[TorchEngine], Engine] | None" = None
    """Returns what fuses in place of this engine on the CPU, by itself where this is None."""

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

    def made_with(self, shape: tuple[int, ...]) -> str:
        """Return PyTorch, by its version, with its border, and whether volumes are fused in half precision."""
        name = f"PyTorch {torch.__version__}, {MIRRORED}"
        is_half = self.batch.is_half(shape) or self.batch.is_half(bordered_shape(shape))
        return f"{name}, half precision within {LARGEST_ERROR:g}" if is_half else name

    def slices_at_once(self, shape: tuple[int, ...]) -> int:
        """Return as many as a GPU has room for, by what is free and what was learnt; see `Engine.slices_at_once`."""
        return min(self.batch.most, slices_that_fit(bordered_shape(shape), self.torch_device))

    def successor(self) -> None:
        """Return None: it is there to the end."""

    def in_less_memory(self) -> "Engine":
        """Return the same network on the CPU, itself where it is there."""
        if self.torch_device.type == "cpu":
            return self
        prepare_cpu()
        cpu = choose_device("cpu")
        network = build_fusion_net(self.weights, cpu)
        moved = replace(self, network=network, torch_device=cpu, batch=GpuBatch(), taken_to_cpu=None)
        return self.taken_to_cpu(moved) if self.taken_to_cpu is not None else moved

    @empty_stays_empty
    def fuse(self, a: NDArray[Precision], b: NDArray[Precision]) -> NDArray[Precision]:
        """Return the raw output of the network, computed in float32; see `Engine.fuse`, and `border` for the edges.

        Raises
        ------
        MemoryError
            If the CPU's memory does not suffice.
        """

        def run(sources: NDArray[Precision]) -> NDArray[Precision]:
            if self.torch_device.type == "cpu":
                check_free(BYTES * sources[0].size)
            with torch.inference_mode():
                pair = torch.from_numpy(sources[None]).float().to(self.torch_device)
                fused: NDArray[Precision] = self.network(pair)[0, 0].float().cpu().numpy()
            return fused

        return within_mirrored_edges(run, np.stack([a, b]))

    def fuse_many(self, a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return fused slices, (n, H, W); see `Engine.fuse_many` and `gpu_batch`."""

        def run(sources: NDArray[np.float32]) -> NDArray[np.float32]:
            return self.batch.fuse(self.network, torch.from_numpy(sources).to(self.torch_device))

        sources, fused = np.stack([a, b], axis=1), np.zeros_like(a)
        has_tissue = sources.any(axis=(1, 2, 3))
        is_at_edges = np.array([reaches_edges(one) for one in sources])
        for alike in (has_tissue & is_at_edges, has_tissue & ~is_at_edges):
            if alike.any():
                fused[alike] = within_mirrored_edges(run, sources[alike])
        return fused


def start(_name: str, task: str, weights: str, device: str) -> TorchEngine:
    """Return the network with weights on a device; see `engines.start_engine`.

    Raises
    ------
    RefusedError
        If there are no such weights or device.
    """
    loaded, about_weights = load(task, weights)
    try:
        chosen = choose_device(device)
    except ValueError as error:
        raise refuse("device", str(error), device) from error
    if chosen.type == "cpu":
        prepare_cpu()
    elif chosen.type == "cuda":
        prepare_gpu()
    return TorchEngine(build_fusion_net(loaded, chosen), loaded, chosen, about_weights)


def load(task: str, choice: str) -> tuple[Weights, tuple[Finding, ...]]:
    """Return fusion weights, and a finding if they were trained for another task.

    Raises
    ------
    RefusedError
        If there are none, or they cannot be read.
    """
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
