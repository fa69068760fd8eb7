"""Values from the constants of Xydeas and Petrovic."""

import numpy as np
import pytest

from napari_refusion.numerics.metrics import edges

ALIKE = 0.9879 / (1 + np.exp(-22 * (1 - 0.8)))
"""What equal orientations keep."""


def texture(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (64, 64)).astype(float)


def test_edges_of_half_the_strength_are_kept_as_the_middle_of_the_sigmoid_says() -> None:
    image = texture(0)
    assert edges.qabf(image, image, image / 2) == pytest.approx(0.9994 / 2 * ALIKE, abs=1e-9)


def test_equal_edges_count_as_their_strength_like_in_the_published_tables() -> None:
    image = texture(1)
    # the strength itself, mostly above 100, goes into the sigmoid, which it saturates
    assert edges.qabf(image, image, image) == pytest.approx(0.9994 * ALIKE, abs=1e-6)


def test_edges_across_the_source_s_keep_nothing() -> None:
    stripes = np.tile(np.repeat([0.0, 200.0], 4), (64, 8))
    inside = np.pad(np.zeros((40, 40)), 12, constant_values=1) == 0
    framed, crossed = np.where(inside, stripes, 100.0), np.where(inside, stripes.T, 100.0)
    assert edges.qabf(framed, framed, crossed) < 0.5 * edges.qabf(framed, framed, framed)


def test_a_flat_fused_image_keeps_no_edge_but_its_own_border() -> None:
    assert edges.qabf(texture(2), texture(3), np.full((64, 64), 100.0)) < 0.2


def test_flat_black_sources_have_no_edges_to_keep() -> None:
    assert np.isnan(edges.qabf(np.zeros((32, 32)), np.zeros((32, 32)), texture(4)[:32, :32]))
