"""The table of cases: in one order, the one in which they are opened."""

from __future__ import annotations

from itertools import pairwise, takewhile
from typing import TYPE_CHECKING, Final

from qtpy.QtCore import QSize, Qt
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QAbstractItemView, QTableWidget, QTableWidgetItem

from napari_refusion.cohort.pace import pace
from napari_refusion.volume.modality import modality_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_refusion.cohort.reader_list import ReaderList
    from napari_refusion.cohort.work_case import WorkCase

COLUMNS: Final[Mapping[str, str]] = {
    "Case": "",
    "Sources": "",
    "Status": "",
    "Warned": "Slices with a warning of an indicator",
    "Flags": "Slices that you flagged or rejected",
    "Time": "How long slices of the case were on the screen",
    "per min": "Slices judged in a minute",
    "Last": "When you did something last, UTC",
}
"""Heading -> what it means."""

TIMES: Final = ("Time", "per min")
"""Columns for those who want to know how fast they read; the last activity makes room for them."""

_NAME: Final = 60
"""Pixels that a name has at least."""

_SMALLEST: Final = QSize(424, 140)
"""Pixels of the table: its columns side by side, and four cases."""


class CaseTable(QTableWidget):
    """One case a row. A heading sorts nothing: what is shown is what *Open next* does."""

    def __init__(self) -> None:
        super().__init__(0, len(COLUMNS))
        self.setHorizontalHeaderLabels(list(COLUMNS))
        for place, tip in enumerate(COLUMNS.values()):
            if (heading := self.horizontalHeaderItem(place)) is not None:
                heading.setToolTip(tip)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setMinimumSize(_SMALLEST)
        self.show_times(on=False)

    def show_times(self, *, on: bool) -> None:
        """Show the columns `TIMES` in place of the last one, or not."""
        for place, title in enumerate(COLUMNS):
            if title in TIMES:
                self.setColumnHidden(place, not on)
        self.setColumnHidden(list(COLUMNS).index("Last"), on)
        self._fit()

    def show_cases(self, listed: ReaderList, cases: Sequence[WorkCase], current: str, following: str) -> None:
        """Show cases of a list, in bold the one that is opened next; the open one is selected, else that one."""
        self.setTextElideMode(_elision([case.label for case in listed.cases]))
        self.setRowCount(len(cases))
        for row, case in enumerate(cases):
            for column, text in enumerate(_cells(listed, case)):
                item = QTableWidgetItem(text)
                item.setData(Qt.ItemDataRole.UserRole, case.label)
                item.setToolTip(case.label)
                if case.label == following:
                    letters = item.font()
                    letters.setBold(True)
                    item.setFont(letters)
                    item.setToolTip(f"{case.label}\nOpened next")
                self.setItem(row, column, item)
        labels = [case.label for case in cases]
        for label in (current, following):
            if label in labels:
                self.selectRow(labels.index(label))
                break
        self._fit()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Give the names what room there is now."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Make columns as wide as their content; a long name leaves room for the others, and is whole in its tip."""
        self.resizeColumnsToContents()  # which leaves out those that are hidden
        viewport = self.viewport()
        assert viewport is not None
        room = viewport.width() - sum(self.columnWidth(place) for place in range(1, self.columnCount()))
        self.setColumnWidth(0, min(self.columnWidth(0), max(room, _NAME)))

    def chosen(self) -> str:
        """Return the label of the case whose row is selected, empty for none."""
        item = self.item(self.currentRow(), 0) if self.currentRow() >= 0 else None
        return str(item.data(Qt.ItemDataRole.UserRole)) if item is not None else ""


def _elision(labels: Sequence[str]) -> Qt.TextElideMode:
    """Return where a long name is shortened: at its end where only the beginning tells cases apart, else within."""
    pairs = list(pairwise(sorted(labels)))
    before = sum(_alike(one, other) for one, other in pairs)
    behind = sum(_alike(one[::-1], other[::-1]) for one, other in pairs)
    return Qt.TextElideMode.ElideRight if behind > before else Qt.TextElideMode.ElideMiddle


def _alike(one: str, other: str) -> int:
    """Return how many letters two names begin with alike."""
    return len(list(takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))))


def _cells(listed: ReaderList, case: WorkCase) -> tuple[str, ...]:
    """Return a case as the table shows it: of other readers only how far they are."""
    sources = " + ".join(modality_name(modality, "?") for modality in case.modalities)
    known, own = (case.label, sources, listed.status(case)), listed.own(case)
    if own is None:
        return (*known, *[""] * (len(COLUMNS) - len(known)))
    flags = sum(one.verdict in ("flag", "reject") for one in own.review.slices.values())
    speed = pace(own.review)
    rate = "" if speed.per_minute is None else f"{speed.per_minute:.0f}"
    touched = own.touched[5:16].replace("T", " ")
    return (*known, str(own.warned), str(flags), f"{speed.seconds:.0f} s", rate, touched)
