"""One cursor for all cells of the grid: a cross at the same place in each, and titles where there are some."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from qtpy.QtCore import QEvent, QObject, QPointF, QRectF, Qt
from qtpy.QtGui import QColor, QPainter, QPaintEvent, QPen
from qtpy.QtOpenGLWidgets import QOpenGLWidget
from qtpy.QtWidgets import QMainWindow, QWidget

_ARM, _GAP = 14, 4
"""Pixels: length of an arm of the cross, and what stays free around the place itself."""

_MARGIN: Final = 10.0
"""Pixels between the border of a cell and its title, as napari leaves them."""


class CursorCross(QWidget):
    """Lies over a canvas whose cells stand side by side, lets the mouse through, and follows it.

    The cells have one camera, so the same place in every cell is the same place in the patient.
    """

    def __init__(self, canvas: QWidget, columns: int, titles: Sequence[str] = ()) -> None:
        """Draw over a canvas with this many cells; a title stands at the top of its cell, shortened to its width."""
        super().__init__(canvas)
        self._columns = columns
        self.titles = tuple(titles)
        self._mouse: QPointF | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setGeometry(canvas.rect())
        canvas.installEventFilter(self)
        self.show()

    def places(self) -> list[QPointF]:
        """Return where the cross is drawn, one place in every cell, in pixels; none while the mouse is elsewhere."""
        if self._mouse is None:
            return []
        width = self.width() / self._columns
        return [QPointF(column * width + self._mouse.x() % width, self._mouse.y()) for column in range(self._columns)]

    def eventFilter(self, canvas: QObject | None, event: QEvent | None) -> bool:  # noqa: N802 - Qt's name
        """Follow the mouse and the size of the canvas; nothing is kept from the canvas."""
        if event is not None and isinstance(canvas, QWidget):
            if event.type() == QEvent.Type.MouseMove:
                self._point_at(event.position())  # type: ignore[attr-defined]
            elif event.type() == QEvent.Type.Leave:
                self._point_at(None)
            elif event.type() == QEvent.Type.Resize:
                self.setGeometry(canvas.rect())
        return False

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Draw the crosses, dark under bright so that they are seen on any ground."""
        painter = QPainter(self)
        cell = self.width() / self._columns
        painter.setPen(QColor("white"))
        for column, title in enumerate(self.titles):
            room = QRectF(column * cell, 0, cell, self.height()).adjusted(_MARGIN, _MARGIN, -_MARGIN, 0)
            words = painter.fontMetrics().elidedText(title, Qt.TextElideMode.ElideMiddle, int(room.width()))
            painter.drawText(room, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, words)
        for colour, width in ((QColor(0, 0, 0, 160), 3), (QColor(0, 230, 118), 1)):
            painter.setPen(QPen(colour, width))
            for place in self.places():
                for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                    painter.drawLine(place + QPointF(x, y) * _GAP, place + QPointF(x, y) * _ARM)
        painter.end()

    def _point_at(self, place: QPointF | None) -> None:
        self._mouse = place
        self.update()


def find_window(widget: QWidget) -> QMainWindow | None:
    """Return the napari window that a widget, docked or floating, belongs to; None outside a window."""
    top = widget
    while (parent := top.parentWidget()) is not None:
        top = parent
    return top if isinstance(top, QMainWindow) else None


def find_canvas(widget: QWidget) -> QWidget | None:
    """Return the canvas of the napari window that a widget belongs to; None outside a window.

    The canvases of further planes are in docks, the window's own is not.
    """
    window = find_window(widget)
    centre = None if window is None else window.centralWidget()
    return None if centre is None else centre.findChild(QOpenGLWidget)
