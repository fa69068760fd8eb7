"""A page that scrolls up and down where the window is low, and is never narrower than what is on it."""

from __future__ import annotations

from typing import Final

from qtpy.QtCore import QEvent, QObject, QSize, Qt
from qtpy.QtWidgets import QFrame, QScrollArea, QWidget

_LINES: Final = 4
"""Lines of text that are seen at least."""


class Scrolled(QScrollArea):
    """Shows a widget in all of its width, and as much of its height as there is room for."""

    def __init__(self, content: QWidget, lines: int = _LINES) -> None:
        super().__init__()
        self._lines = lines
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self.setWidget(content)
        content.installEventFilter(self)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the width of what is shown, with room for the bar, and the height of some lines."""
        content = self.widget()
        wanted = content.minimumSizeHint() if content is not None else QSize()
        least = self._lines * self.fontMetrics().lineSpacing()
        return QSize(wanted.width() + self._bar_width(), min(wanted.height(), least)) + self._frame()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the size of what is shown."""
        content = self.widget()
        wanted = content.sizeHint() if content is not None else QSize()
        return QSize(wanted.width() + self._bar_width(), wanted.height()) + self._frame()

    def eventFilter(self, content: QObject | None, event: QEvent | None) -> bool:  # noqa: N802 - Qt's name
        """Ask for other room when what is shown needs it."""
        if event is not None and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return bool(super().eventFilter(content, event))

    def _frame(self) -> QSize:
        """Return the pixels around what is shown: napari's style draws a frame, whatever shape was asked for."""
        return QSize(2 * self.frameWidth(), 2 * self.frameWidth())

    def _bar_width(self) -> int:
        bar = self.verticalScrollBar()
        return bar.sizeHint().width() if bar is not None else 0
