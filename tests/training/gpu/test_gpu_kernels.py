"""The kernels against PyTorch's own operations, on a GPU or in Triton's interpreter (TRITON_INTERPRET=1)."""

import importlib.util
import os

import pytest
import torch
import torch.nn.functional as nnf
from torch import Tensor

from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.restormer import LayerNorm
from training.gpu.faster import kernels_agree, with_kernels

INTERPRETED = os.environ.get("TRITON_INTERPRET") == "1" and importlib.util.find_spec("triton") is not None

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")

needs_kernels = pytest.mark.skipif(DEVICE.type == "cpu" and not INTERPRETED, reason="needs a CUDA device")


def test_replaced_layers_keep_every_parameter_and_its_name() -> None:
    plain, fast = FusionNet(), FusionNet()
    fast.load_state_dict(plain.state_dict())
    replaced = with_kernels(fast)
    assert [name for name, _ in replaced.named_parameters()] == [name for name, _ in plain.named_parameters()]
    for one, other in zip(replaced.parameters(), plain.parameters(), strict=True):
        assert torch.equal(one, other)
    kinds = [type(module).__name__ for module in replaced.modules()]
    assert "LayerNorm" not in kinds
    assert kinds.count("KernelNorm") == sum(isinstance(module, LayerNorm) for module in plain.modules())
    assert not any(isinstance(module, torch.nn.Conv2d) and module.groups > 1 for module in replaced.modules())


def test_networks_agree_with_themselves_and_not_with_others() -> None:
    torch.manual_seed(0)
    plain, same, other = FusionNet(), FusionNet(), FusionNet()
    same.load_state_dict(plain.state_dict())
    images = torch.rand(1, 2, 24, 24)
    assert kernels_agree(plain, same, images)
    assert not kernels_agree(plain, other, images)


def _gradients(result: Tensor, values: list[Tensor]) -> list[Tensor]:
    slope = torch.randn(result.shape, generator=torch.Generator().manual_seed(1)).to(result.device)
    return [result, *torch.autograd.grad(result, values, slope)]


@needs_kernels
@pytest.mark.gpu
@pytest.mark.parametrize(("rows", "channels"), [(1, 16), (63, 16), (1000, 32)])
def test_the_norm_kernel_is_a_layer_norm(rows: int, channels: int) -> None:
    from training.gpu.norm_kernel import Normalised

    values = [torch.randn(size, device=DEVICE).requires_grad_() for size in ((rows, channels), channels, channels)]
    found = _gradients(Normalised.apply(*values), values)
    expected = _gradients(nnf.layer_norm(values[0], (channels,), values[1], values[2], 1e-5), values)
    for one, other in zip(found, expected, strict=True):
        assert torch.allclose(one, other, rtol=1e-4, atol=1e-4)


@needs_kernels
@pytest.mark.gpu
@pytest.mark.parametrize("size", [(1, 5, 7, 16), (2, 9, 4, 48), (1, 3, 3, 3)])
def test_the_depthwise_kernel_is_a_convolution_of_every_channel(size: tuple[int, int, int, int]) -> None:
    from training.gpu.depthwise_kernel import Depthwise

    values = [torch.randn(shape, device=DEVICE).requires_grad_() for shape in (size, (size[3], 1, 3, 3))]
    found = _gradients(Depthwise.apply(*values), values)
    convolved = nnf.conv2d(values[0].permute(0, 3, 1, 2), values[1], padding=1, groups=size[3])
    expected = _gradients(convolved.permute(0, 2, 3, 1), values)
    for one, other in zip(found, expected, strict=True):
        assert torch.allclose(one, other, rtol=1e-4, atol=1e-4)
