"""One Fuse widget in a window, whichever way it is opened."""

from collections.abc import Callable, Iterator

import pytest
from napari import Viewer
from pytestqt.qtbot import QtBot
from qtpy.QtGui import QAction
from qtpy.QtWidgets import QMenu

from napari_refusion.widgets.docks import dock_of
from napari_refusion.widgets.fuse.opened import fuse_widget
from napari_refusion.widgets.fuse.widget import FuseWidget
from napari_refusion.widgets.worklist.panel import WorklistPanel


@pytest.fixture
def viewer(make_napari_viewer: Callable[..., Viewer]) -> Viewer:
    return make_napari_viewer(show=True)


def actions(menu: QMenu) -> Iterator[QAction]:
    for action in menu.actions():
        if (below := action.menu()) is not None:
            yield from actions(below)
        else:
            yield action


def choose_in_menu(viewer: Viewer, name: str) -> None:
    """Choose an entry of napari's menu Plugins, as a reader does."""
    menu = viewer.window.plugins_menu
    menu.aboutToShow.emit()
    next(one for one in actions(menu) if one.text() == name).trigger()


def all_of(viewer: Viewer, kind: type) -> list[object]:
    return [one for one in viewer.window.dock_widgets.values() if isinstance(one, kind)]


def test_what_a_sample_opened_is_found_by_the_menu_which_hides_and_shows_it(viewer: Viewer) -> None:
    widget = fuse_widget(viewer)
    for is_hidden in (True, False):
        choose_in_menu(viewer, "Fuse (ReFusion)")
        assert all_of(viewer, FuseWidget) == [widget]
        assert dock_of(widget).isHidden() is is_hidden


def test_what_the_menu_opened_is_used_by_worklist_samples_and_sessions(viewer: Viewer, qtbot: QtBot) -> None:
    choose_in_menu(viewer, "Fuse (ReFusion)")
    choose_in_menu(viewer, "Worklist (ReFusion)")
    (widget,) = all_of(viewer, FuseWidget)
    (panel,) = all_of(viewer, WorklistPanel)
    window = viewer.window._qt_window
    qtbot.waitUntil(lambda: window.tabifiedDockWidgets(dock_of(panel)) == [dock_of(widget)], timeout=5_000)
    for _ in range(2):
        assert panel._window.fuse_widget() is widget
        assert fuse_widget(viewer) is widget
    assert all_of(viewer, FuseWidget) == [widget]
    assert not widget.visibleRegion().isEmpty()
