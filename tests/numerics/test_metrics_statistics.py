"""Values from mathematics, and from scipy's entropy."""

import numpy as np
import pytest
from scipy import stats

from napari_refusion.numerics.metrics import statistics


def test_the_entropy_is_that_of_the_histogram() -> None:
    image = np.random.default_rng(0).binomial(255, 0.3, (64, 64)).astype(float)
    counts = np.bincount(image.astype(int).ravel())
    assert statistics.entropy(image) == pytest.approx(stats.entropy(counts, base=2), abs=1e-12)


@pytest.mark.parametrize(("levels", "bits"), [(1, 0), (2, 1), (16, 4), (256, 8)])
def test_equally_frequent_levels_have_their_logarithm_as_entropy(levels: int, bits: float) -> None:
    image = (np.arange(64 * 64).reshape(64, 64) % levels).astype(float)
    assert statistics.entropy(image) == pytest.approx(bits, abs=1e-12)


def test_half_black_and_half_white_has_the_largest_standard_deviation() -> None:
    assert statistics.standard_deviation(np.repeat([[0.0, 255.0]], 4, axis=0)) == 127.5


def test_stripes_have_the_spatial_frequency_of_their_step_and_a_chessboard_of_both() -> None:
    rows, columns = np.indices((6, 9))
    assert statistics.spatial_frequency(255.0 * (columns % 2)) == pytest.approx(255)
    assert statistics.spatial_frequency(255.0 * ((rows + columns) % 2)) == pytest.approx(255 * np.sqrt(2))


def test_each_direction_of_the_spatial_frequency_is_averaged_over_its_own_steps() -> None:
    image = np.array([[0.0, 0.0, 3.0], [0.0, 0.0, 3.0]])  # across: steps 0 and 3, twice; down: none
    assert statistics.spatial_frequency(image) == pytest.approx(np.sqrt(18 / 4))


def test_a_plane_has_its_slope_over_the_root_of_two_as_average_gradient() -> None:
    rows, columns = np.indices((5, 8)).astype(float)
    assert statistics.average_gradient(3 * rows + 4 * columns) == pytest.approx(5 / np.sqrt(2))


def test_the_background_is_where_both_sources_are_black() -> None:
    a, b, fused = np.zeros((2, 2)), np.array([[0.0, 9.0], [0.0, 0.0]]), np.array([[51.0, 255.0], [0.0, 0.0]])
    assert statistics.background_level(a, b, fused) == pytest.approx(51 / 3 / 255)


def test_without_background_there_is_no_background_level() -> None:
    assert np.isnan(statistics.background_level(np.ones((2, 2)), np.zeros((2, 2)), np.zeros((2, 2))))
