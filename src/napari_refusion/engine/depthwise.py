"""Four columns of a 3x3 convolution of each channel by itself, in registers, and GELU; see `eights`."""

from typing import Final

import numpy as np
from numba import njit

from napari_refusion.engine.eights import INLINED
from napari_refusion.engine.vector import at_least, at_most, load, multiply, multiply_add, spread, store

_REACH: Final = 5.2
"""Beyond it GELU is 0, or x itself, to the precision of float32."""

_GELU: Final = tuple(
    np.float32(number)
    for number in (
        -0.0003882000455632806,
        0.0011886508436873555,
        -0.0014688646188005805,
        0.0020052692852914333,
        -0.004542224574834108,
        0.00836501270532608,
        -0.012619700282812119,
        0.018038809299468994,
        -0.024698831140995026,
        0.031973909586668015,
        -0.03993198648095131,
        0.050025615841150284,
        -0.06774362176656723,
        0.1359499841928482,
    )
)
"""(Phi(x) - 1/2) / x as a polynomial of 2 x^2 / 5.2^2 - 1, highest power first: a least-squares fit of the normal
distribution's Phi for x from 0 to 5.2."""


@njit(**INLINED)
def gelu(x):
    """Return x times the normal distribution's Phi(x), without exp and division."""
    near = at_most(at_least(x, spread(np.float32(-_REACH))), spread(np.float32(_REACH)))
    u = multiply_add(multiply(near, near), spread(np.float32(2 / _REACH**2)), spread(np.float32(-1)))
    p = spread(_GELU[0])
    p = multiply_add(p, u, spread(_GELU[1]))
    p = multiply_add(p, u, spread(_GELU[2]))
    p = multiply_add(p, u, spread(_GELU[3]))
    p = multiply_add(p, u, spread(_GELU[4]))
    p = multiply_add(p, u, spread(_GELU[5]))
    p = multiply_add(p, u, spread(_GELU[6]))
    p = multiply_add(p, u, spread(_GELU[7]))
    p = multiply_add(p, u, spread(_GELU[8]))
    p = multiply_add(p, u, spread(_GELU[9]))
    p = multiply_add(p, u, spread(_GELU[10]))
    p = multiply_add(p, u, spread(_GELU[11]))
    p = multiply_add(p, u, spread(_GELU[12]))
    p = multiply_add(p, u, spread(_GELU[13]))
    return multiply(x, multiply_add(near, p, spread(np.float32(0.5))))


@njit(**INLINED)
def add_row_of_taps(t, x, xi, xs, w, wi):
    """Return four output columns with three taps of one of the three input rows added."""
    left = load(w, wi)
    middle = load(w, wi + xs)
    right = load(w, wi + 2 * xs)
    x1 = load(x, xi + xs)
    x2 = load(x, xi + 2 * xs)
    x3 = load(x, xi + 3 * xs)
    x4 = load(x, xi + 4 * xs)
    return (
        multiply_add(x2, right, multiply_add(x1, middle, multiply_add(load(x, xi), left, t[0]))),
        multiply_add(x3, right, multiply_add(x2, middle, multiply_add(x1, left, t[1]))),
        multiply_add(x4, right, multiply_add(x3, middle, multiply_add(x2, left, t[2]))),
        multiply_add(load(x, xi + 5 * xs), right, multiply_add(x4, middle, multiply_add(x3, left, t[3]))),
    )


@njit(**INLINED)
def depthwise4(x, above, here, below, channels, w, c):
    """Return a vector of channels, from `c` on, of four columns of a depthwise 3x3 convolution.

    `above`, `here` and `below` are where the three rows begin, one column to the left of the first output.
    """
    z = spread(np.float32(0))
    t = add_row_of_taps((z, z, z, z), x, above + c, channels, w, c)
    t = add_row_of_taps(t, x, here + c, channels, w, 3 * channels + c)
    return add_row_of_taps(t, x, below + c, channels, w, 6 * channels + c)


@njit(**INLINED)
def store4(x, xi, xs, t):
    """Write a vector into each of four pixels."""
    store(x, xi, t[0])
    store(x, xi + xs, t[1])
    store(x, xi + 2 * xs, t[2])
    store(x, xi + 3 * xs, t[3])
