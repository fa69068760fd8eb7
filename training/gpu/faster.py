"""A network whose normalisation and depthwise convolutions are this package's kernels, where there is a GPU."""

import torch
from torch import Tensor, nn

from napari_refusion.model.restormer import LayerNorm

AGREEMENT = 2e-2
"""Largest relative difference of a gradient by the kernels to the plain one: both multiply with ten bits."""


class KernelNorm(nn.Module):
    """`LayerNorm` by the kernel; parameters of the same names."""

    def __init__(self, norm: LayerNorm) -> None:
        super().__init__()
        self.weight, self.bias = norm.weight, norm.bias

    def forward(self, features: Tensor) -> Tensor:
        """Return the normalised features, (B, D, H, W) channels-last."""
        from training.gpu.norm_kernel import Normalised

        rows = features.permute(0, 2, 3, 1)
        normal: Tensor = Normalised.apply(rows.reshape(-1, rows.shape[-1]), self.weight, self.bias)
        return normal.view(rows.shape).permute(0, 3, 1, 2)


class KernelDepthwise(nn.Module):
    """A depthwise 3x3 convolution by the kernel; a weight of the same name."""

    def __init__(self, convolution: nn.Conv2d) -> None:
        super().__init__()
        self.weight = convolution.weight

    def forward(self, features: Tensor) -> Tensor:
        """Return the convolved features, (B, C, H, W) channels-last."""
        from training.gpu.depthwise_kernel import Depthwise

        convolved: Tensor = Depthwise.apply(features.permute(0, 2, 3, 1), self.weight)
        return convolved.permute(0, 3, 1, 2)


def with_kernels(network: nn.Module) -> nn.Module:
    """Return the network with its slow layers replaced, in place; parameters and their names stay the same."""
    for parent in list(network.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.Conv2d) and child.groups > 1:
                setattr(parent, name, KernelDepthwise(child))
            elif isinstance(child, LayerNorm):
                setattr(parent, name, KernelNorm(child))
    return network


def kernels_agree(plain: nn.Module, fast: nn.Module, images: Tensor) -> bool:
    """Return whether two networks with the same parameters have the same gradients, as far as ten bits tell."""
    gradients = []
    for network in (plain, fast):
        values = [param.requires_grad_() for param in network.parameters()]
        result = network(images)
        gradients.append(torch.cat([part.flatten() for part in torch.autograd.grad(result.square().mean(), values)]))
    slow, quick = gradients
    return bool((slow - quick).norm() < AGREEMENT * slow.norm())
