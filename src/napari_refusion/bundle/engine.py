"""What fuses a slice in a bundle: its network through its inferer, which its user may both have replaced."""

from copy import deepcopy
from dataclasses import dataclass, replace

import monai  # noqa: F401 - before its parts, see tests/test_imports_in_threads.py
import numpy as np
import torch
from monai.inferers.inferer import Inferer
from numpy.typing import NDArray
from torch import nn

from napari_refusion.fusion.device import describe_device
from napari_refusion.fusion.engine import Precision, empty_stays_empty
from napari_refusion.volume.finding import Finding


@dataclass(frozen=True, slots=True)
class BundleEngine:
    """A network that is ready to run, an `engine.Engine`."""

    network: nn.Module
    inferer: Inferer
    torch_device: torch.device
    task: str
    name: str
    """What a record calls the weights."""
    identity: str
    """SHA-256 of the file of the parameters."""
    error: float = 0.0
    findings: tuple[Finding, ...] = ()

    @property
    def device(self) -> str:
        """In words."""
        return describe_device(self.torch_device)

    @property
    def device_name(self) -> str:
        """As PyTorch calls it."""
        return str(self.torch_device)

    def made_with(self, _shape: tuple[int, ...]) -> str:
        """Return PyTorch, by its version."""
        return f"PyTorch {torch.__version__}"

    def successor(self) -> None:
        """Return None: a bundle's own network fuses to the end."""

    def on_cpu(self) -> "BundleEngine":
        """Return the same network on the CPU, itself where it is there."""
        if self.torch_device.type == "cpu":
            return self
        cpu = torch.device("cpu")
        return replace(self, network=deepcopy(self.network).to(cpu), torch_device=cpu)

    @empty_stays_empty
    def fuse(self, a: NDArray[Precision], b: NDArray[Precision]) -> NDArray[Precision]:
        """Return the raw output of the network, computed in float32; see `fusion.engine.Engine.fuse`."""
        sources = torch.from_numpy(np.stack([a, b])[None]).float().to(self.torch_device)
        with torch.inference_mode():
            fused: NDArray[Precision] = self.inferer(sources, self.network)[0, 0].float().cpu().numpy()
        return fused
