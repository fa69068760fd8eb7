"""A page that scrolls where there is no room for it, and only there."""

from pytestqt.qtbot import QtBot
from qtpy.QtWidgets import QLabel

from napari_refusion.widgets.scrolled import Scrolled


def test_a_page_that_has_the_room_that_it_asks_for_does_not_scroll(qtbot: QtBot) -> None:
    content = QLabel("\n".join("line" for _ in range(20)))
    content.setMinimumHeight(content.sizeHint().height())
    page = Scrolled(content)
    page.setStyleSheet("QScrollArea { border: 1px solid red; }")  # as napari draws it, whatever shape was asked for
    qtbot.addWidget(page)
    page.resize(page.sizeHint())
    page.show()
    assert page.verticalScrollBar().maximum() == 0
    page.resize(page.width(), page.height() - 1)
    assert page.verticalScrollBar().maximum() == 1
