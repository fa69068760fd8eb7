"""What moved between two pictures is told with its place, and a scene that stood still is not."""

import numpy as np
from scipy.ndimage import gaussian_filter

from napari_refusion.volume.finding import Finding
from napari_refusion.volume.registration.moving_parts import moved_parts
from tests.scenes import picture, scene

WHOLE = scene()


def with_a_walker(right: int) -> np.ndarray:
    """Return the scene with another scene's piece of 80 x 80 pixels before it, its middle at row 120, column 160."""
    walking = WHOLE.copy()
    walking[80:160, 120 + right : 200 + right] = scene(seed=9)[80:160, 120:200]
    return walking


def told(one: np.ndarray, other: np.ndarray) -> tuple[Finding, ...]:
    a, b = picture(one, "dark", 1), picture(other, "bright", 2)
    return moved_parts(a.data[0], b.data[0], ("dark", "bright"))


def test_a_walker_who_went_on_is_told_with_the_place_and_the_way() -> None:
    [finding] = told(0.4 * with_a_walker(0), np.clip(1.5 * with_a_walker(14), 0, 1))
    assert (finding.level, finding.rule) == ("warn", "registration")
    assert "shifted by about 14 pixels to the right" in finding.sentence
    words = finding.sentence.replace(",", "").split()
    row, column = (int(words[words.index(word) + 1]) for word in ("row", "column"))
    assert abs(row - 120) <= 40
    assert 80 <= column <= 214


def test_a_scene_that_stood_still_is_not_told_whatever_its_exposure_or_focus() -> None:
    for other in (np.clip(1.8 * WHOLE, 0, 1), WHOLE**2, gaussian_filter(WHOLE, 2)):
        assert told(0.4 * WHOLE, other) == ()


def test_a_walker_who_stood_still_is_not_told() -> None:
    assert told(0.4 * with_a_walker(0), with_a_walker(0)) == ()


def test_a_picture_of_one_brightness_has_no_parts() -> None:
    flat = np.full_like(WHOLE, 0.5)
    assert moved_parts(flat, flat, ("a", "b")) == ()


def test_what_only_one_picture_shows_has_not_moved() -> None:
    blown = np.where(np.arange(WHOLE.shape[1]) > 160, 1.0, WHOLE)
    assert told(0.4 * WHOLE, blown) == ()
