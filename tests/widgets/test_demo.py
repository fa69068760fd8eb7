"""The demonstration's window is within the screen."""

from pytestqt.qtbot import QtBot
from qtpy.QtGui import QGuiApplication

from napari_refusion.widgets.demo import _on_screen


def test_a_window_is_no_larger_than_the_screen_and_leaves_room_for_its_title(qtbot: QtBot) -> None:
    primary = QGuiApplication.primaryScreen()
    assert primary is not None
    screen = primary.availableSize()
    width, height = _on_screen(10 * screen.width(), 10 * screen.height())
    assert width == screen.width()
    assert screen.height() - 50 < height < screen.height()


def test_a_window_for_which_there_is_room_is_as_large_as_was_wanted(qtbot: QtBot) -> None:
    assert _on_screen(300, 200) == (300, 200)
