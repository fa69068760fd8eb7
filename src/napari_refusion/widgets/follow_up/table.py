"""The table of change: a line for each lesion, a cell for each measure with baseline, follow-up and change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QColor
from qtpy.QtWidgets import QAbstractItemView, QSizePolicy, QTableWidget, QTableWidgetItem

from napari_refusion.lesion.change import COMPARED, Delta
from napari_refusion.lesion.measured import in_cell
from napari_refusion.lesion.measures import heading
from napari_refusion.look import AMBER

if TYPE_CHECKING:
    from napari_refusion.session.follow_up.matching import ChangeRow

_FIRST: Final = ("Baseline", "Follow-up", "Status")


class ChangeTable(QTableWidget):
    """Shows lesions; two lines can be chosen, to be matched."""

    chosen = Signal(int)
    """Emitted with the line that the reader selected."""

    def __init__(self) -> None:
        super().__init__(0, 0)
        self._is_filling = False
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setWordWrap(False)
        sides = self.verticalHeader()
        assert sides is not None
        sides.hide()
        sides.setDefaultSectionSize(self.fontMetrics().lineSpacing() + 6)
        self.setMinimumHeight(6 * self.fontMetrics().lineSpacing())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.itemSelectionChanged.connect(self._choose)

    def show_rows(self, rows: Sequence[ChangeRow], unit: str) -> None:
        """Show these lines; those that were selected stay so as long as there are as many."""
        selected = self.selected() if len(rows) == self.rowCount() else ()
        names = [name for name in COMPARED if any(name in row.change.deltas for row in rows)]
        self._is_filling = True
        self.clear()
        self.setColumnCount(len(_FIRST) + len(names))
        self.setHorizontalHeaderLabels([*_FIRST, *(heading(name, unit).replace(" (", "\n(") for name in names)])
        self.setRowCount(len(rows))
        for place, row in enumerate(rows):
            for column, text in enumerate(_cells(row, names)):
                self.setItem(place, column, _item(text, is_doubtful=column == len(_FIRST) - 1 and _is_open(row)))
        self.resizeColumnsToContents()
        for place in selected:
            for column in range(self.columnCount()):
                if (item := self.item(place, column)) is not None:
                    item.setSelected(True)
        self._is_filling = False

    def selected(self) -> tuple[int, ...]:
        """Return the lines that are selected."""
        return tuple(sorted({item.row() for item in self.selectedItems()}))

    def _choose(self) -> None:
        if not self._is_filling:
            self.chosen.emit(self.selected()[0] if self.selected() else -1)


def _is_open(row: ChangeRow) -> bool:
    """Return whether the reader has not said yet what became of a lesion."""
    return row.proposed is not None or row.change.status == "not matched"


def _cells(row: ChangeRow, names: Sequence[str]) -> list[str]:
    change = row.change
    titles = ["" if one is None else one.title for one in (change.before, change.after)]
    return [*titles, row.status, *(_in_words(change.deltas.get(name)) for name in names)]


def _in_words(delta: Delta | None) -> str:
    """Return a change as ``8.12 to 5.68: -2.44 (-30.0 %)``; empty for none."""
    if delta is None:
        return ""
    words = f"{in_cell(delta.before)} to {in_cell(delta.after)}"
    if not np.isfinite(delta.absolute):
        return words
    share = f" ({delta.percent:+.1f} %)" if np.isfinite(delta.percent) else ""
    return f"{words}: {delta.absolute:+.3g}{share}"


def _item(text: str, *, is_doubtful: bool) -> QTableWidgetItem:
    item = QTableWidgetItem(text)
    item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
    if is_doubtful:
        item.setBackground(QColor(AMBER.background))
        item.setForeground(QColor(AMBER.letters))
    return item
