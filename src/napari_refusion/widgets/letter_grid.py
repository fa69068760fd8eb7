"""Widgets in rows that are as long as their letters allow, which napari's font size changes at any time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from qtpy.QtCore import QEvent, QObject, Signal
from qtpy.QtWidgets import QGridLayout, QWidget

_ROOM: Final = 440
"""Pixels that a dock surely has for what stands in one row."""

_LETTERS_CHANGED: Final = (QEvent.Type.LayoutRequest, QEvent.Type.StyleChange, QEvent.Type.Polish, QEvent.Type.Show)
"""After one of these letters may have another size: the style sheet of napari's window sets it, once they are in it."""


class LetterGrid(QObject):
    """Lays out widgets row by row, in as many columns as fit beside each other in their letters, and `most`."""

    changed = Signal()
    """Emitted when there is another number of columns."""

    def __init__(self, owner: QWidget, parts: Sequence[QWidget], most: int) -> None:
        super().__init__(owner)
        self._parts, self._most = tuple(parts), most
        self._columns = 0
        self._layout = QGridLayout(owner)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(3)
        self._fill()
        owner.installEventFilter(self)

    def below_first_row(self) -> tuple[QWidget, ...]:
        """Return what stands in a second row and further ones."""
        return self._parts[self._columns :]

    def eventFilter(self, owner: QObject | None, event: QEvent | None) -> bool:  # noqa: N802 - Qt's name
        """Follow the size of the letters; nothing is kept from the owner."""
        if event is not None and event.type() in _LETTERS_CHANGED:
            self._fill()
        return False

    def _fill(self) -> None:
        widths = [part.sizeHint().width() for part in self._parts]
        fits = (count for count in range(self._most, 1, -1) if _width(widths, count) <= _ROOM)
        columns = next(fits, 1)
        if columns == self._columns:
            return
        self._columns = columns
        for place, part in enumerate(self._parts):
            self._layout.addWidget(part, place // columns, place % columns)
        self.changed.emit()


def _width(widths: Sequence[int], columns: int) -> int:
    """Return how wide so many columns are, without what is between them, in pixels."""
    return sum(max(widths[first::columns]) for first in range(columns))
