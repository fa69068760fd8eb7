"""The two operations that a GPU's libraries do slowly for few channels, in Triton: normalisation and depthwise 3x3.

Both work on channels-last features, rows of pixels of C channels, in float32 inside. A layer norm of 16 channels keeps a
library busy with one block of threads a pixel, and the gradient of a depthwise convolution's weights reads every image
nine times. Imported only where there is a GPU; checked there against the plain operations before a run.
"""

from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor
from torch.autograd.function import once_differentiable

ROWS = 64
"""Pixels that one program handles at a time."""

PARTS = 528
"""Programs that sum up gradients of weights, four for each multiprocessor of a large GPU."""


@triton.jit
def _norm_forward(x, weight, bias, y, count, channels: tl.constexpr, rows: tl.constexpr):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    row = tl.program_id(0) * rows + tl.arange(0, rows)
    column = tl.arange(0, channels)
    at = row[:, None] * channels + column[None]
    inside = row[:, None] < count
    value = tl.load(x + at, mask=inside, other=0.0).to(tl.float32)
    mean = tl.sum(value, axis=1) / channels
    centred = value - mean[:, None]
    scale = 1 / tl.sqrt(tl.sum(centred * centred, axis=1) / channels + 1e-5)
    normal = centred * scale[:, None] * tl.load(weight + column)[None] + tl.load(bias + column)[None]
    tl.store(y + at, normal, mask=inside)


@triton.jit
def _norm_backward(
    x, weight, dy, dx, dweight, dbias, count, steps: tl.constexpr, channels: tl.constexpr, rows: tl.constexpr
):  # type: ignore[no-untyped-def]
    column = tl.arange(0, channels)
    factor = tl.load(weight + column)[None]
    sum_weight = tl.zeros((channels,), dtype=tl.float32)
    sum_bias = tl.zeros((channels,), dtype=tl.float32)
    for step in range(steps):
        row = (tl.program_id(0) * steps + step) * rows + tl.arange(0, rows)
        at = row[:, None] * channels + column[None]
        inside = row[:, None] < count
        value = tl.load(x + at, mask=inside, other=0.0).to(tl.float32)
        slope = tl.load(dy + at, mask=inside, other=0.0).to(tl.float32)
        mean = tl.sum(value, axis=1) / channels
        centred = value - mean[:, None]
        scale = 1 / tl.sqrt(tl.sum(centred * centred, axis=1) / channels + 1e-5)
        normal = centred * scale[:, None]
        sum_weight += tl.sum(slope * normal, axis=0)
        sum_bias += tl.sum(slope, axis=0)
        inner = slope * factor
        along = tl.sum(inner * normal, axis=1) / channels
        level = tl.sum(inner, axis=1) / channels
        tl.store(dx + at, (inner - level[:, None] - normal * along[:, None]) * scale[:, None], mask=inside)
    tl.store(dweight + tl.program_id(0) * channels + column, sum_weight)
    tl.store(dbias + tl.program_id(0) * channels + column, sum_bias)


class Normalised(torch.autograd.Function):
    """Layer norm over the last dimension, a power of two, epsilon 1e-5: rows (N, C), weight and bias (C,)."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor, weight: Tensor, bias: Tensor) -> Tensor:  # noqa: ANN401
        """Return the normalised rows, (N, C)."""
        rows = rows.contiguous()
        result = torch.empty_like(rows)
        grid = (triton.cdiv(rows.shape[0], ROWS),)
        _norm_forward[grid](rows, weight, bias, result, rows.shape[0], channels=rows.shape[1], rows=ROWS)
        ctx.save_for_backward(rows, weight)
        return result

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor, Tensor, Tensor]:  # noqa: ANN401
        """Return the gradients of rows, weight and bias."""
        rows, weight = ctx.saved_tensors
        slope, result = slope.contiguous(), torch.empty_like(rows)
        sums = rows.new_empty((2, PARTS, rows.shape[1]), dtype=torch.float32)
        _norm_backward[(PARTS,)](
            rows,
            weight,
            slope,
            result,
            sums[0],
            sums[1],
            rows.shape[0],
            steps=triton.cdiv(rows.shape[0], PARTS * ROWS),
            channels=rows.shape[1],
            rows=ROWS,
        )
        in_all = sums.sum(dim=1)
        return result, in_all[0], in_all[1]


@triton.jit
def _shifted(x, at, row, column, down: tl.constexpr, across: tl.constexpr, height, width, channels, inside):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    there = (row + down >= 0) & (row + down < height) & (column + across >= 0) & (column + across < width)
    return tl.load(x + at + (down * width + across) * channels, mask=inside & there[:, None], other=0.0).to(tl.float32)


@triton.jit
def _depthwise_forward(  # type: ignore[no-untyped-def] # noqa: ANN202
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
def _depthwise_weight(  # type: ignore[no-untyped-def] # noqa: ANN202
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
