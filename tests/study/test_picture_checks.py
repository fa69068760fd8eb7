"""Photographs that are not what their task takes are told, and good pairs are not."""

from dataclasses import replace

import numpy as np
import pytest

from napari_refusion.study.pairing import pair
from napari_refusion.volume.volume import Volume
from tests.scenes import picture, scene
from tests.study.test_pairing import found

WHOLE = scene()


def warned(one: Volume, other: Volume, task: str) -> dict[str, str]:
    """Return rule -> sentence of what is warned of."""
    return {finding.rule: finding.sentence for finding in pair(one, other, task).findings if finding.level != "ok"}


def far(whole: np.ndarray = WHOLE) -> np.ndarray:
    """Return a picture whose left half is out of focus."""
    from scipy.ndimage import gaussian_filter

    return np.where(np.arange(whole.shape[1]) < whole.shape[1] // 2, gaussian_filter(whole, 1), whole)


GOOD = {
    "infrared_visible": (picture(1 - WHOLE, "warm", 1), picture(np.stack([WHOLE**0.5, WHOLE, WHOLE], -1), "seen", 2)),
    "multi_focus": (picture(far(WHOLE[:, ::-1])[:, ::-1], "near", 1), picture(far(), "far", 2)),
    "multi_exposure": (picture(0.3 * WHOLE, "dark", 1), picture(1.1 * WHOLE, "bright", 2)),
}


@pytest.mark.parametrize("task", GOOD)
def test_a_good_pair_is_tested_and_not_warned_of(task: str) -> None:
    study = pair(*GOOD[task], task)
    assert warned(*GOOD[task], task) == {}
    assert [finding.level for finding in found(study, "registration")] == ["ok"]


@pytest.mark.parametrize("task", GOOD)
def test_a_picture_beside_its_place_is_told_in_every_task(task: str) -> None:
    one, other = GOOD[task]
    beside = replace(one, data=np.roll(one.data, 12, axis=2))
    assert "shifted by about 12 pixels to the left" in warned(beside, other, task)["registration"]


@pytest.mark.parametrize("task", ["multi_focus", "multi_exposure"])
def test_what_moved_between_two_focuses_or_exposures_is_told(task: str) -> None:
    one, other = GOOD[task]
    data = other.data.copy()
    data[:, 80:160, 120:200] = np.roll(data[:, 80:160, 120:200], 14, axis=2)
    assert "whether something moved" in warned(one, replace(other, data=data), task)["registration"]


@pytest.mark.parametrize("task", GOOD)
def test_one_picture_under_two_names_is_told(task: str) -> None:
    one, other = picture(WHOLE, "one", 1), picture(WHOLE, "other", 2)
    assert "one and the same" in warned(one, other, task)["same file"]


def test_exposures_in_the_wrong_order_are_told() -> None:
    dark, bright = GOOD["multi_exposure"]
    assert "Exchange both pictures" in warned(bright, dark, "multi_exposure")["source"]


def test_two_focuses_are_no_exposures_and_two_exposures_no_focuses() -> None:
    assert "are two exposures" in warned(*GOOD["multi_focus"], "multi_exposure")["source"]
    assert "differ in their focus alone" in warned(*GOOD["multi_exposure"], "multi_focus")["source"]


def test_exposures_that_are_both_nearly_black_are_exposures_all_the_same() -> None:
    dark, bright = picture(0.01 * WHOLE + 0.01, "dark", 1), picture(0.08 * WHOLE + 0.02, "bright", 2)
    assert "source" not in warned(dark, bright, "multi_exposure")


def test_colours_in_the_infrared_picture_are_told_and_that_both_may_be_exchanged() -> None:
    warm, seen = GOOD["infrared_visible"]
    assert "exchange both" in warned(seen, warm, "infrared_visible")["colours"]
    false = replace(warm, data=np.stack([warm.data, warm.data**2, 1 - warm.data], axis=-1))
    assert "exchange both" not in warned(false, seen, "infrared_visible")["colours"]


def test_two_pictures_of_visible_light_are_not_infrared_with_visible() -> None:
    one, other = picture(WHOLE, "one", 1), picture(WHOLE**1.3, "other", 2)
    assert "of the same light" in warned(one, other, "infrared_visible")["source"]


def test_a_scan_and_a_volume_of_slices_are_told_in_a_task_for_photographs() -> None:
    warm, seen = GOOD["infrared_visible"]
    assert "is MRI by its file" in warned(replace(warm, modality="MR"), seen, "infrared_visible")["modality"]
    thick = [replace(one, data=np.repeat(one.data, 3, axis=0)) for one in GOOD["multi_focus"]]
    assert "a volume of 3 slices" in warned(thick[0], thick[1], "multi_focus")["modality"]


def test_pictures_of_one_name_are_told_apart_by_what_their_task_calls_them() -> None:
    dark, bright = (replace(one, name="room") for one in GOOD["multi_exposure"])
    sentence = warned(bright, dark, "multi_exposure")["source"]
    assert "room (under-exposed), given as under-exposed, is brighter" in sentence
    assert "room (over-exposed)" in sentence


def test_brightness_is_compared_within_the_windows_of_pictures_that_are_no_brightness() -> None:
    dark, bright = (replace(one, data=4000 * one.data) for one in GOOD["multi_exposure"])
    study = pair(dark, bright, "multi_exposure", windows=("0,4000", "0,4000"))
    assert [one.rule for one in study.findings if one.level != "ok"] == []
