"""The window of a volume: presets, figures, percentiles, and what its modality opens with."""

from dataclasses import replace

import numpy as np
import pytest

from napari_refusion.numerics.intensity import Window
from napari_refusion.volume.acquisition import Acquisition, HeaderWindow
from napari_refusion.volume.chosen_window import Purpose
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.preset import PRESETS
from napari_refusion.volume.volume import Volume
from napari_refusion.volume.window import check_choice, choose_window, volume_window


def volume(data: np.ndarray, modality: str = "", unit: str = "", *, is_photograph: bool = False) -> Volume:
    return Volume(np.atleast_3d(data).astype(np.float32), np.eye(4), modality, unit, is_photograph=is_photograph)


@pytest.mark.parametrize(
    ("preset", "low", "high"),
    [
        ("brain", 0, 100),
        ("bone", -300, 1300),
        ("soft", -135, 215),
        ("lung", -1200, 200),
        ("mediastinum", -125, 225),
        ("liver", -45, 105),
        ("angio", 0, 600),
    ],
)
def test_ct_presets_have_the_widths_and_levels_of_radiology(preset: str, low: float, high: float) -> None:
    chosen = choose_window(volume(np.zeros(2), "CT", "HU"), preset)
    assert (chosen.window, chosen.source) == (Window(low, high), f"chosen, {preset}")


@pytest.mark.parametrize("high", [5, 7, 10, 15])
def test_pet_has_fixed_scales_from_0(high: float) -> None:
    assert volume_window(volume(np.zeros(2), "PT", "SUVbw"), f"SUV{high}") == Window(0, high)


def test_a_scale_can_be_typed_for_suv_whose_file_does_not_say_by_what() -> None:
    assert volume_window(volume(np.zeros(2), "PT", "SUV"), "suv7") == Window(0, 7)
    with pytest.raises(RefusedError, match="is in SUVlbm, but"):
        choose_window(volume(np.zeros(2), "PT", "SUV"), "sul5")


def test_every_preset_says_where_its_values_are_from() -> None:
    assert all(preset.source and preset.title for preset in PRESETS.values())


@pytest.mark.parametrize(
    ("modality", "unit", "choice"), [("CT", "", "brain"), ("PT", "Bq/ml", "suv5"), ("PT", "SUVbw", "lung")]
)
def test_a_preset_is_refused_for_values_in_another_unit(modality: str, unit: str, choice: str) -> None:
    with pytest.raises(RefusedError, match=f"Choose another window.*is in {PRESETS[choice].unit}, but"):
        choose_window(volume(np.arange(5.0), modality, unit), choice)


def test_numbers_and_percentiles_can_be_given() -> None:
    data = np.concatenate([np.zeros(200), np.linspace(1, 101, 1001)])
    assert volume_window(volume(data, "MR"), " 5, 20.5 ") == Window(5, 20.5)
    window = volume_window(volume(data, "MR"), "p10,p90")
    assert (window.low, window.high) == pytest.approx((11, 91), abs=1)


@pytest.mark.parametrize(
    ("choice", "expected"), [("header", (0, 80)), ("header 1", (0, 80)), ("header2", (-500, 1500))]
)
def test_a_window_of_the_header_can_be_chosen(choice: str, expected: tuple[float, float]) -> None:
    windows = HeaderWindow(Window(0, 80), "BRAIN"), HeaderWindow(Window(-500, 1500))
    ct = replace(volume(np.arange(5.0), "CT", "HU"), acquisition=Acquisition(windows=windows))
    chosen = choose_window(ct, choice)
    assert chosen.window == Window(*expected)
    assert chosen.source.startswith("chosen, header")


@pytest.mark.parametrize("choice", ["brian", "1", "1,2,3", "p5,9", "p90,p10", "a,b", "header", "header x"])
def test_a_window_that_is_not_understood_is_named(choice: str) -> None:
    with pytest.raises(RefusedError, match=choice):
        choose_window(volume(np.arange(5.0), "MR"), choice)


def test_a_window_that_is_none_is_answered_with_all_that_can_be_chosen() -> None:
    with pytest.raises(RefusedError, match=r"^Choose a preset") as refused:
        check_choice("brian")
    assert all(word in str(refused.value) for word in (*PRESETS, "header", "LOW,HIGH", "p1,p99", "'brian'"))


