"""The list of keys on small and large screens."""

import pytest
from napari._qt.qt_resources import get_stylesheet
from pytestqt.qtbot import QtBot
from qtpy.QtCore import QPoint, QRect, QSize, Qt
from qtpy.QtWidgets import QApplication, QDialogButtonBox, QPushButton

from napari_refusion.widgets.key_list import KeyList
from napari_refusion.widgets.keys import KEYS

ALL = dict(KEYS.values())


def shown(qtbot: QtBot, screen: QSize, scale: float = 1.0, style: str = "") -> KeyList:
    keys = KeyList(ALL)
    keys.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(keys)
    large = keys.font()
    large.setPointSizeF(large.pointSizeF() * scale)
    keys.setFont(large)
    keys.setStyleSheet(style)
    keys.fit(screen)
    keys.show()
    QApplication.processEvents()
    return keys


def ok_of(keys: KeyList) -> QPushButton:
    button = keys.buttons.button(QDialogButtonBox.StandardButton.Ok)
    assert button is not None
    return button


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.5])
@pytest.mark.parametrize("screen", [QSize(1280, 720), QSize(1920, 1080)])
def test_the_list_and_its_button_lie_on_the_screen_and_the_last_key_can_be_reached(
    qtbot: QtBot, screen: QSize, scale: float
) -> None:
    keys = shown(qtbot, screen, scale)
    assert keys.width() <= screen.width()
    assert keys.height() < screen.height()  # the title is above it
    button = ok_of(keys)
    assert keys.rect().contains(QRect(button.mapTo(keys, QPoint()), button.size()))
    bar = keys.area.verticalScrollBar()
    assert bar is not None
    assert bar.maximum() == max(0, keys.words.height() - keys.area.viewport().height())


@pytest.mark.parametrize("theme", ["", "dark", "light"])
def test_on_a_laptop_no_key_of_a_review_is_below_the_edge(qtbot: QtBot, theme: str) -> None:
    keys = shown(qtbot, QSize(1280, 720), style=get_stylesheet(theme) if theme else "")
    assert keys.area.viewport().size().expandedTo(keys.words.size()) == keys.area.viewport().size()


def test_keys_that_do_the_same_share_a_line_and_none_is_left_out(qtbot: QtBot) -> None:
    keys = shown(qtbot, QSize(1280, 720))
    lines = keys.lines
    assert "1, 2, 3, 4, 5, 6, 7, 8: answer or reason of this number" in lines
    listed = [key for line in lines for key in line.split(": ")[0].split(", ")]
    assert listed == list(ALL)


def test_ok_closes_it(qtbot: QtBot) -> None:
    keys = shown(qtbot, QSize(1280, 720))
    with qtbot.waitSignal(keys.accepted):
        ok_of(keys).click()
