"""Layers that hold every weight twice, as codes for meta-learning write them down.

The second, fast weights are what a trial step leaves behind; a layer called with ``meta=True`` uses them. Attention and
normalisation are those of `benchmarks.plain_fusion_net`.
"""

import torch
import torch.nn.functional as nnf
from torch import Tensor, nn

from benchmarks.plain_fusion_net import plain_attention, plain_norm
from napari_refusion.model.fusion_net import CrossFusion
from napari_refusion.model.restormer import ChannelAttention, GatedFeedForward, LayerNorm, RestormerBlock


class Twin(nn.Module):
    """A layer with two sets of weights: its parameters, and fast ones that a trial step gives it."""

    def __init__(self, **parameters: Tensor) -> None:
        super().__init__()
        self.fast: dict[str, Tensor] = {}
        for name, value in parameters.items():
            self.register_parameter(name, nn.Parameter(value.detach().clone().contiguous()))

    def get(self, name: str, meta: bool) -> Tensor:
        """Return a weight of the layer, the fast one if `meta`."""
        return self.fast[name] if meta else self.get_parameter(name)


class TwinConv(Twin):
    """A convolution without bias."""

    def __init__(self, plain: nn.Conv2d) -> None:
        super().__init__(weight=plain.weight)
        self.padding, self.groups = plain.padding, plain.groups

    def forward(self, x: Tensor, meta: bool) -> Tensor:
        """Return the convolved maps."""
        return nnf.conv2d(x, self.get("weight", meta), padding=self.padding, groups=self.groups)


class TwinNorm(Twin):
    """Layer normalisation over the channels."""

    def __init__(self, plain: LayerNorm) -> None:
        super().__init__(weight=plain.weight, bias=plain.bias)

    def forward(self, x: Tensor, meta: bool) -> Tensor:
        """Return x, (B, D, H, W), normalised over D."""
        return plain_norm(x, self.get("weight", meta), self.get("bias", meta))


class TwinAttention(Twin):
    """Attention of a map with itself."""

    def __init__(self, plain: ChannelAttention) -> None:
        super().__init__(temperature=plain.temperature)
        self.qkv, self.depthwise = TwinConv(plain.qkv), TwinConv(plain.qkv_depthwise)
        self.project = TwinConv(plain.project)

    def forward(self, x: Tensor, meta: bool) -> Tensor:
        """Return the attended features, (B, D, H, W)."""
        query, key, value = self.depthwise(self.qkv(x, meta), meta).chunk(3, dim=1)
        return self.project(plain_attention(query, key, value, self.get("temperature", meta)), meta)


class TwinFeedForward(nn.Module):
    """The gated feed-forward."""

    def __init__(self, plain: GatedFeedForward) -> None:
        super().__init__()
        self.expand, self.depthwise = TwinConv(plain.expand), TwinConv(plain.expand_depthwise)
        self.project = TwinConv(plain.project)

    def forward(self, x: Tensor, meta: bool) -> Tensor:
        """Return the transformed features, (B, D, H, W)."""
        gate, content = self.depthwise(self.expand(x, meta), meta).chunk(2, dim=1)
        return self.project(nnf.gelu(gate) * content, meta)


class TwinBlock(nn.Module):
    """A transformer block."""

    def __init__(self, plain: RestormerBlock) -> None:
        super().__init__()
        self.norm_attention, self.attention = TwinNorm(plain.norm_attention), TwinAttention(plain.attention)
        self.norm_forward, self.feed_forward = TwinNorm(plain.norm_feed_forward), TwinFeedForward(plain.feed_forward)

    def forward(self, x: Tensor, meta: bool) -> Tensor:
        """Return the refined features, (B, D, H, W)."""
        x = x + self.attention(self.norm_attention(x, meta), meta)
        return x + self.feed_forward(self.norm_forward(x, meta), meta)


class TwinCross(Twin):
    """The merging of both sources' features."""

    def __init__(self, plain: CrossFusion) -> None:
        super().__init__(temperature_a=plain.temperature_a, temperature_b=plain.temperature_b)
        self.convolutions = nn.ModuleDict({name: TwinConv(conv) for name, conv in plain.named_children()})

    def forward(self, a: Tensor, b: Tensor, meta: bool) -> Tensor:
        """Return the merged features (B, 2 D, H, W) of two maps (B, D, H, W)."""

        def convolved(name: str, x: Tensor) -> Tensor:
            return self.convolutions[name](x, meta)

        query_a, key_a, value_a = convolved("qkv_a_depthwise", convolved("qkv_a", a)).chunk(3, dim=1)
        query_b, key_b, value_b = convolved("qkv_b_depthwise", convolved("qkv_b", b)).chunk(3, dim=1)
        a = a + convolved("project_a", plain_attention(query_b, key_a, value_a, self.get("temperature_a", meta)))
        b = b + convolved("project_b", plain_attention(query_a, key_b, value_b, self.get("temperature_b", meta)))
        merged = torch.cat([a, b], dim=1)
        gate_a, gate_b = convolved("gate_depthwise", convolved("gate", merged)).chunk(2, dim=1)
        passed_a = nnf.gelu(gate_a) * convolved("content_a_depthwise", convolved("content_a", a))
        passed_b = nnf.gelu(gate_b) * convolved("content_b_depthwise", convolved("content_b", b))
        return merged + convolved("output_a", passed_a) + convolved("output_b", passed_b)
