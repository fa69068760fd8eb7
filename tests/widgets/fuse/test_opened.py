"""One Fuse widget in a window, whichever way it is opened."""

from collections.abc import Callable, Iterator

import pytest
from napari import Viewer
from pytestqt.qtbot import QtBot
from qtpy.QtGui import QAction
from qtpy.QtWidgets import QMenu

from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.docks import dock_of
from napari_refusion.widgets.fuse.opened import fuse_widget
from napari_refusion.widgets.fuse.widget import FuseWidget
from napari_refusion.widgets.worklist.panel import WorklistPanel
from tests.widgets.made import layer_of


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
        choose_in_menu(viewer, "Fuse (napari-refusion)")
        assert all_of(viewer, FuseWidget) == [widget]
        assert dock_of(widget).isHidden() is is_hidden


def test_what_the_menu_opened_is_used_by_worklist_samples_and_sessions(viewer: Viewer, qtbot: QtBot) -> None:
    choose_in_menu(viewer, "Fuse (napari-refusion)")
    choose_in_menu(viewer, "Worklist (napari-refusion)")
    (widget,) = all_of(viewer, FuseWidget)
    (panel,) = all_of(viewer, WorklistPanel)
    window = viewer.window._qt_window
    qtbot.waitUntil(lambda: window.tabifiedDockWidgets(dock_of(panel)) == [dock_of(widget)], timeout=5_000)
    for _ in range(2):
        assert panel._window.fuse_widget() is widget
        assert fuse_widget(viewer) is widget
    assert all_of(viewer, FuseWidget) == [widget]
    assert not widget.visibleRegion().isEmpty()


def test_what_the_command_line_of_napari_opened_is_the_one_that_the_menu_shows_with_its_keys_and_letters(
    viewer: Viewer, mri: Volume, qtbot: QtBot
) -> None:
    viewer.add_layer(layer_of(mri))
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    widget.finish_letters()
    choose_in_menu(viewer, "Fuse (napari-refusion)")
    qtbot.waitUntil(lambda: all_of(viewer, FuseWidget) == [widget], timeout=5_000)
    assert not dock_of(widget).isHidden()
    widget.finish_letters()
    assert viewer.canvas.overlays["refusion_left"].text == "R"
    was_live = widget.page.live.isChecked()
    next(pressed for key, pressed in viewer.keymap.items() if str(key) == "Ctrl+Alt+L")(viewer)
    assert widget.page.live.isChecked() is not was_live
    choose_in_menu(viewer, "Fuse (napari-refusion)")
    assert dock_of(widget).isHidden()
