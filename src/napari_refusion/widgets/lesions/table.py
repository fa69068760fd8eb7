"""The table of lesions: sorted as numbers, names and sites to type into, and a line struck through that is stale."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from qtpy.QtCore import QSize, Qt, QTimer, Signal
from qtpy.QtGui import QColor
from qtpy.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QTableWidget,
    QTableWidgetItem,
)

from napari_refusion.lesion.measured import in_cell
from napari_refusion.lesion.measures import heading
from napari_refusion.widgets.lesions.colours import colour_of
from napari_refusion.widgets.lesions.swatch import SIZE, swatch

if TYPE_CHECKING:
    from napari_refusion.lesion.deauville import Score
    from napari_refusion.lesion.lesion import Lesion
    from napari_refusion.lesion.measured import Measured
    from napari_refusion.lesion.shown import Shown

MEASURES: Final = ("maximum", "mean", "peak", "volume", "tlg", "diameter")
"""What is shown of `lesion.measures.MEASURES`, in this order; Copy has all of them."""

_LINES: Final = 8
"""Lines of text that the table is high at least, with its headings and its bar."""

_LETTERS: Final = 20
"""Of a text that are seen at most, unless the reader widens its column: one long name would push all numbers away."""

_EDITABLE: Final = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable
_FIXED: Final = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A line of the table."""

    lesion: Lesion
    measured: Measured | None
    """None where it is not measured, as of a source that is gone."""
    shown: Shown | None = None
    """What the fused image shows of it; None where that is not known."""
    stale: str = ""
    """Why it does not count, as a sentence; empty where it does."""
    score: Score | None = None
    """By the reference regions; None where there are none."""


class _Number(QTableWidgetItem):
    """A cell that is sorted by a number, and by none last."""

    def __init__(self, text: str, value: float) -> None:
        super().__init__(text)
        self.value = value
        self.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def __lt__(self, other: QTableWidgetItem) -> bool:
        theirs = other.value if isinstance(other, _Number) else math.nan
        if math.isnan(self.value) or math.isnan(theirs):
            return not math.isnan(self.value)
        return self.value < theirs


