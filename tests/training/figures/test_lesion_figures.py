import math

import numpy as np
import pytest

from napari_refusion.fusion.baselines import average, maximum
from training.contrast_transfer import lesion_positions
from training.figures.lesions import FAINT, KINDS, faint_figures, lesion_figures


@pytest.fixture
def sources() -> tuple[np.ndarray, np.ndarray]:
    """Smooth tissue between .35 and .65 in a disc, 128 x 112: lesions of both signs fit everywhere in it."""
    rows, columns = np.indices((128, 112)).astype(float)
    disc = np.hypot(rows - 64, columns - 56) < 45
    return np.where(disc, 0.5 + 0.15 * np.sin(rows / 9), 0.0), np.where(disc, 0.5 + 0.15 * np.sin(columns / 11), 0.0)


def test_the_average_shows_half_of_every_kind_of_lesion_and_hides_none(sources: tuple[np.ndarray, np.ndarray]) -> None:
    figures = lesion_figures(average, *sources)
    for shown, hidden in KINDS:
        assert figures[shown] == pytest.approx(0.5)
        assert figures[hidden] == 0


def test_a_copy_of_one_source_shows_all_of_its_lesions_and_hides_all_of_the_others(
    sources: tuple[np.ndarray, np.ndarray],
) -> None:
    figures = lesion_figures(lambda a, b: b, *sources)
    assert [figures[shown] for shown, _ in KINDS] == pytest.approx([0, 0, 1, 1])
    assert [figures[hidden] for _, hidden in KINDS] == [1, 1, 0, 0]


def test_the_maximum_shows_of_a_dark_lesion_what_is_above_the_other_source(
    sources: tuple[np.ndarray, np.ndarray],
) -> None:
    a, b = sources
    at = tuple(np.array(lesion_positions(a, b, -0.3)).T)
    expected = (np.maximum(a, b) - np.maximum(a - 0.3, b))[at] / 0.3
    figures = lesion_figures(maximum, a, b)
    assert figures["shown_dark_a"] == pytest.approx(expected.mean())
    assert figures["hidden_dark_a"] == (expected < 0.2).mean() > 0


def test_a_source_darker_than_a_lesion_is_deep_has_no_place_for_a_dark_one() -> None:
    figures = lesion_figures(average, np.full((48, 48), 0.25), np.full((48, 48), 0.5))
    assert math.isnan(figures["shown_dark_a"])
    assert math.isnan(figures["hidden_dark_a"])
    assert figures["shown_dark_b"] == pytest.approx(0.5)


def test_the_average_hides_no_faint_lesion_and_a_copy_of_one_source_those_of_the_other(
    sources: tuple[np.ndarray, np.ndarray],
) -> None:
    assert faint_figures(average, *sources) == {"faint_hidden_a": 0, "faint_hidden_b": 0}
    assert faint_figures(lambda a, b: b, *sources) == {"faint_hidden_a": 1, "faint_hidden_b": 0}


def test_a_fusion_that_drops_what_is_small_hides_faint_lesions_only(sources: tuple[np.ndarray, np.ndarray]) -> None:
    a, b = sources

    def without_small(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        changed = (first - a) + (second - b)
        return (a + b) / 2 + np.where(np.abs(changed) > (FAINT + 0.3) / 2, changed, 0)

    assert faint_figures(without_small, a, b) == {"faint_hidden_a": 1, "faint_hidden_b": 1}
    assert all(lesion_figures(without_small, a, b)[hidden] == 0 for _, hidden in KINDS)


def test_a_picture_without_room_has_no_faint_lesions() -> None:
    figures = faint_figures(average, np.full((48, 48), 0.05), np.zeros((48, 48)))
    assert all(math.isnan(value) for value in figures.values())
