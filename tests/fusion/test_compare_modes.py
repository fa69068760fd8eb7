"""The table of the ways to compare."""

from dataclasses import replace

import pytest

from napari_refusion.fusion.compare_modes import COMPARE_MODES, find_mode
from napari_refusion.fusion.comparison import words_of
from napari_refusion.model.tasks import TASKS
from tests.compared import canvas_to_compare


def test_a_name_is_one_mode_and_an_unknown_one_is_answered_with_the_known_ones() -> None:
    names = [mode.name for mode in COMPARE_MODES]
    assert len(set(names)) == len(names)
    assert all(find_mode(mode.name) is mode for mode in COMPARE_MODES)
    with pytest.raises(ValueError, match=r"^Choose one .*first, .*checkerboard, swipe, .*; 'Swipe' is not known\.$"):
        find_mode("Swipe")


def test_every_title_and_slider_can_be_filled_in_with_the_names_of_the_sources() -> None:
    words = words_of(canvas_to_compare())
    assert words == {"first": "pet", "second": "T1w", "coloured": "pet", "grey": "T1w"}
    for mode in COMPARE_MODES:
        texts = [mode.title]
        if mode.slider is not None:
            assert 0 <= mode.slider.default <= 1
            texts += [mode.slider.low, mode.slider.high, mode.slider.meaning]
        filled = [text.format(amount="20%", rest="80%", **words) for text in texts]
        assert not any("{" in text or "source" in text for text in filled)
    assert find_mode("edges of second").title.format(**words) == "edges of T1w over pet"


@pytest.mark.parametrize(
    ("task", "title"),
    [
        ("infrared_visible", "edges of infrared over visible"),
        ("multi_focus", "edges of near focus over far focus"),
        ("multi_exposure", "edges of under-exposed over over-exposed"),
    ],
)
def test_photographs_are_called_what_their_task_calls_them(task: str, title: str) -> None:
    partial = canvas_to_compare()
    partial = replace(partial, study=replace(partial.study, task=TASKS[task]))
    assert find_mode("edges of first").title.format(**words_of(partial)) == title
    assert partial.study.words == partial.study.names == TASKS[task].sources
