"""The transformer block that all three networks are made of: attention between channels, never between pixels.

After Restormer (Zamir et al., CVPR 2022, arXiv 2111.09881). Everything here runs channels-last: a feature map
(B, C, H, W) is held in memory as (B, H, W, C), so that its pixels are rows of one matrix and normalisation, 1x1
convolutions and attention read memory in order. Two exact rewritings save most of the time of the textbook form:

* Queries and keys are normalised over the pixels. Only their channel-by-channel product is needed, so the small
  product is divided by the norms instead of the two large maps.
* ``project(softmax(...) @ value)`` is linear in ``value``, so the attention is folded into the projection's matrix.

Shapes in comments: B images, N = H * W pixels, D channels, K heads, E = D / K channels of a head.
"""

import torch
import torch.nn.functional as nnf
from torch import Tensor, nn

HEADS = 8
"""Attention heads of every block."""

EXPANSION = 2
"""Width of the gated feed-forward, in multiples of the block's channels."""


def pointwise(channels_in: int, channels_out: int) -> nn.Conv2d:
    """Return a 1x1 convolution without bias: (B, channels_in, H, W) -> (B, channels_out, H, W)."""
    return nn.Conv2d(channels_in, channels_out, kernel_size=1, bias=False)


def depthwise(channels: int) -> nn.Conv2d:
    """Return a 3x3 convolution of each channel by itself, zero padding, no bias: shape unchanged."""
    return nn.Conv2d(channels, channels, kernel_size=3, padding=1, groups=channels, bias=False)


def convolution(channels_in: int, channels_out: int) -> nn.Conv2d:
    """Return a 3x3 convolution, zero padding, no bias: (B, channels_in, H, W) -> (B, channels_out, H, W)."""
    return nn.Conv2d(channels_in, channels_out, kernel_size=3, padding=1, bias=False)


def channels_last(images: Tensor) -> Tensor:
    """Return the same images, (B, C, H, W), held in memory as (B, H, W, C)."""
    # not contiguous(memory_format=...): that cannot be mapped over several networks by torch.vmap
    return images.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2)


def as_pixels(features: Tensor) -> Tensor:
    """Return features (B, D, H, W) as rows of pixels (B, N, D): a view if they are channels-last."""
    return features.permute(0, 2, 3, 1).flatten(1, 2)


def as_features(pixels: Tensor, height: int, width: int) -> Tensor:
    """Return rows of pixels (B, N, D) as channels-last features (B, D, height, width): the inverse of `as_pixels`."""
    return pixels.unflatten(1, (height, width)).permute(0, 3, 1, 2)


def channel_attention(query: Tensor, key: Tensor, value: Tensor, temperature: Tensor, projection: Tensor) -> Tensor:
    """Return the projected attention between channels, (B, N, D).

    ``projection @ softmax(temperature * normalised(query).T @ normalised(key)) @ value`` for every pixel, the softmax
    over the E channels of a head.

    Parameters
    ----------
    query, key, value
        (B, N, D) rows of pixels. An all-zero channel has attention by chance (all logits 0) and finite gradients.
    temperature
        (K, 1, 1), one factor per head.
    projection
        (D, D, 1, 1), the weight of the 1x1 convolution that follows the attention.
    """
    # sqrt(clamp(x^2)) rather than a norm: at an all-zero channel its gradient is 0, not 0 / 0
    query_norm = query.square().sum(dim=1).clamp_min(1e-24).sqrt()
    key_norm = key.square().sum(dim=1).clamp_min(1e-24).sqrt()
    product = query.transpose(1, 2) @ key / (query_norm[:, :, None] * key_norm[:, None, :])  # (B, D, D)
    return value @ channel_mixing(product, temperature, projection).transpose(1, 2)


def channel_mixing(product: Tensor, temperature: Tensor, projection: Tensor) -> Tensor:
    """Return the projected attention as one matrix, (B, D, D): what each pixel's values are multiplied by.

    Parameters
    ----------
    product
        (B, D, D), cosines of each channel of the queries with each channel of the keys, over all pixels.
    temperature, projection
        See `channel_attention`.
    """
    heads = temperature.shape[0]
    within_heads = product.unflatten(2, (heads, -1)).unflatten(1, (heads, -1))  # (B, K, E, K, E)
    logits = within_heads.diagonal(dim1=1, dim2=3).permute(0, 3, 1, 2)  # (B, K, E, E)
    attention = (logits * temperature).softmax(dim=-1)
    by_head = projection.flatten(1).unflatten(1, (heads, -1))  # (D, K, E)
    return torch.einsum("dke,bkef->bdkf", by_head, attention).flatten(2)


class LayerNorm(nn.Module):
    """Normalises each pixel over its channels (biased variance, epsilon 1e-5), then scales and shifts."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, features: Tensor) -> Tensor:
        """Return the normalised features, (B, D, H, W) channels-last."""
        rows = features.permute(0, 2, 3, 1)
        return nnf.layer_norm(rows, self.weight.shape, self.weight, self.bias, eps=1e-5).permute(0, 3, 1, 2)


class ChannelAttention(nn.Module):
    """Attention between the channels of one feature map (Restormer's MDTA)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.temperature = nn.Parameter(torch.ones(HEADS, 1, 1))
        self.qkv = pointwise(channels, 3 * channels)
        self.qkv_depthwise = depthwise(3 * channels)
        self.project = pointwise(channels, channels)

    def forward(self, features: Tensor) -> Tensor:
        """Return the attended features, (B, D, H, W) channels-last."""
        height, width = features.shape[2:]
        query, key, value = as_pixels(self.qkv_depthwise(self.qkv(features))).chunk(3, dim=2)
        attended = channel_attention(query, key, value, self.temperature, self.project.weight)
        return as_features(attended, height, width)


class GatedFeedForward(nn.Module):
    """A widened 1x1 and 3x3 convolution, one half gating the other (Restormer's GDFN)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.expand = pointwise(channels, 2 * EXPANSION * channels)
        self.expand_depthwise = depthwise(2 * EXPANSION * channels)
        self.project = pointwise(EXPANSION * channels, channels)

    def forward(self, features: Tensor) -> Tensor:
        """Return the transformed features, (B, D, H, W) channels-last."""
        gate, content = self.expand_depthwise(self.expand(features)).chunk(2, dim=1)
        return self.project(nnf.gelu(gate) * content)


class RestormerBlock(nn.Module):
    """Attention, then feed-forward, each on normalised features and added to what came in."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm_attention = LayerNorm(channels)
        self.attention = ChannelAttention(channels)
        self.norm_feed_forward = LayerNorm(channels)
        self.feed_forward = GatedFeedForward(channels)

    def forward(self, features: Tensor) -> Tensor:
        """Return the refined features, (B, D, H, W) channels-last."""
        features = features + self.attention(self.norm_attention(features))
        return features + self.feed_forward(self.norm_feed_forward(features))


def restormer_blocks(count: int, channels: int) -> nn.Sequential:
    """Return `count` blocks in a row: (B, channels, H, W) -> the same shape."""
    return nn.Sequential(*(RestormerBlock(channels) for _ in range(count)))
