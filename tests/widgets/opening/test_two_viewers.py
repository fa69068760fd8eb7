"""Two viewers of one process: what is dropped in one stays in it, and one that is closed takes nothing any more."""

from collections.abc import Callable
from pathlib import Path

import pytest
from napari import Viewer, current_viewer
from napari.settings import get_plugin_settings
from pytestqt.qtbot import QtBot
from qtpy.QtWidgets import QMainWindow, QWidget

from napari_refusion.widgets.contributions import read_manifest, read_session
from napari_refusion.widgets.fuse.opened import fuse_widget
from napari_refusion.widgets.fuse.widget import FuseWidget
from napari_refusion.widgets.opening.door import visible_window
from napari_refusion.widgets.probe.cursor_cross import find_window
from tests.dicom_series import SLICES, series, write
from tests.widgets.opening.test_dropped import drop, takers

Pair = tuple[tuple[Viewer, FuseWidget], tuple[Viewer, FuseWidget]]


@pytest.fixture
def pair(make_napari_viewer: Callable[..., Viewer], qtbot: QtBot) -> Pair:
    """Two viewers on the screen with their Fuse widgets, the second in front."""
    get_plugin_settings("napari-refusion").fusion.live = False
    viewers = make_napari_viewer(show=True), make_napari_viewer(show=True)
    first, second = (fuse_widget(viewer) for viewer in viewers)
    qtbot.waitUntil(lambda: first.isVisible() and second.isVisible(), timeout=10_000)
    window_of(second).raise_()
    assert current_viewer() is viewers[1]
    return (viewers[0], first), (viewers[1], second)


def window_of(widget: QWidget) -> QMainWindow:
    window = find_window(widget)
    assert window is not None
    return window


def test_slices_that_are_dropped_in_the_viewer_behind_become_a_volume_there(
    pair: Pair, tmp_path: Path, qtbot: QtBot
) -> None:
    (behind, widget), (front, _) = pair
    files = sorted(write(tmp_path / "scan", series("MR")).iterdir())
    drop(takers(widget)[-1], files)
    qtbot.waitUntil(lambda: [len(layer.data) for layer in behind.layers] == [SLICES], timeout=30_000)
    assert not front.layers


def test_questions_are_asked_in_the_window_that_something_is_opened_in(pair: Pair) -> None:
    (behind, widget), (_, other) = pair
    assert visible_window() is window_of(other)
    window_of(widget).raise_()
    assert current_viewer() is behind
    assert visible_window() is window_of(widget)


def test_a_viewer_that_is_closed_in_the_tick_of_a_drop_takes_nothing(pair: Pair, tmp_path: Path, qtbot: QtBot) -> None:
    (closed, widget), (other, _) = pair
    write(tmp_path / "scan", series("MR"))
    (manifest := tmp_path / "cases.tsv").write_text("case_id\ta_path\tb_path\n1\ta.nii\tb.nii\n")
    taker = takers(widget)[-1]
    drop(taker, [tmp_path / "scan"])
    drop(taker, [manifest])
    closed.close()
    qtbot.wait(500)
    assert not closed.layers
    assert not other.layers


@pytest.mark.parametrize("read", [read_manifest, read_session])
def test_a_viewer_that_is_closed_once_a_list_or_a_session_is_chosen_opens_nothing(
    pair: Pair, tmp_path: Path, qtbot: QtBot, read: Callable[[str], object]
) -> None:
    _, (closed, widget) = pair
    closed.window.remove_dock_widget(widget)
    (manifest := tmp_path / "cases.tsv").write_text("case_id\ta_path\tb_path\n1\ta.nii\tb.nii\n")
    docks = set(closed.window.dock_widgets)
    assert read(str(manifest)) == [(None,)]
    closed.close()
    qtbot.wait(500)
    assert set(closed.window.dock_widgets) == docks
