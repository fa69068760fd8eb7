"""Lines through the current place, across a canvas that shows a plane."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QEvent, QObject, QPointF, QRectF, Qt
from qtpy.QtGui import QColor, QPainter, QPaintEvent, QPen
from qtpy.QtWidgets import QWidget

from napari_refusion.widgets.planes.cells import cells_of

if TYPE_CHECKING:
    from napari.components import ViewerModel

_FREE = 10
"""Pixels around the place itself that stay free, so that what lies there is seen."""


class CrossHair(QWidget):
    """Lies over a canvas, lets the mouse through, and marks where the other planes cut this one."""

    def __init__(self, canvas: QWidget, viewer: ViewerModel) -> None:
        super().__init__(canvas)
        self._viewer = viewer
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setGeometry(canvas.rect())
        canvas.installEventFilter(self)
        for emitter in self._emitters():
            emitter.connect(self._draw)
        self.show()

    def stop(self) -> None:
        """Let go of the viewer, and go away."""
        for emitter in self._emitters():
            emitter.disconnect(self._draw)
        self.hide()
        self.deleteLater()

    def places(self) -> list[QPointF]:
        """Return where the current place is drawn, pixels from the top left, in each cell; none without a plane."""
        dims, camera = self._viewer.dims, self._viewer.scene.camera
        if dims.ndisplay != 2 or dims.ndim < 3:
            return []
        down, right = (
            (dims.point[axis] - centre) * camera.zoom * (1 if towards in ("down", "right") else -1)
            for axis, centre, towards in zip(dims.displayed, camera.center[-2:], camera.orientation2d, strict=True)
        )
        return [cell.center() + QPointF(right, down) for cell, _ in cells_of(self, self._viewer)]

    def eventFilter(self, canvas: QObject | None, event: QEvent | None) -> bool:  # noqa: N802 - Qt's name
        """Keep the size of the canvas; nothing is kept from it."""
        if event is not None and event.type() == QEvent.Type.Resize and isinstance(canvas, QWidget):
            self.setGeometry(canvas.rect())
        return False

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Draw the lines, dark under bright so that they are seen on any ground."""
        painter = QPainter(self)
        for (cell, _), place in zip(cells_of(self, self._viewer), self.places(), strict=False):
            _draw_cross(painter, cell, place)
        painter.end()

    def _emitters(self) -> list[Any]:
        dims, camera = self._viewer.dims.events, self._viewer.scene.camera.events
        shown = dims.point, dims.order, dims.ndim, dims.ndisplay, self._viewer.canvas.grid.events.enabled
        return [*shown, camera.center, camera.zoom, camera.orientation]

    def _draw(self, _event: Any = None) -> None:  # noqa: ANN401 - napari's events have no common type
        self.update()


def _draw_cross(painter: QPainter, cell: QRectF, place: QPointF) -> None:
    """Draw lines through a place to the borders of its cell."""
    x, y = place.x(), place.y()
    painter.setClipRect(cell)
    for colour, width in ((QColor(0, 0, 0, 130), 3), (QColor(0, 230, 118, 170), 1)):
        painter.setPen(QPen(colour, width))
        painter.drawLine(QPointF(cell.left(), y), QPointF(x - _FREE, y))
        painter.drawLine(QPointF(x + _FREE, y), QPointF(cell.right(), y))
        painter.drawLine(QPointF(x, cell.top()), QPointF(x, y - _FREE))
        painter.drawLine(QPointF(x, y + _FREE), QPointF(x, cell.bottom()))
