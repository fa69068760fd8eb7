"""Depthwise 3x3 convolution in Triton; in a library the gradient of its weights reads every image nine times.

Works on channels-last features, in float32 inside. Imported only where there is a GPU; checked there against the plain
operation before a run.
"""

from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor
from torch.autograd.function import once_differentiable

PARTS = 528
"""Programs that sum up gradients of weights, four for each multiprocessor of a large GPU."""


@triton.jit
def _shifted(x, at, row, column, down: tl.constexpr, across: tl.constexpr, height, width, channels, inside):
    there = (row + down >= 0) & (row + down < height) & (column + across >= 0) & (column + across < width)
    return tl.load(x + at + (down * width + across) * channels, mask=inside & there[:, None], other=0.0).to(tl.float32)


@triton.jit
def _depthwise_forward(
    x,
    weight,
    y,
    count,
    height,
    width,
    channels,
    wide: tl.constexpr,
    rows: tl.constexpr,
    turned: tl.constexpr,
):
    pixel = tl.program_id(0) * rows + tl.arange(0, rows)
    channel = tl.arange(0, wide)
    at = pixel[:, None] * channels + channel[None]
    inside = (pixel[:, None] < count) & (channel[None] < channels)
    column, row = pixel % width, (pixel // width) % height
    total = tl.zeros((rows, wide), dtype=tl.float32)
    for tap in tl.static_range(9):
        one = tl.load(weight + channel * 9 + (8 - tap if turned else tap), mask=channel < channels, other=0.0)
        total += one[None] * _shifted(x, at, row, column, tap // 3 - 1, tap % 3 - 1, height, width, channels, inside)
    tl.store(y + at, total, mask=inside)


@triton.jit
def _depthwise_weight(
    x,
    dy,
    dweight,
    count,
    steps: tl.constexpr,
    height,
    width,
    channels,
    wide: tl.constexpr,
    rows: tl.constexpr,
):
    channel = tl.arange(0, wide)
    taps = tl.arange(0, 16)
    total = tl.zeros((16, wide), dtype=tl.float32)
    for step in range(steps):
        pixel = (tl.program_id(0) * steps + step) * rows + tl.arange(0, rows)
        at = pixel[:, None] * channels + channel[None]
        inside = (pixel[:, None] < count) & (channel[None] < channels)
        column, row = pixel % width, (pixel // width) % height
        slope = tl.load(dy + at, mask=inside, other=0.0).to(tl.float32)
        for tap in tl.static_range(9):
            moved = _shifted(x, at, row, column, tap // 3 - 1, tap % 3 - 1, height, width, channels, inside)
            total += tl.where(taps[:, None] == tap, tl.sum(slope * moved, axis=0)[None], 0.0)
    place = dweight + tl.program_id(0) * 9 * channels + channel[None] * 9 + taps[:, None]
    tl.store(place, total, mask=(taps[:, None] < 9) & (channel[None] < channels))


class Depthwise(torch.autograd.Function):
    """A depthwise 3x3 convolution, zero padding: features (B, H, W, C) contiguous, weight (C, 1, 3, 3)."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, weight: Tensor) -> Tensor:  # noqa: ANN401
        """Return the convolved features, (B, H, W, C)."""
        features, weight = features.contiguous(), weight.contiguous()
        ctx.save_for_backward(features, weight)
        return _convolved(features, weight, turned=False)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor, Tensor]:  # noqa: ANN401
        """Return the gradients of features and weight."""
        features, weight = ctx.saved_tensors
        slope = slope.contiguous()
        height, width, channels = features.shape[1:]
        sums = features.new_empty((PARTS, channels, 1, 3, 3), dtype=torch.float32)
        count, rows = features[..., 0].numel(), _rows(channels)
        _depthwise_weight[(PARTS,)](
            features,
            slope,
            sums,
            count,
            height=height,
            width=width,
            channels=channels,
            steps=triton.cdiv(count, PARTS * rows),
            wide=_wide(channels),
            rows=rows,
        )
        return _convolved(slope, weight, turned=True), sums.sum(dim=0)


def _convolved(features: Tensor, weight: Tensor, *, turned: bool) -> Tensor:
    result = torch.empty_like(features)
    height, width, channels = features.shape[1:]
    count, rows = features[..., 0].numel(), _rows(channels)
    _depthwise_forward[(triton.cdiv(count, rows),)](
        features, weight, result, count, height, width, channels, wide=_wide(channels), rows=rows, turned=turned
    )
    return result


def _wide(channels: int) -> int:
    """Return the power of two that holds the channels."""
    return int(triton.next_power_of_2(channels))


def _rows(channels: int) -> int:
    """Return how many pixels a program handles at a time, so that its tile has 4096 numbers."""
    return max(4096 // _wide(channels), 16)
