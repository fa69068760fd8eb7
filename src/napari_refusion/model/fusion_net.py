"""The fusion network F of ReFusion: two sources in, one fused image out."""

import torch
import torch.nn.functional as nnf
from torch import Tensor, nn

from napari_refusion.model.restormer import (
    EXPANSION,
    HEADS,
    as_features,
    as_pixels,
    channel_attention,
    channels_last,
    convolution,
    depthwise,
    pointwise,
    restormer_blocks,
)

WIDTH = 16
"""Channels of each source's features; the merged features have twice as many."""


class CrossFusion(nn.Module):
    """Merges the features of both sources: each attends with the other's queries, then gates what passes."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        merged, wide = 2 * channels, 2 * EXPANSION * channels
        self.temperature_a = nn.Parameter(torch.ones(HEADS, 1, 1))
        self.temperature_b = nn.Parameter(torch.ones(HEADS, 1, 1))
        self.qkv_a = pointwise(channels, 3 * channels)
        self.qkv_a_depthwise = depthwise(3 * channels)
        self.qkv_b = pointwise(channels, 3 * channels)
        self.qkv_b_depthwise = depthwise(3 * channels)
        self.project_a = pointwise(channels, channels)
        self.project_b = pointwise(channels, channels)
        self.gate = pointwise(merged, 2 * wide)
        self.gate_depthwise = depthwise(2 * wide)
        self.content_a = pointwise(channels, wide)
        self.content_a_depthwise = depthwise(wide)
        self.content_b = pointwise(channels, wide)
        self.content_b_depthwise = depthwise(wide)
        self.output_a = pointwise(wide, merged)
        self.output_b = pointwise(wide, merged)

    def attend(self, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
        """Return both sources' features, each with what the other's queries found in it added, (B, D, H, W) each."""
        height, width = a.shape[2:]
        query_a, key_a, value_a = as_pixels(self.qkv_a_depthwise(self.qkv_a(a))).chunk(3, dim=2)
        query_b, key_b, value_b = as_pixels(self.qkv_b_depthwise(self.qkv_b(b))).chunk(3, dim=2)
        found_a = channel_attention(query_b, key_a, value_a, self.temperature_a, self.project_a.weight)
        found_b = channel_attention(query_a, key_b, value_b, self.temperature_b, self.project_b.weight)
        return a + as_features(found_a, height, width), b + as_features(found_b, height, width)

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        """Return the merged features, (B, 2 D, H, W), of two feature maps (B, D, H, W)."""
        a, b = self.attend(a, b)
        merged = torch.cat([a, b], dim=1)
        gate_a, gate_b = self.gate_depthwise(self.gate(merged)).chunk(2, dim=1)
        passed_a = nnf.gelu(gate_a) * self.content_a_depthwise(self.content_a(a))
        passed_b = nnf.gelu(gate_b) * self.content_b_depthwise(self.content_b(b))
        return merged + self.output_a(passed_a) + self.output_b(passed_b)


class FusionNet(nn.Module):
    """ReFusion's fusion network, 59,856 parameters; any image size, whole images only.

    Attention is normalised over all pixels, so a tile or a crop of an image gives another result than the whole.
    """

    def __init__(self) -> None:
        super().__init__()
        self.embed_a = convolution(1, WIDTH)
        self.embed_b = convolution(1, WIDTH)
        self.encoder_a = restormer_blocks(2, WIDTH)
        self.encoder_b = restormer_blocks(2, WIDTH)
        self.cross_fusion = CrossFusion(WIDTH)
        self.decoder = restormer_blocks(2, 2 * WIDTH)
        self.shrink = convolution(2 * WIDTH, WIDTH)
        self.output = convolution(WIDTH, 1)

    def forward(self, sources: Tensor) -> Tensor:
        """Return the fused images, (B, 1, H, W) in (0, 1), of source pairs (B, 2, H, W) in [0, 1]."""
        if sources.ndim != 4 or sources.shape[1] != 2:
            raise ValueError(f"FusionNet takes source pairs (B, 2, H, W), not {tuple(sources.shape)}.")
        a = self.encoder_a(channels_last(self.embed_a(sources[:, :1])))
        b = self.encoder_b(channels_last(self.embed_b(sources[:, 1:])))
        features = self.decoder(self.cross_fusion(a, b))
        return self.output(nnf.leaky_relu(self.shrink(features), 0.01)).sigmoid()
