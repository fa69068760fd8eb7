"""The view beside the docks has room for napari's messages."""

import pytest
from napari import Viewer
from napari.settings import get_settings
from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QDockWidget, QHBoxLayout, QMainWindow, QOpenGLWidget, QWidget

from napari_refusion.widgets.docks import make_room_for_view

MESSAGE = 400
"""Pixels of width of one of napari's notifications."""


@pytest.fixture
def window(qtbot: QtBot) -> QMainWindow:
    """A window with a canvas of 200 pixels beside a dock of 300."""
    window = QMainWindow()
    qtbot.addWidget(window)
    centre = QWidget()
    QHBoxLayout(centre).addWidget(QOpenGLWidget())
    window.setCentralWidget(centre)
    dock, page = QDockWidget(), QWidget()
    page.setFixedWidth(300)
    dock.setWidget(page)
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
    window.resize(500, 300)
    window.show()
    qtbot.waitExposed(window)
    return window


def width_of_view(window: QMainWindow) -> int:
    canvas = window.findChild(QOpenGLWidget)
    assert canvas is not None
    return canvas.width()


def page_of(window: QMainWindow) -> QWidget:
    page = window.findChildren(QDockWidget)[0].widget()
    assert page is not None
    return page


def test_a_window_whose_view_would_cut_messages_off_is_widened_within_its_screen(
    window: QMainWindow, qtbot: QtBot
) -> None:
    screen = window.screen()
    assert screen is not None
    assert width_of_view(window) < MESSAGE
    window.move(screen.availableGeometry().right() - 520, 50)
    make_room_for_view(page_of(window))
    qtbot.waitUntil(lambda: width_of_view(window) >= MESSAGE)
    assert window.frameGeometry().right() <= screen.availableGeometry().right()
    assert window.height() == 300


def test_a_window_whose_view_has_room_or_that_cannot_grow_stays_as_it_is(window: QMainWindow, qtbot: QtBot) -> None:
    window.resize(900, 300)
    qtbot.waitUntil(lambda: width_of_view(window) > MESSAGE)
    make_room_for_view(page_of(window))
    assert window.width() == 900
    window.resize(500, 300)
    window.setWindowState(Qt.WindowState.WindowMaximized)
    before = window.width()
    make_room_for_view(page_of(window))
    assert window.width() == before


@pytest.mark.parametrize("names", [("Fuse",), ("Worklist",), ("Fuse", "Worklist")])
def test_napari_that_begins_with_the_docks_is_seen_whole_on_a_laptop(
    viewer: Viewer, names: tuple[str, ...], qtbot: QtBot
) -> None:
    get_settings().application.first_time = True
    for name in names:
        viewer.window.add_plugin_dock_widget("napari-refusion", name, tabify=True)  # as `napari --with` does
    window = viewer.window._qt_window
    with qtbot.waitExposed(window):
        viewer.show()
    assert window.layout().sizeHint().width() > 1280
    qtbot.waitUntil(lambda: window.width() <= 1280 and window.height() <= 720)
