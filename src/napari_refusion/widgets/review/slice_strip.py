"""All slices of a case at a glance: one cell each, with what was said and what the indicators say.

A dot is a warning of an indicator, a frame a key image; what was said under another window is struck through.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from qtpy.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from qtpy.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygon, QResizeEvent
from qtpy.QtWidgets import QSizePolicy, QToolTip, QWidget

from napari_refusion.look import CELLS

if TYPE_CHECKING:
    from napari_refusion.session.sentences import SliceCell

CELL: Final = QSize(14, 18)
"""Pixels of a cell with the gap beside it."""


_STEPS: Final[Mapping[int, int]] = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
"""Key -> by how many slices it goes."""


class SliceStrip(QWidget):
    """Cells in rows, the first slice at the top left; a click goes to a slice, and the arrow keys to its neighbours."""

    chosen = Signal(int)
    """Emitted with the index of the slice that was asked for."""
    fitted = Signal()
    """Emitted when the strip has more or fewer rows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cells: tuple[SliceCell, ...] = ()
        self._current = -1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Slices of the case")
        self.setFixedHeight(CELL.height())

    def show_cells(self, cells: Sequence[SliceCell], current: int) -> None:
        """Show these cells, and which of them is the current one."""
        self._cells, self._current = tuple(cells), current
        self._fit()
        self.update()

    def look_at(self, current: int) -> None:
        """Mark the current slice, -1 for none."""
        if current != self._current:
            self._current = current
            self.update()

    def _per_row(self) -> int:
        return max(1, self.width() // CELL.width())

    def rows(self, width: int = 0) -> int:
        """Return the number of rows in a width in pixels, 0 for the one that there is."""
        per_row = max(1, width // CELL.width()) if width else self._per_row()
        return max(1, -(-len(self._cells) // per_row))

    def _fit(self) -> None:
        if self.height() != self.rows() * CELL.height():
            self.setFixedHeight(self.rows() * CELL.height())
            self.fitted.emit()

    def place(self, index: int) -> QRect:
        """Return where the cell of a slice is."""
        row, column = divmod(index, self._per_row())
        return QRect(column * CELL.width(), row * CELL.height(), CELL.width() - 2, CELL.height() - 3)

    def index_at(self, point: QPoint) -> int | None:
        """Return the slice whose cell is at a point, None beside them."""
        column, row = point.x() // CELL.width(), point.y() // CELL.height()
        index = row * self._per_row() + column
        return index if column < self._per_row() and 0 <= index < len(self._cells) else None

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Wrap the rows anew."""
        super().resizeEvent(event)
        self._fit()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Go to the slice that was clicked."""
        if event is not None and (index := self.index_at(event.pos())) is not None:
            self.chosen.emit(index)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        """Go to the slice before or behind the current one; the scroll area around would keep the arrow keys."""
        step = 0 if event is None else _STEPS.get(event.key(), 0)
        if not step:
            super().keyPressEvent(event)
            return
        wanted = self._current + step if self._current >= 0 or step > 0 else len(self._cells) - 1
        if 0 <= wanted < len(self._cells):
            self.chosen.emit(wanted)

    def event(self, event: QEvent | None) -> bool:
        """Show what is known about the slice under the mouse."""
        if isinstance(event, QHelpEvent):
            index = self.index_at(event.pos())
            QToolTip.showText(event.globalPos(), "" if index is None else self._cells[index].sentence, self)
            return True
        return bool(super().event(event))

    def paintEvent(self, _event: QPaintEvent | None) -> None:  # noqa: N802
        """Draw the cells."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index, cell in enumerate(self._cells):
            _paint(painter, self.place(index), cell, is_current=index == self._current)
        painter.end()


def _paint(painter: QPainter, place: QRect, cell: SliceCell, *, is_current: bool) -> None:
    painter.fillRect(place, QColor(CELLS[cell.state]))
    _paint_shape(painter, place, cell.state)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if cell.is_stale:
        painter.setPen(QPen(QColor("white"), 1))
        painter.drawLine(place.bottomLeft(), place.topRight())
    if cell.is_key:
        painter.setPen(QPen(QColor("#00e5ff"), 2))
        painter.drawRect(place.adjusted(1, 1, -1, -1))
    if is_current:
        painter.setPen(QPen(QColor("white"), 2))
        painter.drawRect(place)
    if cell.is_flagged:
        painter.setPen(QPen(QColor("black"), 1))
        painter.setBrush(QColor("#ffd400"))
        painter.drawEllipse(QPoint(place.right() - 2, place.top() + 3), 3, 3)


def _paint_shape(painter: QPainter, place: QRect, state: str) -> None:
    """Draw a tick for accepted, a triangle for flagged, a cross for rejected."""
    x, y = place.center().x(), place.center().y() + 1
    painter.setPen(QPen(QColor("white"), 1.6))
    if state == "accept":
        painter.drawPolyline(QPolygon([QPoint(x - 3, y), QPoint(x - 1, y + 3), QPoint(x + 4, y - 3)]))
    elif state == "flag":
        painter.setBrush(QColor("black"))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawPolygon(QPolygon([QPoint(x, y - 4), QPoint(x + 4, y + 3), QPoint(x - 4, y + 3)]))
    elif state == "reject":
        painter.drawLine(x - 3, y - 3, x + 3, y + 3)
        painter.drawLine(x - 3, y + 3, x + 3, y - 3)
