"""Eight pixels normalised over their channels, in registers; see `eights`."""

from typing import Final

import numpy as np
from numba import njit

from napari_refusion.engine.eights import INLINED
from napari_refusion.engine.lanes import LANES
from napari_refusion.engine.vector import (
    add,
    load,
    multiply,
    multiply_add,
    spread,
    store,
    subtract,
    sum_of,
    sum_spread,
)

_EPSILON: Final = np.float32(1e-5)


@njit(**INLINED)
def norm_of_one(x, xi, scale, shift, out, oi):
    """Normalise a pixel whose channels are one vector."""
    centred = load(x, xi)
    centred = subtract(centred, multiply(sum_spread(centred), spread(np.float32(1 / LANES))))
    variance = sum_of(multiply(centred, centred)) * np.float32(1 / LANES)
    rise = spread(np.float32(1) / np.sqrt(variance + _EPSILON))
    store(out, oi, multiply_add(multiply(centred, rise), load(scale, 0), load(shift, 0)))


@njit(**INLINED)
def norm_of_two(x, xi, scale, shift, out, oi):
    """Normalise a pixel whose channels are two vectors."""
    one = load(x, xi)
    two = load(x, xi + LANES)
    mean = multiply(sum_spread(add(one, two)), spread(np.float32(1 / (2 * LANES))))
    one = subtract(one, mean)
    two = subtract(two, mean)
    variance = sum_of(multiply_add(one, one, multiply(two, two))) * np.float32(1 / (2 * LANES))
    rise = spread(np.float32(1) / np.sqrt(variance + _EPSILON))
    store(out, oi, multiply_add(multiply(one, rise), load(scale, 0), load(shift, 0)))
    store(out, oi + LANES, multiply_add(multiply(two, rise), load(scale, LANES), load(shift, LANES)))


@njit(**INLINED)
def norm_of_more(x, xi, channels, scale, shift, out, oi):
    """Normalise a pixel whose channels are more vectors."""
    share = np.float32(1) / np.float32(channels)
    total = load(x, xi)
    for c in range(LANES, channels, LANES):
        total = add(total, load(x, xi + c))
    mean = multiply(sum_spread(total), spread(share))
    squares = spread(np.float32(0))
    for c in range(0, channels, LANES):
        centred = subtract(load(x, xi + c), mean)
        squares = multiply_add(centred, centred, squares)
    rise = spread(np.float32(1) / np.sqrt(sum_of(squares) * share + _EPSILON))
    for c in range(0, channels, LANES):
        centred = subtract(load(x, xi + c), mean)
        store(out, oi + c, multiply_add(multiply(centred, rise), load(scale, c), load(shift, c)))


@njit(**INLINED)
def norm8(x, xi, channels, scale, shift, out):
    """Write eight pixels normalised over their channels, scaled and shifted, one behind the other."""
    for j in range(8):
        i = j * channels
        if channels == LANES:
            norm_of_one(x, xi + i, scale, shift, out, i)
        elif channels == 2 * LANES:
            norm_of_two(x, xi + i, scale, shift, out, i)
        else:
            norm_of_more(x, xi + i, channels, scale, shift, out, i)
