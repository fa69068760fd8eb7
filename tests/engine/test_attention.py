"""Sums of tiles become the matrix that PyTorch's attention applies; no compiled code is needed for it."""

import numpy as np
import pytest
import torch

from napari_refusion.engine.attention import head_minor, mixing, sums_size
from napari_refusion.model.restormer import HEADS, channel_attention


def sums_of(query: np.ndarray, key: np.ndarray, lanes: int) -> np.ndarray:
    """What compiled code adds up of queries and keys, (pixels, channels) in the network's order."""
    channels = query.shape[1]
    q, k = (one[:, head_minor(channels)].reshape(len(one), -1, lanes) for one in (query, key))
    exchanged = np.roll(k, lanes // 2, axis=-1)
    products = [
        (q[:, a] * other[:, b]).sum(0) for a in range(q.shape[1]) for b in range(k.shape[1]) for other in (k, exchanged)
    ]
    return np.concatenate([*products, (q**2).sum(0).ravel(), (k**2).sum(0).ravel()]).astype(np.float32)


@pytest.mark.parametrize("lanes", [8, 16])
@pytest.mark.parametrize("channels", [16, 32])
def test_two_tiles_together_mix_values_as_the_attention_of_the_whole_image(lanes: int, channels: int) -> None:
    random = np.random.default_rng(channels)
    query, key, value = random.standard_normal((3, 50, channels)).astype(np.float32)
    temperature = random.random((HEADS, 1, 1), np.float32)
    projection = random.standard_normal((channels, channels)).astype(np.float32)
    expected = channel_attention(
        *(torch.from_numpy(one)[None] for one in (query, key, value)),
        torch.from_numpy(temperature),
        torch.from_numpy(projection)[..., None, None],
    )[0].numpy()
    sums = np.stack([sums_of(query[:20], key[:20], lanes), sums_of(query[20:], key[20:], lanes)])
    assert sums.shape == (2, sums_size(channels, lanes))
    np.testing.assert_allclose(value @ mixing(sums, temperature, projection, lanes), expected, atol=2e-5)


def test_the_head_of_a_channel_is_its_number_modulo_the_heads() -> None:
    np.testing.assert_array_equal(head_minor(16), [0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15])
