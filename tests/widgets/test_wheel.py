"""The wheel over boxes and sliders."""

import pytest
from pytestqt.qtbot import QtBot
from qtpy.QtCore import QPoint, QPointF, Qt
from qtpy.QtGui import QWheelEvent
from qtpy.QtWidgets import QApplication, QComboBox, QDoubleSpinBox, QSlider, QTabWidget, QVBoxLayout, QWidget

from napari_refusion.widgets.wheel import WheelNeedsFocus


def turn(box: QWidget) -> None:
    """Turn the wheel by one notch, 120 eighths of a degree, towards the reader."""
    none = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    QApplication.sendEvent(box, QWheelEvent(QPointF(5, 5), QPointF(5, 5), QPoint(), QPoint(0, -120), *none, False))


@pytest.fixture
def page(qtbot: QtBot) -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    box = QComboBox()
    box.addItems(["soft", "lung", "bone"])
    for part in (box, QDoubleSpinBox(), QSlider(Qt.Orientation.Horizontal)):
        layout.addWidget(part)
    qtbot.addWidget(page)
    WheelNeedsFocus(page)
    return page


def test_without_focus_the_wheel_changes_no_choice_and_gives_no_focus(page: QWidget) -> None:
    box, number, slider = page.findChild(QComboBox), page.findChild(QDoubleSpinBox), page.findChild(QSlider)
    number.setValue(2.0)
    slider.setValue(50)
    for part in (box, number, slider):
        turn(part)
        assert part.focusPolicy() == Qt.FocusPolicy.StrongFocus
    assert (box.currentText(), number.value(), slider.value()) == ("soft", 2.0, 50)


def test_the_wheel_over_tabs_opens_no_other_page_and_their_focus_is_as_qt_has_it(qtbot: QtBot) -> None:
    pages = QTabWidget()
    for title in ("Fuse", "Compare", "Review"):
        pages.addTab(QWidget(), title)
    qtbot.addWidget(pages)
    bar = pages.tabBar()
    assert bar is not None
    policy = bar.focusPolicy()
    WheelNeedsFocus(pages)
    turn(bar)
    assert pages.currentIndex() == 0
    assert bar.focusPolicy() == policy


def test_with_focus_it_does(page: QWidget, monkeypatch: pytest.MonkeyPatch) -> None:
    box = page.findChild(QComboBox)
    monkeypatch.setattr(QComboBox, "hasFocus", lambda self: True)  # a window without a manager never gets it
    turn(box)
    assert box.currentText() == "lung"
