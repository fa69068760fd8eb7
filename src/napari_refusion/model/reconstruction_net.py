"""The reconstruction network R of ReFusion: the fused image in, both sources out as far as it still holds them."""

import torch
import torch.nn.functional as nnf
from torch import Tensor, nn

from napari_refusion.model.restormer import channels_last, convolution, restormer_blocks

WIDTH = 32
"""Channels of a branch's features."""


class ReconstructionBranch(nn.Module):
    """Rebuilds one source from the fused image."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = convolution(1, WIDTH)
        self.blocks = restormer_blocks(2, WIDTH)
        self.shrink = convolution(WIDTH, WIDTH // 2)
        self.output = convolution(WIDTH // 2, 1)

    def forward(self, fused: Tensor) -> Tensor:
        """Return one rebuilt source, (B, 1, H, W) in (0, 1), of fused images (B, 1, H, W)."""
        features = self.blocks(channels_last(self.embed(fused)))
        return self.output(nnf.leaky_relu(self.shrink(features), 0.01)).sigmoid()


class ReconstructionNet(nn.Module):
    """ReFusion's reconstruction network: two branches that share nothing, 59,648 parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.branch_a = ReconstructionBranch()
        self.branch_b = ReconstructionBranch()

    def forward(self, fused: Tensor) -> Tensor:
        """Return both rebuilt sources, (B, 2, H, W) in (0, 1), of fused images (B, 1, H, W) in [0, 1]."""
        return torch.cat([self.branch_a(fused), self.branch_b(fused)], dim=1)
