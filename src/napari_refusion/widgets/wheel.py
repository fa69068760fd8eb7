"""The mouse wheel changes a choice only where the reader has put the focus: elsewhere it scrolls the page."""

from __future__ import annotations

from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtWidgets import QAbstractSpinBox, QComboBox, QSlider, QTabBar, QWidget


class WheelNeedsFocus(QObject):
    """Keeps the wheel from the boxes, sliders and tabs in a widget, those that are there when it is made."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        for kind in (QComboBox, QAbstractSpinBox, QSlider):
            for box in widget.findChildren(kind):
                # Qt gives the focus to what the wheel is turned over, unless it is told not to
                box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
                box.installEventFilter(self)
        for tabs in widget.findChildren(QTabBar):
            tabs.installEventFilter(self)  # they never take the focus from the keys of a review

    def eventFilter(self, box: QObject | None, event: QEvent | None) -> bool:  # noqa: N802 - Qt's name
        """Leave a turn of the wheel over what has no focus to the page around it."""
        if event is None or event.type() != QEvent.Type.Wheel:
            return False
        if isinstance(box, QWidget) and not box.hasFocus():
            event.ignore()
            return True
        return False
