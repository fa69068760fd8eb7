import numpy as np
import pytest

from napari_refusion.numerics.intensity import Window, choose_window, percentile_window, to_unit


def test_a_window_maps_its_ends_to_zero_and_one_and_clips_beyond() -> None:
    values = to_unit(np.array([-500.0, 0.0, 40.0, 100.0, 3000.0]), Window(0, 100))
    np.testing.assert_allclose(values, [0, 0, 0.4, 1, 1])
    assert values.dtype == np.float32


def test_nan_stays_nan_so_that_it_can_be_counted() -> None:
    assert np.isnan(to_unit(np.array([np.nan]), Window(0, 1)))[0]


@pytest.mark.parametrize(("low", "high"), [(1, 1), (2, 1), (0, np.inf), (np.nan, 1)])
def test_a_window_without_width_is_refused(low: float, high: float) -> None:
    with pytest.raises(ValueError, match="LOW below HIGH"):
        Window(low, high)


def test_percentiles_are_of_the_foreground_whatever_the_field_of_view() -> None:
    brain = np.linspace(10, 110, 1001)
    small, large = np.concatenate([brain, np.zeros(10)]), np.concatenate([brain, np.zeros(100_000)])
    for data in (small, large):
        window = percentile_window(data, 10, 90)
        assert (window.low, window.high) == pytest.approx((20, 100))


def test_nan_and_inf_do_not_move_a_percentile() -> None:
    data = np.concatenate([np.linspace(0, 100, 101), [np.nan, np.inf, -np.inf]])
    assert percentile_window(data, 0, 100) == Window(0, 100)


@pytest.mark.parametrize("data", [np.zeros(8), np.full(8, np.nan), np.full(3, 7.0)])
def test_a_constant_volume_has_no_window(data: np.ndarray) -> None:
    with pytest.raises(ValueError, match="empty or constant"):
        percentile_window(data, 0, 100)


@pytest.mark.parametrize(
    ("preset", "low", "high"), [("brain", 0, 100), ("bone", -300, 1300), ("soft", -135, 215), ("lung", -1200, 200)]
)
def test_ct_presets_have_the_widths_and_levels_of_radiology(preset: str, low: float, high: float) -> None:
    assert choose_window(np.array([0.0]), "CT", "HU", preset) == Window(low, high)


def test_a_ct_preset_is_refused_for_values_that_are_not_hounsfield_units() -> None:
    with pytest.raises(ValueError, match="in HU"):
        choose_window(np.arange(5.0), "CT", "", "brain")


def test_numbers_and_percentiles_can_be_given() -> None:
    data = np.concatenate([[0.0], np.linspace(1, 101, 1001)])
    assert choose_window(data, "MR", "", " 5, 20.5 ") == Window(5, 20.5)
    window = choose_window(data, "MR", "", "p10,p90")
    assert (window.low, window.high) == pytest.approx((11, 91))


@pytest.mark.parametrize("choice", ["brian", "1", "1,2,3", "p5,9", "p90,p10", "a,b"])
def test_a_window_that_is_not_understood_is_named(choice: str) -> None:
    with pytest.raises(ValueError, match=choice):
        choose_window(np.arange(5.0), "MR", "", choice)


def test_defaults_follow_the_modality() -> None:
    uptake = np.concatenate([np.zeros(1000), np.linspace(1, 11, 1001)])
    assert choose_window(uptake, "CT", "HU") == Window(0, 100)
    pet, mri = choose_window(uptake, "PT", "SUVbw"), choose_window(uptake, "MR", "")
    assert (pet.low, pet.high) == pytest.approx((0, 10.95))
    assert (mri.low, mri.high) == pytest.approx((1.05, 10.95))
    assert choose_window(uptake, "", "") == Window(0, 11)


@pytest.mark.parametrize("high", [1.0, 900.0])
@pytest.mark.parametrize("share", [0.001, 0.5, 0.999])
@pytest.mark.parametrize("modality", ["MR", ""])
def test_a_volume_of_two_values_is_shown_from_the_lower_to_the_higher(modality: str, share: float, high: float) -> None:
    # all percentiles of its foreground are one number, which is no window
    mask = np.where(np.arange(1000) < 1000 * share, high, 0.0)
    assert choose_window(mask, modality, "") == Window(0, high)
    assert choose_window(mask, modality, "", "p10,p90") == Window(0, high)


def test_a_foreground_of_two_values_has_its_own_window() -> None:
    data = np.repeat([0.0, 10.0, 20.0], [500, 50, 50])
    # between the percentiles of 50 tens and 50 twenties; the background does not count
    assert percentile_window(data, 1, 99) == Window(10, 20)
