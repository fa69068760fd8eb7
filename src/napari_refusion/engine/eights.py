"""Eight pixels at a time in registers: matrix products, the 1x1 convolution.

A feature map is an address; its pixels are rows of channels, float32. ``x, xi, xs`` are an address, the index of its
first number, and the numbers from one pixel to the next. These functions are inlined into the rows of `rows`.
"""

from types import MappingProxyType
from typing import Final

import numpy as np
from numba import njit

from napari_refusion.engine.lanes import LANES
from napari_refusion.engine.vector import load, multiply_add, spread, spread_from, store

INLINED: Final = MappingProxyType(
    {
        "error_model": "numpy",
        "forceinline": True,
        "no_cpython_wrapper": True,
        "no_cfunc_wrapper": True,
    }
)
"""With Python's error model every division would keep a branch. No fastmath: NaN stays NaN."""

IS_WIDE: Final = LANES == 16
"""Whether there are registers for two vectors of eight pixels."""


@njit(**INLINED)
def clear(x, xi, count):
    """Set numbers to 0; `count` is a multiple of the lanes."""
    zero = spread(np.float32(0))
    for i in range(xi, xi + count, LANES):
        store(x, i, zero)


@njit(**INLINED)
def after(address, count):
    """Return the address `count` float32 further on."""
    return address + 4 * count


@njit(**INLINED)
def zero8():
    """Return eight vectors of 0."""
    z = spread(np.float32(0))
    return (z, z, z, z, z, z, z, z)


@njit(**INLINED)
def load8(x, xi, xs):
    """Return a vector of each of eight pixels."""
    return (
        load(x, xi),
        load(x, xi + xs),
        load(x, xi + 2 * xs),
        load(x, xi + 3 * xs),
        load(x, xi + 4 * xs),
        load(x, xi + 5 * xs),
        load(x, xi + 6 * xs),
        load(x, xi + 7 * xs),
    )


@njit(**INLINED)
def store8(x, xi, xs, t):
    """Write a vector into each of eight pixels."""
    store(x, xi, t[0])
    store(x, xi + xs, t[1])
    store(x, xi + 2 * xs, t[2])
    store(x, xi + 3 * xs, t[3])
    store(x, xi + 4 * xs, t[4])
    store(x, xi + 5 * xs, t[5])
    store(x, xi + 6 * xs, t[6])
    store(x, xi + 7 * xs, t[7])


@njit(**INLINED)
def add_products8(t, w, x, xi, xs):
    """Return `t` with one input channel of eight pixels, times its weights `w`, added."""
    return (
        multiply_add(spread_from(x, xi), w, t[0]),
        multiply_add(spread_from(x, xi + xs), w, t[1]),
        multiply_add(spread_from(x, xi + 2 * xs), w, t[2]),
        multiply_add(spread_from(x, xi + 3 * xs), w, t[3]),
        multiply_add(spread_from(x, xi + 4 * xs), w, t[4]),
        multiply_add(spread_from(x, xi + 5 * xs), w, t[5]),
        multiply_add(spread_from(x, xi + 6 * xs), w, t[6]),
        multiply_add(spread_from(x, xi + 7 * xs), w, t[7]),
    )


@njit(**INLINED)
def pointwise8(x, xi, xs, w, inputs, outputs, out, oi, os, base, bi, bs, is_added):
    """Write a 1x1 convolution of eight pixels, ``x @ w``, on top of `base` if it is added.

    `w` is (inputs, outputs), with outputs a multiple of the lanes.
    """
    c = 0
    while IS_WIDE and c + 2 * LANES <= outputs:
        if is_added:
            s = load8(base, bi + c, bs)
            t = load8(base, bi + c + LANES, bs)
        else:
            s = zero8()
            t = zero8()
        for k in range(inputs):
            s = add_products8(s, load(w, k * outputs + c), x, xi + k, xs)
            t = add_products8(t, load(w, k * outputs + c + LANES), x, xi + k, xs)
        store8(out, oi + c, os, s)
        store8(out, oi + c + LANES, os, t)
        c += 2 * LANES
    while c < outputs:
        s = load8(base, bi + c, bs) if is_added else zero8()
        for k in range(inputs):
            s = add_products8(s, load(w, k * outputs + c), x, xi + k, xs)
        store8(out, oi + c, os, s)
        c += LANES
