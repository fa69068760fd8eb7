"""The sums that attention needs of a row: products of queries and keys, and their squares."""

import numpy as np
from numba import njit

from napari_refusion.engine.eights import INLINED, IS_WIDE
from napari_refusion.engine.lanes import LANES
from napari_refusion.engine.rows import CALLED
from napari_refusion.engine.vector import add, halves_exchanged, load, multiply_add, spread, store


@njit(**CALLED)
def add_products(query, key, channels, count, sums, si):
    """Add a row's products of queries and keys to sums: (vectors of queries, of keys, 2, lanes), then their squares.

    Channels are in head-minor order, the head of lane n is n modulo 8: products within heads are those of vectors, and
    with 16 lanes of their halves exchanged.
    """
    z = spread(np.float32(0))
    whole = count - count % 4
    for a in range(0, channels, LANES):
        for b in range(0, channels, LANES):
            s = (z, z, z, z)
            t = (z, z, z, z)
            for j in range(0, whole * channels, 4 * channels):
                s, t = products_of_four(s, t, query, j + a, key, j + b, channels)
            s0, t0 = s[0], t[0]
            for j in range(whole * channels, count * channels, channels):
                k = load(key, j + b)
                q = load(query, j + a)
                s0 = multiply_add(q, k, s0)
                if IS_WIDE:
                    t0 = multiply_add(q, halves_exchanged(k), t0)
            store(sums, si, add(load(sums, si), add(add(s0, s[1]), add(s[2], s[3]))))
            store(sums, si + LANES, add(load(sums, si + LANES), add(add(t0, t[1]), add(t[2], t[3]))))
            si += 2 * LANES
    add_squares(query, channels, count, sums, si)
    add_squares(key, channels, count, sums, si + channels)


@njit(**INLINED)
def products_of_four(s, t, query, qi, key, ki, channels):
    """Return sums of products, and of those with halves exchanged, of four pixels: four sums hide the latency."""
    k0 = load(key, ki)
    k1 = load(key, ki + channels)
    k2 = load(key, ki + 2 * channels)
    k3 = load(key, ki + 3 * channels)
    q0 = load(query, qi)
    q1 = load(query, qi + channels)
    q2 = load(query, qi + 2 * channels)
    q3 = load(query, qi + 3 * channels)
    s = (multiply_add(q0, k0, s[0]), multiply_add(q1, k1, s[1]), multiply_add(q2, k2, s[2]), multiply_add(q3, k3, s[3]))
    if IS_WIDE:
        t = (
            multiply_add(q0, halves_exchanged(k0), t[0]),
            multiply_add(q1, halves_exchanged(k1), t[1]),
            multiply_add(q2, halves_exchanged(k2), t[2]),
            multiply_add(q3, halves_exchanged(k3), t[3]),
        )
    return s, t


@njit(**CALLED)
def add_squares(x, channels, count, sums, si):
    """Add a row's squares to (channels,) sums."""
    z = spread(np.float32(0))
    whole = count - count % 4
    for c in range(0, channels, LANES):
        s0, s1, s2, s3 = z, z, z, z
        for i in range(c, whole * channels, 4 * channels):
            x0 = load(x, i)
            x1 = load(x, i + channels)
            x2 = load(x, i + 2 * channels)
            x3 = load(x, i + 3 * channels)
            s0 = multiply_add(x0, x0, s0)
            s1 = multiply_add(x1, x1, s1)
            s2 = multiply_add(x2, x2, s2)
            s3 = multiply_add(x3, x3, s3)
        for i in range(whole * channels + c, count * channels, channels):
            x0 = load(x, i)
            s0 = multiply_add(x0, x0, s0)
        store(sums, si + c, add(load(sums, si + c), add(add(s0, s1), add(s2, s3))))
