"""The window of a volume: presets, figures, percentiles, and what its modality opens with."""

import numpy as np
import pytest

from napari_refusion.numerics.intensity import Window
from napari_refusion.volume.window import choose_window


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
