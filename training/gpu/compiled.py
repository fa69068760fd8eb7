"""The blocks of a network compiled: normalisation, depthwise convolution and gate become a few kernels each.

Only blocks are compiled, not a whole step: they are few and repeat, so that compiling takes seconds.
"""

import torch
import torch.nn.functional as nnf
from torch import Tensor, nn

from napari_refusion.model.fusion_net import CrossFusion
from napari_refusion.model.restormer import RestormerBlock


class ShiftedDepthwise(nn.Module):
    """A 3x3 depthwise convolution, zero padding, no bias, as a sum of shifted images, which a compiler can fuse."""

    def __init__(self, convolution: nn.Conv2d) -> None:
        super().__init__()
        self.weight = convolution.weight

    def forward(self, features: Tensor) -> Tensor:
        """Return the convolved features, (B, C, H, W) channels-last."""
        height, width = features.shape[2:]
        rows = nnf.pad(features.permute(0, 2, 3, 1), (0, 0, 1, 1, 1, 1))
        summed = torch.zeros_like(rows[:, 1:-1, 1:-1])
        for row in range(3):
            for column in range(3):
                moved = rows[:, row : row + height, column : column + width]
                summed = summed + moved * self.weight[:, 0, row, column]
        return summed.permute(0, 3, 1, 2)


def with_compiled_blocks(network: nn.Module) -> nn.Module:
    """Return the network with its blocks compiled, changed in place; parameters and their names stay the same."""
    for block in [module for module in network.modules() if isinstance(module, RestormerBlock | CrossFusion)]:
        for parent in list(block.modules()):
            for name, child in list(parent.named_children()):
                if isinstance(child, nn.Conv2d) and child.groups > 1:
                    setattr(parent, name, ShiftedDepthwise(child))
        block.compile(dynamic=False)
    return network
