"""The Review page in a window of a small laptop: all of it is seen, nothing is cut, and no button moves."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from napari import Viewer
from napari.settings import get_settings
from pytestqt.qtbot import QtBot
from qtpy.QtCore import QPoint
from qtpy.QtWidgets import QMainWindow

from napari_refusion.evidence.check_outcome import CheckOutcome
from napari_refusion.session.sentences import SliceCell
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.fuse.widget import FuseWidget
from napari_refusion.widgets.review.panel import ReviewPanel
from tests.widgets.laid_out import hidden, small, texts_cut
from tests.widgets.review.test_panel import begin, open_pair, reading_of

LONG = "The verdict is recorded; a copy to pass on is sub-004_ses-1_review.json in /data/projects/fusion/exports/R1."
FAILED = CheckOutcome("Registration", "red", "unacceptable", "The reader's answer.", "Check failed: unacceptable.")


@pytest.fixture
def window(make_napari_viewer: Callable[..., Viewer], mri: Volume, pet: Volume, weights: Path, qtbot: QtBot) -> Viewer:
    """A viewer of 1280 x 720 pixels with a fused pair."""
    viewer = make_napari_viewer(show=True)
    viewer.window._qt_window.setGeometry(0, 0, 1280, 720)
    open_pair(viewer, mri, pet, weights, qtbot)
    return viewer


@pytest.fixture
def widget(window: Viewer) -> FuseWidget:
    _, made = window.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    return made


@pytest.fixture
def panel(widget: FuseWidget, tmp_path: Path, qtbot: QtBot) -> ReviewPanel:
    made = begin(widget, tmp_path / "project", qtbot)
    # a case of a real size; the pair of the tests has six slices
    made.form.strip.show_cells([SliceCell("seen")] * 110, 57)
    return made


def main_window(viewer: Viewer) -> QMainWindow:
    found = viewer.window._qt_window
    assert isinstance(found, QMainWindow)
    return found


def is_whole(panel: ReviewPanel, viewer: Viewer, qtbot: QtBot) -> None:
    """Assert that everything on the page is seen whole."""
    window = main_window(viewer)
    qtbot.wait(60)
    assert (window.width(), window.height()) == (1280, 720)
    assert hidden(panel, window) == []
    assert texts_cut(panel) == []
    assert small(panel) == []


def test_all_of_the_page_is_seen_on_every_tab_without_scrolling(
    window: Viewer, panel: ReviewPanel, qtbot: QtBot
) -> None:
    is_whole(panel, window, qtbot)
    reading_of(panel).answer("aligned")
    for tab in range(panel.form.tabs.count()):
        panel.form.tabs.setCurrentIndex(tab)
        panel.form.strip.show_cells([SliceCell("seen")] * 110, 57)
        is_whole(panel, window, qtbot)
    panel.form.trust.show_outcomes((FAILED,), {})
    for tab in range(panel.form.tabs.count()):
        panel.form.tabs.setCurrentIndex(tab)
        is_whole(panel, window, qtbot)


def test_the_start_and_the_verdict_are_seen_whole(window: Viewer, panel: ReviewPanel, qtbot: QtBot) -> None:
    panel.keys.press("Ctrl+Return")
    assert panel.pages.verdict.isVisible()
    is_whole(panel, window, qtbot)
    panel.pages.verdict.leave()
    assert not panel.pages.verdict.isVisible()
    panel.end()
    is_whole(panel, window, qtbot)


def places(panel: ReviewPanel) -> dict[str, QPoint]:
    """Return where on the screen the buttons are with which a slice is judged."""
    form = panel.form.slice
    buttons = [*form.verdicts.values(), form.key, *form.reasons.values(), form.comment]
    return {str(place): one.mapToGlobal(QPoint(0, 0)) for place, one in enumerate(buttons)}


@contextmanager
def unmoved(panel: ReviewPanel, qtbot: QtBot) -> Iterator[None]:
    before = places(panel)
    yield
    qtbot.wait(30)
    assert places(panel) == before


def test_the_buttons_stay_where_they_are_whatever_is_said_above_and_below_them(
    panel: ReviewPanel, qtbot: QtBot
) -> None:
    reading_of(panel).answer("aligned")
    qtbot.wait(30)
    with unmoved(panel, qtbot):
        panel.form.show_message(LONG * 3)
    with unmoved(panel, qtbot):
        panel.form.show_message("")
    with unmoved(panel, qtbot):
        panel.keys.press("S")
    with unmoved(panel, qtbot):
        panel.keys.press("2")
    with unmoved(panel, qtbot):
        panel.form.trust.show_outcomes((FAILED,), {})
    with unmoved(panel, qtbot):
        panel.form.evidence.begin_progress(6)
    with unmoved(panel, qtbot):
        panel.form.case.show_others("Reader R2: not usable.\n" * 12)
    for tab in range(panel.form.tabs.count()):
        with unmoved(panel, qtbot):
            panel.form.tabs.setCurrentIndex(tab)


def test_a_window_with_letters_half_as_large_again_cuts_no_button(
    window: Viewer, panel: ReviewPanel, qtbot: QtBot
) -> None:
    appearance = get_settings().appearance
    before = appearance.font_size
    appearance.font_size = round(1.5 * before)
    try:
        qtbot.wait(100)
        reading_of(panel).answer("aligned")
        for tab in range(panel.form.tabs.count()):
            panel.form.tabs.setCurrentIndex(tab)
            qtbot.wait(60)
            assert texts_cut(panel.form.slice) == []
            assert texts_cut(panel.form.trust) == []
    finally:
        appearance.font_size = before
