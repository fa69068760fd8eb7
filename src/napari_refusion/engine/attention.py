"""The small part of attention between two passes: from sums over the image to the matrix that mixes its values."""

import numpy as np
from numpy.typing import NDArray

from napari_refusion.model.restormer import HEADS


def head_minor(channels: int) -> NDArray[np.intp]:
    """Return the order of a block's queries and keys in which the head of channel n is n modulo the heads."""
    place = np.arange(channels)
    return (place % HEADS) * (channels // HEADS) + place // HEADS


def sums_size(channels: int, lanes: int) -> int:
    """Return how many sums of a tile there are: products of vectors of queries and keys, two each, and the squares."""
    return (channels // lanes) ** 2 * 2 * lanes + 2 * channels


def mixing(
    sums: NDArray[np.float32], temperature: NDArray[np.float32], projection: NDArray[np.float32], lanes: int
) -> NDArray[np.float32]:
    """Return the matrix that makes of an image's values what attention adds to it, (channels, channels).

    The same as `model.restormer.channel_attention`, in float64, summed over the tiles in their order.

    Parameters
    ----------
    sums
        (tiles, `sums_size`), see `rows.add_products`.
    temperature
        (heads, 1, 1).
    projection
        (channels, channels) of the 1x1 convolution behind the attention, output by input.
    """
    channels = len(projection)
    width, vectors = channels // HEADS, channels // lanes
    total = sums.astype(np.float64).sum(axis=0)
    products, query, key = np.split(total, [total.size - 2 * channels, total.size - channels])
    products = products.reshape(vectors, vectors, 2, lanes)
    norms = np.sqrt(np.maximum(query, 1e-24)), np.sqrt(np.maximum(key, 1e-24))
    logits = np.empty((HEADS, width, width))
    lane = np.arange(lanes)
    for a, b, half in np.ndindex(vectors, vectors, lanes // HEADS):
        queries, keys = a * lanes + lane, b * lanes + (lane + half * HEADS) % lanes
        logits[lane % HEADS, queries // HEADS, keys // HEADS] = products[a, b, half] / (
            norms[0][queries] * norms[1][keys]
        )
    logits *= temperature
    weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    by_head = projection.reshape(channels, HEADS, width)
    mixed = np.einsum("dke,kef->dkf", by_head, weights).reshape(channels, channels)
    return np.ascontiguousarray(mixed.T, np.float32)
