"""What fuses a slice in a bundle: its network through its inferer, which its user may both have replaced."""

from copy import deepcopy
from dataclasses import dataclass, replace
from typing import cast

import monai  # noqa: F401 - before its parts, see tests/test_imports_in_threads.py
import torch
from monai.inferers.inferer import Inferer
from torch import Tensor, nn

from napari_refusion.fusion.torch_engine import TorchEngine
from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.weights import Weights


class InferredNetwork(nn.Module):
    """A network that is asked through an inferer of MONAI."""

    def __init__(self, network: nn.Module, inferer: Inferer) -> None:
        super().__init__()
        self.network = network
        self.inferer = inferer

    def forward(self, sources: Tensor) -> Tensor:
        """Return the fused images, (B, 1, H, W), of source pairs (B, 2, H, W) in [0, 1]."""
        fused: Tensor = self.inferer(sources, self.network)
        return fused


@dataclass(frozen=True, slots=True)
class BundleEngine(TorchEngine):
    """The engine in PyTorch with a bundle's network; its `weights` have no parameters, only a name and a hash."""

    def in_less_memory(self) -> TorchEngine:
        """Return the same network on the CPU, itself where it is there."""
        if self.torch_device.type == "cpu":
            return self
        cpu = torch.device("cpu")
        return replace(self, network=deepcopy(self.network).to(cpu), torch_device=cpu)


def bundle_engine(
    network: nn.Module, inferer: Inferer, device: torch.device, task: str, name: str, sha256: str
) -> BundleEngine:
    """Return the engine of a bundle.

    Parameters
    ----------
    network
        On `device`, in evaluation mode.
    name
        What a record calls the weights.
    sha256
        Of the file of the parameters.
    """
    weights = Weights({}, task=task, name=name, sha256=sha256)
    return BundleEngine(cast(FusionNet, InferredNetwork(network, inferer)), weights, device)
