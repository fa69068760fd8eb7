"""Whose the keys are once something was typed beside the viewer."""

from napari import Viewer
from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication, QVBoxLayout, QWidget

from napari_refusion.widgets.number_box import NumberBox
from napari_refusion.widgets.probe.cursor_cross import find_canvas
from napari_refusion.widgets.typed_line import end_by_enter


def test_keys_are_the_viewers_again_after_enter(viewer: Viewer, qtbot: QtBot) -> None:
    pressed = list[str]()
    viewer.bind_key("Alt-T", lambda _viewer: pressed.append("Alt+T"))
    page, box = QWidget(), NumberBox()
    QVBoxLayout(page).addWidget(box)
    end_by_enter(box)
    viewer.window.add_dock_widget(page)
    window = viewer.window._qt_window
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    box.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is box, timeout=10_000)
    box.selectAll()
    qtbot.keyClicks(box, "7.5")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert box.value() == 7.5
    focused = QApplication.focusWidget()
    assert focused is find_canvas(page)
    qtbot.keyClick(focused, Qt.Key.Key_T, Qt.KeyboardModifier.AltModifier)
    assert pressed == ["Alt+T"]
