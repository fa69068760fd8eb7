import math

import numpy as np
import pytest

from training.figures.levels import level_figures


def steps() -> tuple[np.ndarray, np.ndarray]:
    """Ten columns of equal width: a rises from 0 to .9, b is .1 below it, at least 0."""
    a = np.repeat(np.arange(10) / 10, 4)[None].repeat(8, axis=0)
    return a, np.maximum(a - 0.1, 0)


def test_the_brighter_source_is_neither_above_nor_below_both_and_has_its_levels() -> None:
    a, b = steps()
    figures = level_figures(a, b, np.maximum(a, b))
    assert figures["above_both"] == figures["below_both"] == 0
    for name in ("saturated", "median", "dark_level"):
        assert figures[name] == figures[f"{name}_sources"]


def test_a_fused_image_lifted_by_a_tenth_is_above_both_everywhere_and_lifts_the_dark_level() -> None:
    a, b = steps()
    figures = level_figures(a, b, a + 0.1)
    assert figures["above_both"] == 1
    assert figures["below_both"] == 0
    assert figures["dark_level"] == pytest.approx(0.1)
    assert figures["dark_level_sources"] == 0
    assert figures["median"] == pytest.approx(figures["median_sources"] + 0.1)


def test_a_fused_image_is_below_both_only_beyond_the_darker_source() -> None:
    a, b = steps()
    assert level_figures(a, b, b)["below_both"] == 0
    assert level_figures(a, b, np.maximum(b - 0.1, 0))["below_both"] == pytest.approx(8 / 9)  # b is 0 in one of nine


def test_saturation_is_a_share_of_all_pixels_beside_that_of_the_sources() -> None:
    a, b = steps()
    figures = level_figures(a, b, np.where(a > 0.75, 1.0, a))
    assert figures["saturated"] == pytest.approx(0.2)
    assert figures["saturated_sources"] == 0


def test_the_dark_level_of_a_slice_whose_air_is_not_black_is_that_of_its_darkest_tenth() -> None:
    a = np.linspace(0.04, 0.9, 1000).reshape(20, 50)
    figures = level_figures(a, np.zeros_like(a), 2 * a)
    assert figures["dark_level_sources"] == pytest.approx(a.ravel()[:100].mean())
    assert figures["dark_level"] == pytest.approx(2 * a.ravel()[:100].mean())


def test_a_black_slice_has_no_foreground() -> None:
    black = np.zeros((16, 16))
    figures = level_figures(black, black, black)
    assert all(math.isnan(figures[name]) for name in ("above_both", "below_both", "median", "median_sources"))
    assert figures["dark_level"] == figures["saturated"] == 0
