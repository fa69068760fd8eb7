"""One frame of a projection: what is seen, and where in a widget it is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from qtpy.QtCore import QPointF, QRectF, QSizeF, Qt
from qtpy.QtGui import QColor, QPainter, QPen

from napari_refusion.look import OVERLAY
from napari_refusion.notice import RESEARCH_ONLY

if TYPE_CHECKING:
    from qtpy.QtGui import QImage

_FREE: Final = 10.0
"""Pixels around the place itself that stay free, so that what lies there is seen."""

_RING: Final = 9.0
"""Pixels, radius of the ring around a marked place."""

_GROUND: Final = QColor(0, 0, 0, 150)
"""Behind letters, which may stand on a bright image."""

_LINES: Final = ((QColor(0, 0, 0, 130), 3), (QColor(0, 160, 80), 1))
"""Of the cross hair: dark under bright, and seen on white as well."""


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """One frame, drawn as large as there is room, in the patient's proportions."""

    image: QImage
    pixel: tuple[float, float]
    """Distance of neighbouring rows and columns, in mm."""
    ground: str
    """Colour around the image."""
    sides: tuple[str, str]
    """Letters at the left and the right border."""
    title: str
    cross: tuple[float, float] | None = None
    """Row and column of the current place."""
    marks: tuple[tuple[int, float, float], ...] = ()
    """Number, row and column of each lesion."""

    def place(self, room: QSizeF) -> QRectF:
        """Return where in a room the image is drawn."""
        high, wide = self.image.height() * self.pixel[0], self.image.width() * self.pixel[1]
        scale = min(room.width() / wide, room.height() / high)
        size = QSizeF(wide * scale, high * scale)
        return QRectF(QPointF((room.width() - size.width()) / 2, (room.height() - size.height()) / 2), size)

    def spot(self, row: float, column: float, room: QSizeF) -> QPointF:
        """Return where the middle of a pixel of the projection is drawn."""
        place = self.place(room)
        right, down = (column + 0.5) / self.image.width(), (row + 0.5) / self.image.height()
        return QPointF(place.left() + right * place.width(), place.top() + down * place.height())

    def pixel_at(self, spot: QPointF, room: QSizeF) -> tuple[int, int] | None:
        """Return the row and the column that are drawn at a place, None outside the image."""
        place, rows, columns = self.place(room), self.image.height(), self.image.width()
        if not place.contains(spot):
            return None
        row = int((spot.y() - place.top()) / place.height() * rows)
        column = int((spot.x() - place.left()) / place.width() * columns)
        return min(row, rows - 1), min(column, columns - 1)

    def draw(self, painter: QPainter, room: QSizeF) -> None:
        """Draw the image, what is marked in it, and the words."""
        painter.fillRect(QRectF(QPointF(), room), QColor(self.ground))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(self.place(room), self.image)
        if self.cross is not None:
            _draw_cross(painter, self.spot(*self.cross, room), self.place(room))
        for number, row, column in self.marks:
            spot = self.spot(row, column, room)
            painter.setPen(QPen(QColor(OVERLAY), 1.5))
            painter.drawEllipse(spot, _RING, _RING)
            _write(painter, QPointF(spot.x() + _RING, spot.y() - 2 * _RING), str(number))
        high, wide = painter.fontMetrics().height(), painter.fontMetrics().horizontalAdvance(self.sides[1])
        _write(painter, QPointF(6, 4), self.title)
        _write(painter, QPointF(6, room.height() - high - 4), RESEARCH_ONLY)
        _write(painter, QPointF(6, room.height() / 2), self.sides[0])
        _write(painter, QPointF(room.width() - wide - 6, room.height() / 2), self.sides[1])


def _draw_cross(painter: QPainter, spot: QPointF, place: QRectF) -> None:
    painter.setClipRect(place)
    for colour, width in _LINES:
        painter.setPen(QPen(colour, width))
        painter.drawLine(QPointF(place.left(), spot.y()), QPointF(spot.x() - _FREE, spot.y()))
        painter.drawLine(QPointF(spot.x() + _FREE, spot.y()), QPointF(place.right(), spot.y()))
        painter.drawLine(QPointF(spot.x(), place.top()), QPointF(spot.x(), spot.y() - _FREE))
        painter.drawLine(QPointF(spot.x(), spot.y() + _FREE), QPointF(spot.x(), place.bottom()))
    painter.setClipping(False)


def _write(painter: QPainter, corner: QPointF, text: str) -> None:
    """Write a text at its top left corner, on a ground that it is seen on."""
    metrics = painter.fontMetrics()
    box = QRectF(corner.x(), corner.y(), metrics.horizontalAdvance(text) + 1, metrics.height())
    painter.fillRect(box.adjusted(-2, 0, 2, 0), _GROUND)
    painter.setPen(QColor(OVERLAY))
    painter.drawText(box, Qt.AlignmentFlag.AlignLeft, text)
