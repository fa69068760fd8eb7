"""A window that becomes higher than the room below it."""

from pytestqt.qtbot import QtBot
from qtpy.QtWidgets import QMainWindow

from napari_refusion.widgets.growing_window import GrowsUpwards


def test_a_window_moves_up_as_far_as_it_grew_over_the_edge_and_no_farther(qtbot: QtBot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    screen = window.screen()
    assert screen is not None
    seen = screen.availableGeometry()
    GrowsUpwards(window)
    window.setGeometry(seen.left() + 10, seen.bottom() - 219, 200, 200)  # 20 pixels above the edge
    window.show()
    qtbot.waitExposed(window)
    before = window.y()
    window.setMinimumHeight(210)
    qtbot.waitUntil(lambda: window.height() == 210)
    assert window.y() == before
    window.setMinimumHeight(300)
    qtbot.waitUntil(lambda: window.y() == before - 80)
    assert window.frameGeometry().bottom() == seen.bottom()
    assert window.x() == seen.left() + 10
    window.setMinimumHeight(seen.height() + 50)
    qtbot.waitUntil(lambda: window.y() == seen.top())
