"""The keys of the Fuse widget, pressed as a user presses them."""

from collections.abc import Callable

import pytest
from napari import Viewer
from napari.utils.key_bindings import coerce_keybinding
from napari.utils.shortcuts import default_shortcuts
from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication, QMessageBox

from napari_refusion.widgets.fuse.widget import FuseWidget
from tests.widgets.fuse.test_widget import add, look_at_slice, names, viewer, wait_for_end, widget  # noqa: F401


def test_no_key_is_one_of_napari_s_own_or_of_its_layers(widget: FuseWidget) -> None:  # noqa: F811
    taken = {str(binding) for bindings in default_shortcuts.values() for binding in bindings}
    ours = [str(coerce_keybinding(key.key)) for key in widget._keys.keys]
    assert len(set(ours)) == len(ours)
    assert taken.isdisjoint(ours)


def test_a_held_key_shows_one_source_until_it_is_let_go(
    viewer: Viewer,  # noqa: F811
    widget: FuseWidget,  # noqa: F811
    qtbot: QtBot,
) -> None:
    look_at_slice(viewer, 2)
    widget.fuse(is_slice=True)
    wait_for_end(widget, qtbot)
    canvas = viewer.window._qt_viewer.canvas.native
    before = names(viewer)
    for key, name in ((Qt.Key.Key_Q, "T1w"), (Qt.Key.Key_W, "pet")):
        qtbot.keyPress(canvas, key)
        assert names(viewer) == [*before, f"Compare: only {name}"]
        qtbot.keyRelease(canvas, key)
        assert names(viewer) == before


@pytest.mark.parametrize("modifier", ["NoModifier", "ShiftModifier"])
def test_the_question_mark_opens_the_list_beside_a_usable_viewer(
    make_napari_viewer: Callable[..., Viewer], qtbot: QtBot, modifier: str
) -> None:
    viewer = make_napari_viewer(show=True)  # noqa: F811
    viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    window = viewer.window._qt_window
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=10_000)
    canvas = viewer.window._qt_viewer.canvas.native
    qtbot.keyClick(canvas, Qt.Key.Key_Question, getattr(Qt.KeyboardModifier, modifier))
    (box,) = (one for one in QApplication.topLevelWidgets() if isinstance(one, QMessageBox) and one.isVisible())
    assert "hold to see only the first source" in box.text()
    assert not box.isModal()
    box.close()


def test_keys_letters_and_probe_go_with_the_dock(viewer: Viewer, widget: FuseWidget) -> None:  # noqa: F811
    assert "refusion_notice" in viewer.canvas.overlays
    assert viewer.keymap
    viewer.window.remove_dock_widget(widget)
    assert "refusion_notice" not in viewer.canvas.overlays
    assert not viewer.keymap
    assert viewer.mouse_move_callbacks == []


def test_live_is_switched_by_key(
    make_napari_viewer: Callable[..., Viewer],
    qtbot: QtBot,
) -> None:
    viewer = make_napari_viewer()  # noqa: F811
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")  # noqa: F811
    was = widget.page.live.isChecked()
    modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    qtbot.keyClick(viewer.window._qt_viewer.canvas.native, Qt.Key.Key_L, modifiers)
    assert widget.page.live.isChecked() is not was
