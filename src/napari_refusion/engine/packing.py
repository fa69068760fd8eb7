"""The network's parameters in the order in which the passes read them, each in lines of the cache of its own."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from napari_refusion.engine.attention import head_minor
from napari_refusion.model.fusion_net import WIDTH, CrossFusion, FusionNet
from napari_refusion.model.reconstruction_net import ReconstructionBranch
from napari_refusion.model.restormer import RestormerBlock

Numbers = NDArray[np.float32]

_LINE: Final = 16
"""Float32 in a line of the cache."""


@dataclass(frozen=True, slots=True, eq=False)
class PackedAttention:
    """Attention of one map."""

    expand: Numbers
    """(channels, 3 channels): queries and keys in head-minor order, then values."""
    depth: Numbers
    """(9, 3 channels)."""
    temperature: Numbers
    projection: Numbers
    """(channels, channels), output by input."""


@dataclass(frozen=True, slots=True, eq=False)
class PackedBlock:
    """A transformer block."""

    attention: PackedAttention
    norm_attention: tuple[Numbers, Numbers]
    """Scale and shift."""
    norm_feed: tuple[Numbers, Numbers]
    expand: Numbers
    depth: Numbers
    project: Numbers

    @property
    def channels(self) -> int:
        """Of the features."""
        return len(self.attention.projection)


@dataclass(frozen=True, slots=True, eq=False)
class PackedNetwork:
    """The fusion network."""

    embed: tuple[Numbers, Numbers]
    """(9, 16) of either source."""
    encoders: tuple[tuple[PackedBlock, ...], tuple[PackedBlock, ...]]
    attention: tuple[PackedAttention, PackedAttention]
    """Of either source's keys and values with the other's queries."""
    expand: tuple[Numbers, Numbers, Numbers]
    """Of the gate, and of what each source lets through."""
    depth: Numbers
    """(9, 16 x 16): of the three, side by side."""
    project: Numbers
    decoder: tuple[PackedBlock, ...]
    shrink: Numbers
    """(3, 3, 32, 16)."""
    output: Numbers
    """(3, 3, 16)."""


@dataclass(frozen=True, slots=True, eq=False)
class PackedBranch:
    """One branch of the reconstruction network, which is as wide as the fusion network's decoder."""

    embed: Numbers
    """(9, 32)."""
    blocks: tuple[PackedBlock, ...]
    shrink: Numbers
    """(3, 3, 32, 16)."""
    output: Numbers
    """(3, 3, 16)."""


def aligned_room(count: int) -> Numbers:
    """Return `count` float32, not set, that begin where a line of the cache does."""
    numbers = np.empty(count + _LINE, np.float32)
    begin = -(numbers.ctypes.data // 4) % _LINE
    return numbers[begin : begin + count]


def aligned(values: NDArray[np.floating]) -> Numbers:
    """Return the same array from the beginning of a line of the cache on."""
    packed = aligned_room(values.size).reshape(values.shape)
    packed[:] = values
    return packed


def pack(network: FusionNet) -> PackedNetwork:
    """Return the parameters of a network on the CPU; nothing of it is kept."""
    cross = network.cross_fusion
    depths = cross.gate_depthwise, cross.content_a_depthwise, cross.content_b_depthwise
    return PackedNetwork(
        embed=(_transposed(network.embed_a.weight), _transposed(network.embed_b.weight)),
        encoders=(_blocks(network.encoder_a), _blocks(network.encoder_b)),
        attention=_cross_attention(cross),
        expand=(
            _transposed(cross.gate.weight),
            _transposed(cross.content_a.weight),
            _transposed(cross.content_b.weight),
        ),
        depth=aligned(np.concatenate([_transposed(one.weight) for one in depths], axis=1)),
        project=aligned(np.concatenate([_transposed(cross.output_a.weight), _transposed(cross.output_b.weight)])),
        decoder=_blocks(network.decoder),
        shrink=_shrinking(network.shrink.weight),
        output=_output(network.output.weight),
    )


def pack_branch(branch: ReconstructionBranch) -> PackedBranch:
    """Return the parameters of a branch on the CPU; nothing of it is kept."""
    return PackedBranch(
        embed=_transposed(branch.embed.weight),
        blocks=_blocks(branch.blocks),
        shrink=_shrinking(branch.shrink.weight),
        output=_output(branch.output.weight),
    )


def _shrinking(weight: Tensor) -> Numbers:
    return aligned(_numbers(weight).transpose(2, 3, 1, 0))


def _output(weight: Tensor) -> Numbers:
    return aligned(_numbers(weight)[0].transpose(1, 2, 0))


def _cross_attention(cross: CrossFusion) -> tuple[PackedAttention, PackedAttention]:
    a = cross.qkv_a.weight, cross.qkv_a_depthwise.weight, cross.temperature_a, cross.project_a.weight
    b = cross.qkv_b.weight, cross.qkv_b_depthwise.weight, cross.temperature_b, cross.project_b.weight
    return _attention(*a, WIDTH), _attention(*b, WIDTH)


def _blocks(blocks: object) -> tuple[PackedBlock, ...]:
    return tuple(_block(block) for block in blocks)  # type: ignore[attr-defined]  # a Sequential of RestormerBlock


def _block(block: RestormerBlock) -> PackedBlock:
    one, feed, first, second = block.attention, block.feed_forward, block.norm_attention, block.norm_feed_forward
    channels = first.weight.numel()
    return PackedBlock(
        attention=_attention(one.qkv.weight, one.qkv_depthwise.weight, one.temperature, one.project.weight, channels),
        norm_attention=(aligned(_numbers(first.weight)), aligned(_numbers(first.bias))),
        norm_feed=(aligned(_numbers(second.weight)), aligned(_numbers(second.bias))),
        expand=_transposed(feed.expand.weight),
        depth=_transposed(feed.expand_depthwise.weight),
        project=_transposed(feed.project.weight),
    )


def _attention(point: Tensor, depth: Tensor, temperature: Tensor, projection: Tensor, channels: int) -> PackedAttention:
    order = head_minor(channels)
    order = np.concatenate([order, channels + order, 2 * channels + np.arange(channels)])
    return PackedAttention(
        expand=aligned(_transposed(point)[:, order]),
        depth=aligned(_transposed(depth)[:, order]),
        temperature=_numbers(temperature).copy(),
        projection=_numbers(projection).reshape(channels, channels).copy(),
    )


def _transposed(weight: Tensor) -> Numbers:
    """Return (out, in or 1, h, w) as (in h w, out): what a pixel's numbers are multiplied by from the right."""
    return aligned(_numbers(weight.flatten(1).t()))


def _numbers(weight: Tensor) -> Numbers:
    numbers: Numbers = weight.detach().numpy()
    return numbers
