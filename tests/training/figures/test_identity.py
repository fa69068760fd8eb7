import math

import numpy as np
import pytest

from napari_refusion.fusion.baselines import laplacian, maximum
from training.baselines import Fuse
from training.figures.identity import identity_figures, slope_and_bias
from training.figures.swapping import swapping_figures


def texture(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random((32, 40))


@pytest.mark.parametrize("fuse", [maximum, laplacian])
def test_a_fusion_that_adds_nothing_gives_every_source_back(fuse: Fuse) -> None:
    figures = identity_figures(fuse, texture(0), texture(1))
    assert figures == pytest.approx(
        {"identity_slope_a": 1, "identity_bias_a": 0, "identity_slope_b": 1, "identity_bias_b": 0}, abs=1e-9
    )


def test_a_straight_line_is_found_exactly() -> None:
    figures = identity_figures(lambda x, y: 0.3 * x + 0.5 * y + 0.1, texture(0), texture(1))
    assert (figures["identity_slope_a"], figures["identity_bias_a"]) == pytest.approx((0.8, 0.1))


def test_only_the_foreground_counts() -> None:
    source = np.concatenate([np.full(50, 0.09), np.linspace(0.11, 1, 50)]).reshape(10, 10)
    fused = np.where(source > 0.1, 0.9 * source + 0.05, 0.7)
    assert slope_and_bias(source, fused) == pytest.approx((0.9, 0.05))


def test_a_flat_or_black_source_has_no_slope() -> None:
    for level in (0.0, 0.5):
        flat = np.full((8, 8), level)
        assert all(map(math.isnan, slope_and_bias(flat, flat)))


def test_a_symmetric_fusion_has_no_difference_on_swapping_and_another_has_its_own_in_grey_levels() -> None:
    a, b = texture(0), texture(1)
    assert swapping_figures(maximum, a, b, maximum(a, b)) == {"swapping": 0}
    fused = 0.75 * a + 0.25 * b
    expected = 255 * np.abs(0.5 * (b - a)).mean()
    found = swapping_figures(lambda x, y: 0.75 * x + 0.25 * y, a, b, fused)
    assert found["swapping"] == pytest.approx(expected)