class LesionTable(QTableWidget):
    """Shows one line for each lesion."""

    chosen = Signal(int)
    """Emitted with the number of the lesion whose line the reader selected."""
    typed = Signal(str, int, str)
    """Emitted with ``name``, ``site`` or ``comment``, the lesion's number, and what the reader wrote."""
    key_marked = Signal(int, bool)
    """Emitted with a lesion's number, and whether it is a key image now."""

    def __init__(self) -> None:
        super().__init__(0, 0)
        self._columns: tuple[str, ...] = ()
        self._is_filling = False
        self._waiting: tuple[Sequence[Row], int | None] | None = None
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setWordWrap(False)
        self.setIconSize(QSize(SIZE, SIZE))
        sides, top = self.verticalHeader(), self.horizontalHeader()
        assert sides is not None
        assert top is not None
        sides.hide()
        sides.setDefaultSectionSize(self.fontMetrics().lineSpacing() + 6)
        top.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        top.setSortIndicator(0, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        self.itemSelectionChanged.connect(self._choose)
        self.itemChanged.connect(self._take)
        if (delegate := self.itemDelegate()) is not None:
            delegate.closeEditor.connect(lambda *_: QTimer.singleShot(0, self._show_waiting))

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the height of some lines; Qt would ask for twelve, and the page would scroll."""
        return QSize(super().sizeHint().width(), _LINES * self.fontMetrics().lineSpacing())

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return the same height."""
        return QSize(super().minimumSizeHint().width(), self.sizeHint().height())

    def show_rows(self, rows: Sequence[Row], selected: int | None) -> None:
        """Show these lines, the one of the selected lesion marked; sorted as the reader sorted them."""
        if self.state() == QAbstractItemView.State.EditingState:
            self._waiting = rows, selected  # else the cell would close under the reader's hands
            return
        columns = _columns(rows)
        self._is_filling = True
        self.setSortingEnabled(False)
        if tuple(columns) != self._columns:
            self._columns = tuple(columns)
            self.setColumnCount(len(columns))
            self.setHorizontalHeaderLabels([*columns.values()])
        self.setRowCount(len(rows))
        for place, row in enumerate(rows):
            for column, name in enumerate(columns):
                self.setItem(place, column, _item(name, row))
        self.setSortingEnabled(True)
        self._fit_columns()
        self._select(selected)
        self._is_filling = False

    def finish_typing(self) -> None:
        """Hand over what is being typed: the list that it was typed into is about to make room for another one."""
        editor = self.findChild(QLineEdit)
        if self.state() == QAbstractItemView.State.EditingState and editor is not None:
            self.commitData(editor)
            self.closeEditor(editor, QAbstractItemDelegate.EndEditHint.NoHint)

    def number(self, row: int) -> int:
        """Return the number of the lesion in a line as it is shown."""
        item = self.item(row, 0)
        return -1 if item is None else int(item.data(Qt.ItemDataRole.UserRole))

    def numbers(self) -> list[int]:
        """Return the numbers of the lesions from top to bottom."""
        return [self.number(row) for row in range(self.rowCount())]

    def place_of(self, name: str) -> int:
        """Return the place of a column: ``number``, ``name``, ``site``, ``shown``, ``key``... or one of `MEASURES`."""
        return next((place for place, one in enumerate(self._columns) if one.split("|")[0] == name), -1)

    def _fit_columns(self) -> None:
        self.resizeColumnsToContents()
        widest = _LETTERS * self.fontMetrics().averageCharWidth()
        for place, name in enumerate(self._columns):
            if name in ("name", "site", "comment", "method", "source"):
                self.setColumnWidth(place, min(self.columnWidth(place), widest))

    def _show_waiting(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            self.show_rows(*waiting)

    def _select(self, number: int | None) -> None:
        row = next((row for row, one in enumerate(self.numbers()) if one == number), -1)
        if row < 0:
            self.clearSelection()
        else:
            self.selectRow(row)

    def _choose(self) -> None:
        rows = sorted({item.row() for item in self.selectedItems()})
        if rows and not self._is_filling:
            self.chosen.emit(self.number(rows[0]))

    def _take(self, item: QTableWidgetItem) -> None:
        if self._is_filling:
            return
        name, number = self._columns[item.column()], self.number(item.row())
        if name == "key":
            self.key_marked.emit(number, item.checkState() == Qt.CheckState.Checked)
        elif name in ("name", "site", "comment"):
            self.typed.emit(name, number, item.text())


def _columns(rows: Sequence[Row]) -> dict[str, str]:
    """Return name -> heading with unit; where units differ, each unit has columns of its own."""
    measures: dict[str, str] = {}
    for name in MEASURES:
        for one in (row.measured for row in rows if row.measured is not None and name in row.measured.values):
            title = heading(name, one.unit).replace(" (", "\n(")  # two short lines: more columns are seen
            if title not in measures.values():
                measures[f"{name}|{one.unit}"] = title
    return {
        "number": "No.",
        "name": "Lesion",
        **({"score": "Deau-\nville"} if any(row.score is not None for row in rows) else {}),
        "site": "Site",
        **measures,
        "shown": "Shown\n(%)",
        "key": "Key",
        "comment": "Comment",
        "method": "Drawn by",
        "source": "In",
    }


def _item(name: str, row: Row) -> QTableWidgetItem:
    item = _numeric(name, row) or QTableWidgetItem(_words(row)[name])
    item.setFlags(_FIXED)
    if name == "number":
        item.setData(Qt.ItemDataRole.UserRole, row.lesion.number)
        item.setIcon(swatch(QColor(colour_of(row.lesion.number))))
    elif name in ("name", "site", "comment"):
        item.setFlags(_EDITABLE)
        item.setToolTip(item.text() or f"Double click to write the {'comment' if name == 'comment' else name}")
    elif name == "key":
        item.setFlags(_FIXED | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Checked if row.lesion.is_key else Qt.CheckState.Unchecked)
        item.setToolTip("Whether the slice through its middle is a key image of the report")
    elif name == "score" and row.score is not None:
        item.setToolTip(f"A help for the reader, who gives the score: {row.score.words}")
    if row.stale:
        font = item.font()
        font.setStrikeOut(True)
        item.setFont(font)
        item.setToolTip(row.stale)
    return item


def _words(row: Row) -> Mapping[str, str]:
    lesion = row.lesion
    source = "" if row.measured is None else row.measured.source
    return {
        "name": lesion.title,
        "site": lesion.site,
        "comment": lesion.comment,
        "method": lesion.voi.method,
        "source": source,
        "key": "",
    }


def _numeric(name: str, row: Row) -> _Number | None:
    if name == "number":
        return _Number(str(row.lesion.number), row.lesion.number)
    if name == "shown":
        share = None if row.shown is None else row.shown.share
        return _Number("" if share is None else f"{100 * share:.0f}", math.nan if share is None else share)
    if name == "score":
        return _Number("" if row.score is None else str(row.score.score), row.score.score if row.score else math.nan)
    if "|" not in name:
        return None
    measure, unit = name.split("|")
    known = row.measured
    is_here = known is not None and measure in known.values and heading(measure, known.unit) == heading(measure, unit)
    if known is None or not is_here:
        return _Number("", math.nan)
    return _Number(in_cell(known.values[measure]), known.values[measure])