@pytest.mark.parametrize(
    ("count", "choice", "words"),
    [(0, "header", "holds none"), (1, "header 2", "holds one"), (2, "header 0", "holds header 1 to header 2")],
)
def test_a_window_that_the_header_lacks_is_answered_with_those_that_it_has(count: int, choice: str, words: str) -> None:
    windows = (HeaderWindow(Window(0, 80), "BRAIN"),) * count
    ct = replace(volume(np.arange(5.0), "CT", "HU"), acquisition=Acquisition(windows=windows))
    with pytest.raises(RefusedError, match=f"Choose .*{words}"):
        choose_window(ct, choice)


def test_defaults_follow_the_modality() -> None:
    uptake = np.concatenate([np.zeros(1000), np.linspace(1, 11, 1001)])
    pet, mri = volume_window(volume(uptake, "PT", "Bq/ml")), volume_window(volume(uptake, "MR"))
    assert (pet.low, pet.high) == pytest.approx((0, 10.95))
    assert (mri.low, mri.high) == pytest.approx((1.05, 10.95))
    assert choose_window(volume(uptake)).window == Window(0, 11)
    assert choose_window(volume(uptake)).source == "full range"


@pytest.mark.parametrize("high", [1.0, 900.0])
@pytest.mark.parametrize("share", [0.001, 0.5, 0.999])
@pytest.mark.parametrize("modality", ["MR", ""])
def test_a_volume_of_two_values_is_shown_from_the_lower_to_the_higher(modality: str, share: float, high: float) -> None:
    # all percentiles of its foreground are one number, which is no window
    mask = volume(np.where(np.arange(1000) < 1000 * share, high, 0.0), modality)
    assert volume_window(mask) == Window(0, high)
    assert volume_window(mask, "p10,p90") == Window(0, high)


EIGHT_BITS = np.arange(0, 40, dtype=np.float32) / 255
TWELVE_IN_SIXTEEN = np.arange(0, 2501, dtype=np.float32) / 65535


@pytest.mark.parametrize("modality", ["MR", "PT", "", "OT"])
def test_a_dark_picture_of_8_bits_stays_as_dark_as_it_is(modality: str) -> None:
    assert volume_window(volume(EIGHT_BITS, modality, is_photograph=True)) == Window(0, 1)


@pytest.mark.parametrize("modality", ["MR", "PT", "", "CT"])
@pytest.mark.parametrize("values", [TWELVE_IN_SIXTEEN, TWELVE_IN_SIXTEEN / 4, TWELVE_IN_SIXTEEN * 0.9 + 1e-5])
def test_a_medical_picture_of_10_or_12_bits_in_16_is_windowed_by_its_values(modality: str, values: np.ndarray) -> None:
    window = volume_window(volume(values, modality, is_photograph=True))
    assert window.high == pytest.approx(float(values.max()), rel=0.02)


def test_an_underexposed_photograph_is_not_stretched() -> None:
    photograph = volume(TWELVE_IN_SIXTEEN, is_photograph=True)
    assert choose_window(photograph, "", Purpose(is_medical=False)).window == Window(0, 1)


@pytest.mark.parametrize("value", [0.0, np.nan])
@pytest.mark.parametrize("modality", ["MR", "NM", ""])
def test_a_constant_volume_has_no_window(value: float, modality: str) -> None:
    with pytest.raises(RefusedError, match="empty or constant"):
        choose_window(volume(np.full(8, value), modality))


@pytest.mark.parametrize("choice", ["", "soft", " SUV5 ", "header", "header 2", "-160,240", "p1,p99"])
def test_what_some_volume_can_be_windowed_by_is_a_choice(choice: str) -> None:
    check_choice(choice)


@pytest.mark.parametrize("choice", ["sofd", "5", "1,2,3", "240,-160", "nan,1", "p99,p1", "p1,99"])
def test_what_is_the_window_of_no_volume_is_refused_without_one(choice: str) -> None:
    with pytest.raises(RefusedError, match="indow"):
        check_choice(choice)


def test_percentiles_of_a_volume_without_any_contrast_are_not_called_a_wrong_choice() -> None:
    with pytest.raises(RefusedError) as refused:
        choose_window(volume(np.ones((3, 3, 3))), "p1,p99")
    assert "there is no window" not in str(refused.value)


@pytest.mark.parametrize(
    ("typed", "like"), [("0,5;7,5", "0.5,7.5"), ("0,5 7,5", "0.5,7.5"), ("p0,5 p99,5", "p0.5,p99.5")]
)
def test_a_window_is_taken_with_decimal_commas(typed: str, like: str) -> None:
    volume = Volume(np.arange(1000, dtype=np.float32).reshape(10, 10, 10) / 100, np.eye(4), "PT", "SUVbw")
    assert volume_window(volume, typed) == volume_window(volume, like)
