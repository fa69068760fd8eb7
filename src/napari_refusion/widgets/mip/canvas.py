"""The picture of a projection: drawn by Qt, turned with the mouse, and a click that says where it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from qtpy.QtCore import QPointF, QRectF, QSizeF, Qt, Signal
from qtpy.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from qtpy.QtWidgets import QSizePolicy, QWidget

from napari_refusion.look import OVERLAY

if TYPE_CHECKING:
    from napari_refusion.widgets.mip.drawn import Drawn

_CLICK: Final = 3.0
"""Pixels that the mouse may move between press and release of a click; further is a drag, which turns."""

_TURN: Final = 180.0
"""Degrees that a drag over the whole width turns by."""


class ProjectionCanvas(QWidget):
    """Shows one frame after the other."""

    dragged = Signal(float)
    """Emitted with the degrees that a step of a drag turns the eye by."""
    clicked = Signal(int, int)
    """Emitted with row and column of the projection."""

    def __init__(self) -> None:
        super().__init__()
        self.drawn: Drawn | None = None
        """The frame that is shown."""
        self.words = ""
        """What is said where there is none."""
        self._pressed: QPointF | None = None
        self._last = QPointF()
        self._is_drag = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 100)
        self.setCursor(Qt.CursorShape.CrossCursor)

    @property
    def room(self) -> QSizeF:
        """The size of the widget."""
        return QSizeF(self.size())

    def show_frame(self, drawn: Drawn | None, words: str = "") -> None:
        """Show a frame; without one the words."""
        self.drawn, self.words = drawn, words
        self.update()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 - Qt's name
        """Begin a click or a drag."""
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._pressed = self._last = event.position()
            self._is_drag = False

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Turn: what is near follows the mouse."""
        if event is None or self._pressed is None:
            return
        self._is_drag |= (event.position() - self._pressed).manhattanLength() > _CLICK
        if self._is_drag:
            self.dragged.emit(-(event.position().x() - self._last.x()) / max(self.width(), 1) * _TURN)
            self._last = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Say which pixel was clicked."""
        if event is None or self._pressed is None:
            return
        self._pressed = None
        drawn = None if self._is_drag else self.drawn
        pixel = None if drawn is None else drawn.pixel_at(event.position(), self.room)
        if pixel is not None:
            self.clicked.emit(*pixel)

    def paintEvent(self, _event: QPaintEvent | None) -> None:  # noqa: N802
        """Draw the frame, or the words."""
        painter = QPainter(self)
        if self.drawn is not None:
            self.drawn.draw(painter, self.room)
        else:
            painter.fillRect(self.rect(), QColor("black"))
            painter.setPen(QColor(OVERLAY))
            how = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(QRectF(self.rect()).adjusted(8, 8, -8, -8), how, self.words)
        painter.end()
