"""The legend on a view: a bar of colours with its values and their unit, in every cell that has colours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from qtpy.QtCore import QEvent, QObject, QRectF, Qt
from qtpy.QtGui import QColor, QImage, QPainter, QPaintEvent
from qtpy.QtWidgets import QWidget

from napari_refusion.look import OVERLAY
from napari_refusion.widgets.planes.cells import cells_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari.components import ViewerModel

    from napari_refusion.session.seen_colours import SeenColours

_BAR: Final = 10
"""Pixels: width of the bar."""

_MARGIN: Final = 6
"""Pixels between the border of a cell and the bar, and between the bar and its words."""

_TOP: Final = 42
"""Pixels above it, where names stand."""

_NARROW: Final = 240
"""Pixels of a cell's width below which the words would meet the letter at its top."""

_BELOW_LETTER: Final = 72
"""Pixels above the bar there."""

_TALLEST: Final = 130
"""Pixels: height of the bar, where that leaves the letter at the side of the cell free."""

_LOWEST: Final = 24
"""Pixels of a bar below which only its numbers are written."""

_GROUND: Final = QColor(0, 0, 0, 150)


class ViewLegend(QWidget):
    """Lies over a canvas, lets the mouse through, and says what the colours of each cell mean."""

    def __init__(
        self, canvas: QWidget, viewer: ViewerModel, seen: Callable[[], tuple[SeenColours | None, ...]]
    ) -> None:
        super().__init__(canvas)
        self._viewer, self._seen = viewer, seen
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setGeometry(canvas.rect())
        canvas.installEventFilter(self)
        viewer.canvas.grid.events.enabled.connect(self._draw)
        self.show()

    def stop(self) -> None:
        """Let go of the viewer, and go away."""
        self._viewer.canvas.grid.events.enabled.disconnect(self._draw)
        self.hide()
        self.deleteLater()

    def shown(self) -> list[tuple[QRectF, SeenColours]]:
        """Return the cells that have colours, and what these mean; none where the cells are other ones."""
        cells, seen = cells_of(self, self._viewer), self._seen()
        if len(cells) != len(seen):
            return []
        return [(cell, one) for (cell, _), one in zip(cells, seen, strict=True) if one is not None]

    def eventFilter(self, canvas: QObject | None, event: QEvent | None) -> bool:  # noqa: N802 - Qt's name
        """Keep the size of the canvas; nothing is kept from it."""
        if event is not None and event.type() == QEvent.Type.Resize and isinstance(canvas, QWidget):
            self.setGeometry(canvas.rect())
        return False

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Draw the bars."""
        painter = QPainter(self)
        for cell, one in self.shown():
            _draw_bar(painter, cell, one)
        painter.end()

    def _draw(self, _event: Any = None) -> None:  # noqa: ANN401 - napari's events have no common type
        self.update()


def _draw_bar(painter: QPainter, cell: QRectF, seen: SeenColours) -> None:
    """Draw one bar at the right of a cell, above the middle, with its ends and the threshold on its left."""
    line = painter.fontMetrics().height()
    above = _BELOW_LETTER if cell.width() < _NARROW and cell.height() > cell.width() else _TOP
    right, top, room = cell.right() - _MARGIN, cell.top() + above, cell.width() - 2 * _MARGIN
    low, high = seen.ends
    is_tight = _width(painter, high) > room - _BAR - _MARGIN  # beside the bar its first words would be cut: above it
    lines = _broken(painter, high, room) if is_tight else []
    height = min(_TALLEST, cell.height() / 2 - above - (1.5 + len(lines)) * line)
    if height < _LOWEST:  # the numbers are more than the colours
        words = " ".join(filter(None, (f"{low} to {high}", seen.threshold_words)))
        for place, part in enumerate(_broken(painter, words, room)):
            _write(painter, right, top + place * line, part)
        return
    for place, part in enumerate(lines):
        _write(painter, right, top + place * line, part)
    top += len(lines) * line
    bar = QRectF(right - _BAR, top, _BAR, height)
    painter.drawImage(bar, _image(seen))
    painter.setPen(QColor(OVERLAY))
    painter.drawRect(bar)
    beside = bar.left() - _MARGIN
    if not lines:
        _write(painter, beside, bar.top() - line / 2, high)
    _write(painter, beside, bar.bottom() - line / 2, low)
    if seen.threshold_words:
        y = bar.bottom() - seen.hidden() * height
        # not over the words at the ends
        middle = min(max(y, bar.top() + line), bar.bottom() - line)
        _write(painter, beside, middle - line / 2, seen.threshold_words)
        painter.drawLine(int(bar.left()) - 3, round(y), int(bar.right()), round(y))


def _image(seen: SeenColours) -> QImage:
    """Return the colours in a column, the highest value on top, those that are not seen dark grey."""
    table = np.rint(seen.table * 255).astype(np.uint8)
    table[: round(seen.hidden() * len(table))] = 48
    column = np.ascontiguousarray(np.repeat(table[::-1, None], 2, axis=1))
    return QImage(column.tobytes(), 2, len(table), 6, QImage.Format.Format_RGB888).copy()


def _broken(painter: QPainter, text: str, room: float) -> list[str]:
    """Return a text in as many lines as it needs to be no wider than `room`, in pixels; a word stays whole."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        lines = [*lines[:-1], longer] if lines and _width(painter, longer) <= room else [*lines, word]
    return lines


def _width(painter: QPainter, text: str) -> float:
    """Return how wide a text and its ground are, in pixels."""
    return painter.fontMetrics().horizontalAdvance(text) + 4


def _write(painter: QPainter, right: float, top: float, text: str) -> None:
    """Write a text that ends at `right`."""
    width = _width(painter, text)
    box = QRectF(right - width, top, width, painter.fontMetrics().height())
    painter.fillRect(box, _GROUND)
    painter.setPen(QColor(OVERLAY))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
