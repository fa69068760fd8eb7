"""The fusion network as a paper would write it down: channels first, every map normalised, nothing folded.

This is what `napari_refusion.model.fusion_net` is measured against. It takes the same weights and gives the same image.
"""

import torch
import torch.nn.functional as nnf
from torch import Tensor

from napari_refusion.model.fusion_net import CrossFusion, FusionNet
from napari_refusion.model.restormer import ChannelAttention, GatedFeedForward, RestormerBlock


def plain_norm(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Return x, (B, D, H, W), normalised over D with mean and variance written out."""
    rows = x.flatten(2).transpose(1, 2).contiguous()
    mean, variance = rows.mean(-1, keepdim=True), rows.var(-1, keepdim=True, unbiased=False)
    rows = (rows - mean) / torch.sqrt(variance + 1e-5) * weight + bias
    return rows.transpose(1, 2).reshape(x.shape).contiguous()


def plain_attention(query: Tensor, key: Tensor, value: Tensor, temperature: Tensor) -> Tensor:
    """Return the attention between channels, before its projection; all maps (B, D, H, W)."""
    images, channels, height, width = query.shape
    heads = temperature.shape[0]
    q, k, v = (x.reshape(images, heads, channels // heads, height * width) for x in (query, key, value))
    q, k = nnf.normalize(q, dim=-1), nnf.normalize(k, dim=-1)
    weights = (q @ k.transpose(-2, -1) * temperature).softmax(dim=-1)
    return (weights @ v).reshape(images, channels, height, width)


def plain_self_attention(block: ChannelAttention, x: Tensor) -> Tensor:
    """Return the attention of one map (B, D, H, W) with itself."""
    query, key, value = block.qkv_depthwise(block.qkv(x)).chunk(3, dim=1)
    return block.project(plain_attention(query, key, value, block.temperature))


def plain_feed_forward(block: GatedFeedForward, x: Tensor) -> Tensor:
    """Return the gated feed-forward of (B, D, H, W)."""
    gate, content = block.expand_depthwise(block.expand(x)).chunk(2, dim=1)
    return block.project(nnf.gelu(gate) * content)


def plain_block(block: RestormerBlock, x: Tensor) -> Tensor:
    """Return the refined features (B, D, H, W)."""
    before, after = block.norm_attention, block.norm_feed_forward
    x = x + plain_self_attention(block.attention, plain_norm(x, before.weight, before.bias))
    return x + plain_feed_forward(block.feed_forward, plain_norm(x, after.weight, after.bias))


def plain_cross_fusion(part: CrossFusion, a: Tensor, b: Tensor) -> Tensor:
    """Return the merged features (B, 2 D, H, W) of two maps (B, D, H, W)."""
    query_a, key_a, value_a = part.qkv_a_depthwise(part.qkv_a(a)).chunk(3, dim=1)
    query_b, key_b, value_b = part.qkv_b_depthwise(part.qkv_b(b)).chunk(3, dim=1)
    a = a + part.project_a(plain_attention(query_b, key_a, value_a, part.temperature_a))
    b = b + part.project_b(plain_attention(query_a, key_b, value_b, part.temperature_b))
    merged = torch.cat([a, b], dim=1)
    gate_a, gate_b = part.gate_depthwise(part.gate(merged)).chunk(2, dim=1)
    passed_a = nnf.gelu(gate_a) * part.content_a_depthwise(part.content_a(a))
    passed_b = nnf.gelu(gate_b) * part.content_b_depthwise(part.content_b(b))
    return merged + part.output_a(passed_a) + part.output_b(passed_b)


def plain_fusion(network: FusionNet, sources: Tensor) -> Tensor:
    """Return the fused images, (B, 1, H, W), of source pairs (B, 2, H, W), with the weights of `network`."""
    a, b = network.embed_a(sources[:, :1]), network.embed_b(sources[:, 1:])
    for block in network.encoder_a:
        a = plain_block(block, a)
    for block in network.encoder_b:
        b = plain_block(block, b)
    x = plain_cross_fusion(network.cross_fusion, a, b)
    for block in network.decoder:
        x = plain_block(block, x)
    return network.output(nnf.leaky_relu(network.shrink(x), 0.01)).sigmoid()
