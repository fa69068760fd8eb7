"""Two photographs that do not lie on each other are told, and those that do are not."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, rotate, zoom

from napari_refusion.volume.finding import Finding
from napari_refusion.volume.registration.pictures import picture_findings
from tests.scenes import picture, scene


def told(one: np.ndarray, other: np.ndarray) -> Finding:
    [finding] = picture_findings(picture(one, "one", 1), picture(other, "other", 2))
    assert finding.rule == "registration"
    return finding


def test_pictures_that_lie_on_each_other_are_said_to_whatever_their_grey_values() -> None:
    whole = scene()
    for other in (1 - whole, whole**3, gaussian_filter(whole, 3), np.clip(2 * whole, 0, 1)):
        finding = told(whole, other)
        assert finding.level == "ok"
        assert "fits other best where it lies" in finding.sentence


@pytest.mark.parametrize(
    ("down", "right", "words"),
    [
        (8, 0, "shifted by about 8 pixels up"),
        (0, -20, "shifted by about 20 pixels to the right"),
        (-5, 6, "shifted by about 5 pixels down and 6 to the left"),
    ],
)
def test_a_shifted_picture_is_told_with_the_way_back(down: int, right: int, words: str) -> None:
    whole = scene(shape=(300, 380))
    # content that is moved down by 8 pixels comes to lie on the other when it is moved up by 8
    moved = whole[30 - down : 270 - down, 30 - right : 350 - right]
    finding = told(moved, 1 - whole[30:270, 30:350])
    assert finding.level == "warn"
    assert words in finding.sentence


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (lambda one: one[:, ::-1], "mirrored left to right"),
        (lambda one: one[::-1], "upside down and mirrored"),
        (lambda one: one[::-1, ::-1], "turned by 180 degrees"),
        (lambda one: np.rot90(one, -1), "turned by 90 degrees to the left"),
        (lambda one: np.rot90(one, 1), "turned by 90 degrees to the right"),
        (lambda one: one.T, "with rows and columns exchanged"),
        (lambda one: rotate(one, -3, reshape=False, mode="nearest"), "rotated by 3 degrees to the left"),
        (lambda one: zoom(one, 1.0753, order=1)[8:-9, 8:-9][:240, :240], "made smaller by"),
    ],
)
def test_a_turned_mirrored_rotated_or_enlarged_picture_is_told(changed, words: str) -> None:  # noqa: ANN001
    one = scene(shape=(240, 240))
    turned = changed(one)
    finding = told(turned, 1 - one[: turned.shape[0], : turned.shape[1]])
    assert finding.level == "warn"
    assert words in finding.sentence


def test_two_scenes_have_nothing_in_common() -> None:
    finding = told(scene(1), scene(2))
    assert finding.level == "warn"
    assert "show the same scene" in finding.sentence


@pytest.mark.parametrize("shape", [(1, 1), (1, 400), (16, 16)])
def test_a_picture_that_is_too_small_is_said_not_to_be_tested(shape: tuple[int, int]) -> None:
    finding = told(scene(shape=shape), scene(shape=shape))
    assert finding.level == "warn"
    assert "too small or too empty" in finding.sentence


def test_colours_are_tested_by_their_luminance() -> None:
    whole = scene()
    coloured = picture(np.stack([whole, whole**2, 0.5 * whole], axis=-1), "colours")
    [finding] = picture_findings(coloured, replace(picture(1 - whole, "grey"), is_photograph=True))
    assert finding.level == "ok"


def test_a_large_picture_is_tested_for_shifts_of_few_of_its_pixels() -> None:
    whole = scene(shape=(1220, 1620))
    finding = told(whole[20:, 20:], 1 - whole[:-20, :-20])
    assert finding.level == "warn"
    assert "20 pixels down and 20 to the right" in finding.sentence
