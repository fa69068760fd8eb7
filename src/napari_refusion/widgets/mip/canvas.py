"""The picture of a projection: drawn by Qt, turned with the mouse, and a click that says where it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from qtpy.QtCore import QPointF, QRectF, Qt, Signal
from qtpy.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from qtpy.QtWidgets import QSizePolicy, QWidget

from napari_refusion.look import OVERLAY
from napari_refusion.notice import RESEARCH_ONLY

if TYPE_CHECKING:
    from qtpy.QtGui import QImage

_CLICK: Final = 3.0
"""Pixels that the mouse may move between press and release of a click; further is a drag, which turns."""

_TURN: Final = 180.0
"""Degrees that a drag over the whole width turns by."""

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
    """One frame."""

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


class ProjectionCanvas(QWidget):
    """Shows one frame after the other as large as there is room, in the patient's proportions."""

    dragged = Signal(float)
    """Emitted with the degrees that a step of a drag turns the eye by."""
    clicked = Signal(int, int)
    """Emitted with row and column of the projection."""

    def __init__(self) -> None:
        super().__init__()
        self.drawn: Drawn | None = None
        self.words = ""
        self._pressed: QPointF | None = None
        self._last = QPointF()
        self._is_drag = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 100)
        self.setCursor(Qt.CursorShape.CrossCursor)

    def show_frame(self, drawn: Drawn | None, words: str = "") -> None:
        """Show a frame; without one the words."""
        self.drawn, self.words = drawn, words
        self.update()

    def place(self) -> QRectF:
        """Return where the picture is drawn."""
        if self.drawn is None:
            return QRectF()
        rows, columns = self.drawn.image.height(), self.drawn.image.width()
        high, wide = rows * self.drawn.pixel[0], columns * self.drawn.pixel[1]
        scale = min(self.width() / wide, self.height() / high)
        return QRectF((self.width() - wide * scale) / 2, (self.height() - high * scale) / 2, wide * scale, high * scale)

    def spot(self, row: float, column: float) -> QPointF:
        """Return where the middle of a pixel of the projection is drawn."""
        place, image = self.place(), self._image_size()
        return QPointF(
            place.left() + (column + 0.5) / image[1] * place.width(),
            place.top() + (row + 0.5) / image[0] * place.height(),
        )

    def pixel_at(self, spot: QPointF) -> tuple[int, int] | None:
        """Return the row and the column that are drawn at a place, None outside the picture."""
        place = self.place()
        if self.drawn is None or not place.contains(spot):
            return None
        rows, columns = self._image_size()
        row = int((spot.y() - place.top()) / place.height() * rows)
        column = int((spot.x() - place.left()) / place.width() * columns)
        return min(row, rows - 1), min(column, columns - 1)

    def _image_size(self) -> tuple[int, int]:
        return (1, 1) if self.drawn is None else (self.drawn.image.height(), self.drawn.image.width())

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
        pixel = None if self._is_drag else self.pixel_at(event.position())
        if pixel is not None:
            self.clicked.emit(*pixel)

    def paintEvent(self, _event: QPaintEvent | None) -> None:  # noqa: N802
        """Draw the picture, what is marked in it, and the words."""
        painter = QPainter(self)
        drawn = self.drawn
        if drawn is None:
            painter.fillRect(self.rect(), QColor("black"))
            painter.setPen(QColor(OVERLAY))
            how = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(QRectF(self.rect()).adjusted(8, 8, -8, -8), how, self.words)
        else:
            painter.fillRect(self.rect(), QColor(drawn.ground))
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(self.place(), drawn.image)
            self._draw_cross(painter, drawn)
            self._draw_marks(painter, drawn)
            self._write(painter, drawn)
        painter.end()

    def _draw_cross(self, painter: QPainter, drawn: Drawn) -> None:
        if drawn.cross is None:
            return
        spot, place = self.spot(*drawn.cross), self.place()
        painter.setClipRect(place)
        for colour, width in _LINES:
            painter.setPen(QPen(colour, width))
            painter.drawLine(QPointF(place.left(), spot.y()), QPointF(spot.x() - _FREE, spot.y()))
            painter.drawLine(QPointF(spot.x() + _FREE, spot.y()), QPointF(place.right(), spot.y()))
            painter.drawLine(QPointF(spot.x(), place.top()), QPointF(spot.x(), spot.y() - _FREE))
            painter.drawLine(QPointF(spot.x(), spot.y() + _FREE), QPointF(spot.x(), place.bottom()))
        painter.setClipping(False)

    def _draw_marks(self, painter: QPainter, drawn: Drawn) -> None:
        for number, row, column in drawn.marks:
            spot = self.spot(row, column)
            painter.setPen(QPen(QColor(OVERLAY), 1.5))
            painter.drawEllipse(spot, _RING, _RING)
            _letter(painter, QPointF(spot.x() + _RING, spot.y() - 2 * _RING), str(number))

    def _write(self, painter: QPainter, drawn: Drawn) -> None:
        high = painter.fontMetrics().height()
        _letter(painter, QPointF(6, 4), drawn.title)
        _letter(painter, QPointF(6, self.height() - high - 4), RESEARCH_ONLY)
        right = painter.fontMetrics().horizontalAdvance(drawn.sides[1])
        _letter(painter, QPointF(6, self.height() / 2), drawn.sides[0])
        _letter(painter, QPointF(self.width() - right - 6, self.height() / 2), drawn.sides[1])


def _letter(painter: QPainter, corner: QPointF, text: str) -> None:
    """Write a text at its top left corner, on a ground that it is seen on."""
    metrics = painter.fontMetrics()
    box = QRectF(corner.x(), corner.y(), metrics.horizontalAdvance(text) + 1, metrics.height())
    painter.fillRect(box.adjusted(-2, 0, 2, 0), _GROUND)
    painter.setPen(QColor(OVERLAY))
    painter.drawText(box, Qt.AlignmentFlag.AlignLeft, text)
