"""What is computed along a row of pixels, at least eight of them: the last group of eight or four begins further left.

Each number is written before it is read again, so writing it twice changes nothing. Rows under a 3x3 convolution have
one column more on both sides.
"""

from types import MappingProxyType
from typing import Final

from numba import njit

from napari_refusion.engine.depthwise import depthwise4, gelu, store4
from napari_refusion.engine.eights import pointwise8
from napari_refusion.engine.lanes import LANES
from napari_refusion.engine.memory import fetch_to_read, fetch_to_write
from napari_refusion.engine.norm import norm8
from napari_refusion.engine.vector import multiply, store

CALLED: Final = MappingProxyType({"error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True})
"""For functions that are called, not inlined."""

_LINE: Final = 16
"""Float32 in a line of the cache."""


@njit(**CALLED)
def expand(x, xi, channels, w, wide, e, ei, count, ahead, out):
    """Write ``x @ w``; meanwhile fetch the same pixels of the next row, at `ahead`, of `x` and of what is written."""
    for first in range(0, count, 8):
        j = min(first, count - 8)
        for i in range(ahead + j * channels, ahead + (j + 8) * channels, _LINE):
            fetch_to_read(x, i)
            fetch_to_write(out, i)
        pointwise8(x, xi + j * channels, channels, w, channels, wide, e, ei + j * wide, wide, x, 0, channels, False)


@njit(**CALLED)
def norm_expand(work, xi, e, ei, y, count, ahead):
    """Write ``norm(x) @ expand`` as queries, keys and values, with room for eight pixels at `y`; see `expand`."""
    x, channels, wide = work.x, work.channels, 3 * work.channels
    for first in range(0, count, 8):
        j = min(first, count - 8)
        for i in range(ahead + j * channels, ahead + (j + 8) * channels, _LINE):
            fetch_to_read(x, i)
            fetch_to_write(work.value_x, i)
        norm8(x, xi + j * channels, channels, work.scale, work.shift, y)
        pointwise8(y, 0, channels, work.expand, channels, wide, e, ei + j * wide, wide, y, 0, channels, False)


@njit(**CALLED)
def mix_norm_expand(work, xi, u, ui, e, ei, y, count, ahead):
    """Write ``u = x + value @ mix`` and ``norm(u) @ expand``; see `norm_expand`."""
    x, value, channels, wide = work.x, work.value_x, work.channels, 4 * work.channels
    for first in range(0, count, 8):
        j = min(first, count - 8)
        i, q = xi + j * channels, ui + j * channels
        pointwise8(value, i, channels, work.mix_x, channels, channels, u, q, channels, x, i, channels, True)
        for i in range(ahead + j * channels, ahead + (j + 8) * channels, _LINE):
            fetch_to_read(x, i)
            fetch_to_read(value, i)
            fetch_to_write(work.out, i)
        norm8(u, q, channels, work.scale, work.shift, y)
        pointwise8(y, 0, channels, work.expand, channels, wide, e, ei + j * wide, wide, y, 0, channels, False)


@njit(**CALLED)
def mix_expand_both(work, xi, u, ui, e, ei, count, ahead):
    """Write both sources with what attention found, side by side, and what the gated part of the fusion makes of them.

    ``u = [x + value_x @ mix_x, y + value_y @ mix_y]``; ``e = [u @ expand, u_x @ expand_x, u_y @ expand_y]``, of 8, 4
    and 4 times the channels.
    """
    x, y, channels = work.x, work.y, work.channels
    both, wide, four = 2 * channels, 16 * channels, 4 * channels
    for first in range(0, count, 8):
        j = min(first, count - 8)
        i, q, d = xi + j * channels, ui + j * both, ei + j * wide
        pointwise8(work.value_x, i, channels, work.mix_x, channels, channels, u, q, both, x, i, channels, True)
        pointwise8(
            work.value_y, i, channels, work.mix_y, channels, channels, u, q + channels, both, y, i, channels, True
        )
        for i in range(ahead + j * channels, ahead + (j + 8) * channels, _LINE):
            fetch_to_read(x, i)
            fetch_to_read(work.value_x, i)
            fetch_to_read(y, i)
            fetch_to_read(work.value_y, i)
        for i in range(2 * ahead + j * both, 2 * ahead + (j + 8) * both, _LINE):
            fetch_to_write(work.out, i)
        pointwise8(u, q, both, work.expand, both, 2 * four, e, d, wide, u, 0, both, False)
        pointwise8(u, q, both, work.expand_x, channels, four, e, d + 2 * four, wide, u, 0, both, False)
        pointwise8(u, q + channels, both, work.expand_y, channels, four, e, d + 3 * four, wide, u, 0, both, False)


@njit(**CALLED)
def gate_project(work, e, above, here, below, wide, gated, channels, oi, u, ui, count):
    """Write ``u + (gelu(d[:half]) * d[half:]) @ project``, d the depthwise convolution of three rows of `e`."""
    half, depth = wide // 2, work.depth
    for first in range(0, count, 8):
        j = min(first, count - 8)
        for four in range(2):
            i, g = (j + 4 * four) * wide, 4 * four * half
            for c in range(0, half, LANES):
                s = depthwise4(e, above + i, here + i, below + i, wide, depth, c)
                t = depthwise4(e, above + i, here + i, below + i, wide, depth, half + c)
                store(gated, g + c, multiply(gelu(s[0]), t[0]))
                store(gated, g + c + half, multiply(gelu(s[1]), t[1]))
                store(gated, g + c + 2 * half, multiply(gelu(s[2]), t[2]))
                store(gated, g + c + 3 * half, multiply(gelu(s[3]), t[3]))
        o, b = oi + j * channels, ui + j * channels
        pointwise8(gated, 0, half, work.project, half, channels, work.out, o, channels, u, b, channels, True)


@njit(**CALLED)
def queries_keys_values(e, above, here, below, channels, depth, query, key, value, vi, count):
    """Write the depthwise convolution of `e`, (3 rows, 3 channels), as queries, keys and values."""
    wide = 3 * channels
    for first in range(0, count, 4):
        j = min(first, count - 4)
        i, o = j * wide, j * channels
        for c in range(0, channels, LANES):
            t = depthwise4(e, above + i, here + i, below + i, wide, depth, c)
            store4(query, o + c, channels, t)
            t = depthwise4(e, above + i, here + i, below + i, wide, depth, channels + c)
            store4(key, o + c, channels, t)
            t = depthwise4(e, above + i, here + i, below + i, wide, depth, 2 * channels + c)
            store4(value, vi + o + c, channels, t)
