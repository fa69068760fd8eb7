"""The fusion network with its sums over all pixels taken row by row, for runtimes that add one number after another.

PyTorch adds many numbers in a tree. ONNX Runtime adds them one after another, in sums and in matrix products: over the
262,144 pixels of a constant slice its attention was off by so much that the fused slice differed by 1.5e-3. Row by row,
and then over the rows, the same numbers are added in float32 with the errors of some hundred additions.
"""

from copy import deepcopy

import torch
from torch import Tensor, nn

from napari_refusion.model.fusion_net import CrossFusion, FusionNet
from napari_refusion.model.restormer import ChannelAttention, channel_mixing


def row_by_row(network: FusionNet) -> FusionNet:
    """Return a copy of the network, with the same parameters and, but for rounding, the same answers."""
    copied = deepcopy(network)
    for name, part in list(copied.named_modules()):
        if isinstance(part, ChannelAttention):
            copied.set_submodule(name, _RowwiseAttention(part))
    copied.cross_fusion = _RowwiseCrossFusion(copied.cross_fusion)
    return copied.eval()


class _RowwiseAttention(nn.Module):
    def __init__(self, plain: ChannelAttention) -> None:
        super().__init__()
        self.temperature = plain.temperature
        self.qkv = plain.qkv
        self.qkv_depthwise = plain.qkv_depthwise
        self.project = plain.project

    def forward(self, features: Tensor) -> Tensor:
        query, key, value = _rows(self.qkv_depthwise(self.qkv(features))).chunk(3, dim=3)
        return _attention(query, key, value, self.temperature, self.project.weight)


class _RowwiseCrossFusion(CrossFusion):
    def __init__(self, plain: CrossFusion) -> None:
        super().__init__(plain.project_a.in_channels)
        self.load_state_dict(plain.state_dict())
        self.requires_grad_(False)

    def attend(self, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
        query_a, key_a, value_a = _rows(self.qkv_a_depthwise(self.qkv_a(a))).chunk(3, dim=3)
        query_b, key_b, value_b = _rows(self.qkv_b_depthwise(self.qkv_b(b))).chunk(3, dim=3)
        found_a = _attention(query_b, key_a, value_a, self.temperature_a, self.project_a.weight)
        found_b = _attention(query_a, key_b, value_b, self.temperature_b, self.project_b.weight)
        return a + found_a, b + found_b


def _rows(features: Tensor) -> Tensor:
    """Return features (B, D, H, W) as (B, H, W, D)."""
    return features.permute(0, 2, 3, 1)


def _attention(query: Tensor, key: Tensor, value: Tensor, temperature: Tensor, projection: Tensor) -> Tensor:
    """Return what `restormer.channel_attention` does of (B, H, W, D), as features (B, D, H, W)."""
    query_norm = query.square().sum(dim=2).sum(dim=1).clamp_min(1e-24).sqrt()
    key_norm = key.square().sum(dim=2).sum(dim=1).clamp_min(1e-24).sqrt()
    product = (query.transpose(2, 3) @ key).sum(dim=1)  # (B, D, D)
    product = product / (query_norm[:, :, None] * key_norm[:, None, :])
    mixing = channel_mixing(product, temperature, projection)
    return torch.matmul(value, mixing[:, None].transpose(2, 3)).permute(0, 3, 1, 2)
