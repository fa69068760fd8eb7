"""Layer norm over few channels in Triton; a library keeps one block of threads busy with a single pixel of them.

Works on rows of pixels of C channels, in float32 inside. Imported only where there is a GPU; checked there against the
plain operation before a run.
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
def _norm_forward(x, weight, bias, y, count, channels: tl.constexpr, rows: tl.constexpr):
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
):
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
