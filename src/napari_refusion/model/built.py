"""Networks built with their weights."""

from typing import TypeVar

import torch
from torch import nn

from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.loss_proposal_net import LossProposalNet
from napari_refusion.model.reconstruction_net import ReconstructionNet
from napari_refusion.model.weights import Weights

Network = TypeVar("Network", bound=nn.Module)


def build_fusion_net(weights: Weights, device: str | torch.device = "cpu") -> FusionNet:
    """Return the fusion network with these weights, in evaluation mode, channels-last, on `device`."""
    return _built(FusionNet(), weights, device)


def build_companion(weights: Weights, device: str | torch.device = "cpu") -> ReconstructionNet | LossProposalNet:
    """Return the reconstruction or proposal network with these weights, as `build_fusion_net` does.

    A proposal network is as symmetric as its file says.
    """
    if weights.network == "proposal":
        return _built(LossProposalNet(weights.symmetry), weights, device)
    return _built(ReconstructionNet(), weights, device)


def _built(network: Network, weights: Weights, device: str | torch.device) -> Network:
    network.load_state_dict(weights.state)
    network.eval().requires_grad_(False).to(device)
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
