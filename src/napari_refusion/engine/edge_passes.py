"""The first pass over a tile, from an image to features, and the last one, from features to the fused image."""

import numpy as np
from numba import njit

from napari_refusion.engine.eights import INLINED, add_products8, after, clear, store8, zero8
from napari_refusion.engine.lanes import LANES
from napari_refusion.engine.memory import store_number
from napari_refusion.engine.rows import CALLED
from napari_refusion.engine.tiles import tile_of
from napari_refusion.engine.vector import at_least, load, multiply, multiply_add, spread, store, sum_of

_SLOPE = np.float32(0.01)
"""Of the leaky ReLU."""


@njit(**CALLED)
def embed(work, tile, _scratch):
    """Write a tile of the first features: a 3x3 convolution of one channel to `channels`."""
    top, bottom, left, count, _low, _wider = tile_of(work, tile)
    channels, padded = work.channels, work.width + 2
    for row in range(top, bottom):
        for first in range(left, left + count, 8):
            column = min(first, left + count - 8)
            for c in range(0, channels, LANES):
                t = zero8()
                for dy in range(3):
                    for dx in range(3):
                        w = load(work.depth, (3 * dy + dx) * channels + c)
                        t = add_products8(t, w, work.x, (row + dy) * padded + column + dx, 1)
                store8(work.out, (row * work.width + column) * channels + c, channels, t)


@njit(**INLINED)
def leaky(x):
    """Return the leaky ReLU of a vector; NaN where it is NaN."""
    return at_least(x, multiply(x, spread(_SLOPE)))


@njit(**CALLED)
def shrink_row(work, ring, row, line, out, oi, columns):
    """Write a row of the 3x3 convolution that halves the channels, with its leaky ReLU."""
    channels = work.channels
    half, taps = channels // 2, 3 * channels
    for first in range(0, columns, 8):
        j = min(first, columns - 8)
        for c in range(0, half, LANES):
            t = zero8()
            for dy in range(3):
                i = (row + 2 + dy) % 3 * line + j * channels
                for k in range(taps):
                    t = add_products8(t, load(work.depth, (dy * taps + k) * half + c), ring, i + k, channels)
            t = (leaky(t[0]), leaky(t[1]), leaky(t[2]), leaky(t[3]), leaky(t[4]), leaky(t[5]), leaky(t[6]), leaky(t[7]))
            store8(out, oi + j * half + c, half, t)


@njit(**CALLED)
def output_row(work, ring, row, line, oi, count):
    """Write a row of the image: a 3x3 convolution of the shrunk features to one channel, and the sigmoid."""
    half = work.channels // 2
    for j in range(count):
        t = spread(np.float32(0))
        for dy in range(3):
            i = (row + 2 + dy) % 3 * line + j * half
            for c in range(0, 3 * half, LANES):
                t = multiply_add(load(ring, i + c), load(work.project, 3 * dy * half + c), t)
        store_number(work.out, oi + j, np.float32(1) / (np.float32(1) + np.exp(-sum_of(t))))


@njit(**CALLED)
def finish(work, tile, scratch):
    """Write a tile of the fused image: a ring of three rows of features, two columns wider, and one of shrunk rows."""
    top, bottom, left, count, _low, _wider = tile_of(work, tile)
    channels, right = work.channels, left + count
    half = channels // 2
    line, narrow = (count + 4) * channels, (count + 2) * half
    features = scratch
    shrunk = after(features, 3 * line)
    clear(features, 0, 3 * line)
    low, high = max(left - 2, 0), min(right + 2, work.width)
    for row in range(top - 2, bottom + 2):
        slot = (row + 3) % 3 * line
        if row < 0 or row >= work.height:
            clear(features, slot, line)
        else:
            fi, i = slot + (low - left + 2) * channels, (row * work.width + low) * channels
            for c in range(0, (high - low) * channels, LANES):
                store(features, fi + c, load(work.x, i + c))
        if row >= top:
            si = (row + 2) % 3 * narrow
            if row < 1 or row > work.height:
                clear(shrunk, si, narrow)
            else:
                shrink_row(work, features, row - 1, line, shrunk, si, count + 2)
                if left == 0:
                    clear(shrunk, si, half)
                if right == work.width:
                    clear(shrunk, si + (count + 1) * half, half)
        if row >= top + 2:
            output_row(work, shrunk, row - 2, narrow, (row - 2) * work.width + left, count)
