import numpy as np
import pytest

from napari_refusion.numerics.intensity import Window, percentile_window, rescale_to_window


def test_a_window_maps_its_ends_to_zero_and_one_and_clips_beyond() -> None:
    values = rescale_to_window(np.array([-500.0, 0.0, 40.0, 100.0, 3000.0]), Window(0, 100))
    np.testing.assert_allclose(values, [0, 0, 0.4, 1, 1])
    assert values.dtype == np.float32


def test_nan_stays_nan_so_that_it_can_be_counted() -> None:
    assert np.isnan(rescale_to_window(np.array([np.nan]), Window(0, 1)))[0]


@pytest.mark.parametrize(("low", "high"), [(1, 1), (2, 1), (0, np.inf), (np.nan, 1)])
def test_a_window_without_width_is_refused(low: float, high: float) -> None:
    with pytest.raises(ValueError, match="LOW below HIGH"):
        Window(low, high)


def test_percentiles_are_of_the_foreground_whatever_the_field_of_view() -> None:
    brain = np.linspace(10, 110, 1001)
    small, large = np.concatenate([brain, np.zeros(10)]), np.concatenate([brain, np.zeros(100_000)])
    for data in (small, large):
        window = percentile_window(data, 10, 90)
        # to a hundredth of the range: the darkest hundredth is background
        assert (window.low, window.high) == pytest.approx((20, 100), abs=1)


def test_nan_and_inf_do_not_move_a_percentile() -> None:
    data = np.concatenate([np.linspace(0, 100, 101), [np.nan, np.inf, -np.inf]])
    assert percentile_window(data, 0, 100) == Window(0, 100)


@pytest.mark.parametrize("data", [np.zeros(8), np.full(8, np.nan), np.full(3, 7.0)])
def test_a_constant_volume_has_no_window(data: np.ndarray) -> None:
    with pytest.raises(ValueError, match="empty or constant"):
        percentile_window(data, 0, 100)


def test_a_foreground_of_two_values_has_its_own_window() -> None:
    data = np.repeat([0.0, 10.0, 20.0], [500, 50, 50])
    # between the percentiles of 50 tens and 50 twenties; the background does not count
    assert percentile_window(data, 1, 99) == Window(10, 20)
