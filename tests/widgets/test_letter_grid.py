"""Rows that follow the size of letters."""

from pytestqt.qtbot import QtBot
from qtpy.QtWidgets import QMainWindow, QPushButton, QVBoxLayout, QWidget

from napari_refusion.widgets.letter_grid import LetterGrid


def test_rows_get_shorter_when_the_style_sheet_of_the_window_makes_letters_larger_and_longer_again(
    qtbot: QtBot,
) -> None:
    window, owner = QMainWindow(), QWidget()
    qtbot.addWidget(window)
    parts = [QPushButton("misregistration") for _ in range(3)]
    grid = LetterGrid(owner, parts, 3)
    page = QWidget()
    QVBoxLayout(page).addWidget(owner)
    window.setCentralWidget(page)
    window.show()
    assert grid.below_first_row() == ()
    changed: list[None] = []
    grid.changed.connect(lambda: changed.append(None))
    window.setStyleSheet("QPushButton { font-size: 20pt; }")
    qtbot.waitUntil(lambda: bool(grid.below_first_row()) and parts[-1].y() > parts[0].y())
    assert changed
    window.setStyleSheet("")
    qtbot.waitUntil(lambda: grid.below_first_row() == () and parts[-1].y() == parts[0].y())
