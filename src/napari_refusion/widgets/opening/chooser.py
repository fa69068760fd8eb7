"""The dialog that lets a user choose among several series and volumes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from qtpy.QtCore import Qt
from qtpy.QtGui import QPalette
from qtpy.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from napari_refusion.widgets.opening.offer import COLUMNS, Choice, Offer, Taken, likely

_WIDTH: Final = 1080
_HEIGHTS: Final = (300, 560)
"""Pixels: width, least and greatest height; they fit a screen of 1280 x 720."""

_AROUND: Final = 190
_LINE: Final = 22
"""Pixels: height of all but the list, and of a line of it."""

_STYLE: Final = """
QTreeView::item { padding: 3px 0; }
QTreeView::indicator:unchecked { border: 1px solid #868e93; }
"""
"""Without a border napari's empty boxes cannot be told from the background; with one, the others lose their mark."""

_WIDEST: Final = 300
"""Pixels of a column; the whole text is in its tip and, for what cannot be opened, below the list."""

_REMARK: Final = COLUMNS.index("Remark")
_TAKEN: Final = Qt.ItemDataRole.UserRole
_ON, _OFF = Qt.CheckState.Checked, Qt.CheckState.Unchecked
_ABOUT: Final = (
    "Space checks a line, the right arrow shows its volumes, Enter opens what is checked, Escape opens nothing."
)


class Chooser(QDialog):
    """Lists what a path offers, the likely series checked; what cannot be opened is grey, with the reason."""

    def __init__(self, offers: Sequence[Offer], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Choose what to open")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self._offers = tuple(offers)
        self.tree = QTreeWidget()
        self.note, self.total = QLabel(), QLabel()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Open | QDialogButtonBox.StandardButton.Cancel)
        self._lay_out()
        self._fill()
        self.tree.setFocus()
        least, greatest = _HEIGHTS
        lines = len(self._offers) + max(len(offer.choices()) for offer in self._offers)
        self.resize(_WIDTH, max(least, min(greatest, _AROUND + _LINE * lines)))
        self.tree.itemChanged.connect(self._follow_check)
        self.tree.currentItemChanged.connect(self._describe)
        self.tree.setCurrentItem(self.tree.topLevelItem(0))
        self._count()

    def chosen(self) -> list[Choice]:
        """Return what is checked, in the order of the list."""
        taken = ((offer, self._taken(item)) for offer, item in self._rows() if item.checkState(0) == _ON)
        return [(offer, parts) for offer, parts in taken if parts]

    def _lay_out(self) -> None:
        self.tree.setHeaderLabels(COLUMNS)
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.tree.setAllColumnsShowFocus(True)
        self.tree.setUniformRowHeights(True)
        self.tree.setStyleSheet(_STYLE)
        self.tree.setTextElideMode(Qt.TextElideMode.ElideRight)
        heading = self.tree.headerItem()
        assert heading is not None
        heading.setToolTip(COLUMNS.index("Voxels"), "From head to foot, from front to back, from right to left")
        heading.setToolTip(COLUMNS.index("Corrected"), "For attenuation: only then are the values of PET uptake")
        about = QLabel(_ABOUT)
        self.note.setWordWrap(True)
        self.note.setMinimumHeight(2 * self.note.fontMetrics().lineSpacing())  # or the list jumps
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for part in (about, self.tree, self.note, self.total, self.buttons):
            layout.addWidget(part, stretch=int(part is self.tree))

    def _fill(self) -> None:
        first = likely(self._offers)
        for offer in self._offers:
            item = QTreeWidgetItem(self.tree, list(offer.row()))
            for column, text in enumerate(offer.row()):
                item.setToolTip(column, text)
            if not offer.is_usable:
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsUserCheckable)
                self._grey(item)
                continue
            for taken, words in offer.choices().items():
                child = QTreeWidgetItem(item, ["", words])
                child.setData(0, _TAKEN, taken)
                child.setCheckState(0, _OFF)
            item.setCheckState(0, _OFF)
            if offer in first:
                item.setCheckState(0, _ON)
                self._check_default(item, offer)
        heading = self.tree.header()
        assert heading is not None
        self.tree.expandAll()  # only what is shown counts for the width
        for column in range(_REMARK):
            self.tree.resizeColumnToContents(column)
            self.tree.setColumnWidth(column, min(self.tree.columnWidth(column), _WIDEST))
        if len(self._offers) > 1:
            self.tree.collapseAll()
        heading.setSectionResizeMode(_REMARK, QHeaderView.ResizeMode.Stretch)
        self.tree.setColumnHidden(_REMARK, all(offer.is_usable for offer in self._offers))

    def _grey(self, item: QTreeWidgetItem) -> None:
        colour = self.palette().color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text)
        for column in range(len(COLUMNS)):
            item.setForeground(column, colour)

    def _rows(self) -> Iterator[tuple[Offer, QTreeWidgetItem]]:
        for index, offer in enumerate(self._offers):
            item = self.tree.topLevelItem(index)
            assert item is not None
            yield offer, item

    def _taken(self, item: QTreeWidgetItem) -> tuple[Taken, ...]:
        """Return what of an offer is checked."""
        if not item.childCount():
            return self._offer(item).by_default
        return tuple(child.data(0, _TAKEN) for child in _children(item) if child.checkState(0) == _ON)

    def _offer(self, item: QTreeWidgetItem) -> Offer:
        return self._offers[self.tree.indexOfTopLevelItem(item)]

    @staticmethod
    def _check_default(item: QTreeWidgetItem, offer: Offer) -> None:
        for child in _children(item):
            child.setCheckState(0, _ON if child.data(0, _TAKEN) in offer.by_default else _OFF)

    def _follow_check(self, item: QTreeWidgetItem, column: int) -> None:
        """Keep a series and its volumes in step: checking the series takes the default of them, its last one is it."""
        if column:
            return
        self.tree.blockSignals(True)
        parent = item.parent()
        if parent is not None:
            some = any(child.checkState(0) == _ON for child in _children(parent))
            parent.setCheckState(0, _ON if some else _OFF)
        elif item.checkState(0) == _ON:
            self._check_default(item, self._offer(item))
        else:
            for child in _children(item):
                child.setCheckState(0, _OFF)
        self.tree.blockSignals(False)
        viewport = self.tree.viewport()
        assert viewport is not None
        viewport.update()
        self._count()

    def _count(self) -> None:
        """Say how much is opened; with nothing checked there is nothing to open."""
        chosen = self.chosen()
        megabytes = sum(offer.megabytes(taken) for offer, taken in chosen)
        series = f"{len(chosen)} of {len(self._offers)}"
        self.total.setText(f"{series} checked, about {megabytes:,.0f} MB in memory" if chosen else "Nothing is checked")
        button = self.buttons.button(QDialogButtonBox.StandardButton.Open)
        assert button is not None
        button.setEnabled(bool(chosen))
        button.setDefault(True)

    def _describe(self, item: QTreeWidgetItem | None, _before: Any = None) -> None:  # noqa: ANN401
        """Say below the list what its columns may cut off."""
        if item is None:
            return
        offer = self._offer(item.parent() or item)
        self.note.setText(f"Cannot be opened: {offer.listed.refusal}" if offer.listed.refusal else offer.listed.name)


def _children(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    return [child for index in range(item.childCount()) if (child := item.child(index)) is not None]


def ask(offers: Sequence[Offer], parent: QWidget) -> list[Choice] | None:
    """Return what the user chooses; None where it is nothing."""
    dialog = Chooser(offers, parent)
    accepted = dialog.exec() == QDialog.DialogCode.Accepted
    chosen = dialog.chosen()
    dialog.deleteLater()
    return chosen if accepted and chosen else None
