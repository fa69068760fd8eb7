"""What covers a window covers all of it, also what comes later."""

from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QDockWidget, QLabel, QMainWindow

from napari_refusion.widgets.follow_up.window_cover import WindowCover


def test_a_cover_has_the_size_of_the_window_below_its_menus(qtbot: QtBot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    window.menuBar().addMenu("File")
    cover = QLabel(window)
    WindowCover(cover)
    window.resize(500, 400)
    with qtbot.waitExposed(window):
        window.show()
    assert cover.geometry().getRect() == (0, window.menuBar().height(), 500, 400 - window.menuBar().height())


def test_a_dock_that_comes_later_lies_below_the_cover_and_one_after_its_end_does_not(qtbot: QtBot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    cover = QLabel(window)
    following = WindowCover(cover)
    window.resize(500, 400)
    cover.show()
    with qtbot.waitExposed(window):
        window.show()
    middle = 250, 200
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, later := QDockWidget(window))
    later.setWidget(QLabel("planes"))
    later.show()
    window.resizeDocks([later], [400], Qt.Orientation.Horizontal)
    qtbot.waitUntil(lambda: later.width() > 300)
    assert window.childAt(*middle) is cover
    following.stop()
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, last := QDockWidget(window))
    window.tabifyDockWidget(later, last)
    last.show()
    last.raise_()
    qtbot.waitUntil(lambda: window.childAt(*middle) is not cover)
