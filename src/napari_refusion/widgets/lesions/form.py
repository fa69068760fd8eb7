"""The controls of the page Lesions, as they lie below each other."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from qtpy.QtCore import Signal
from qtpy.QtGui import QAction
from qtpy.QtWidgets import QMenu, QWidget

from napari_refusion.look import AMBER, RED
from napari_refusion.widgets.keys import KEYS
from napari_refusion.widgets.lesions.method_box import MethodBox
from napari_refusion.widgets.lesions.overlay_list import OverlayList
from napari_refusion.widgets.lesions.table import LesionTable
from napari_refusion.widgets.review.buttons import button, column, row, show_text, wrapped_label

if TYPE_CHECKING:
    from napari_refusion.look import Signal as ResultSignal
    from napari_refusion.widgets.lesions.references import References

NO_PAIR: Final = "Choose two sources first, and fuse or compare them: lesions are drawn on the sources of a pair."

OUTPUTS: Final = {
    "table": "Table (XLSX, TSV)",
    "label map": "Label map (NIfTI)",
    "dicom": "DICOM SEG and report (TID 1500)",
}
"""What can be written, one of `session.lesions.files.WRITERS` -> its entry in the menu."""


class LesionForm(QWidget):
    """Method, mouse, list, and what is said about it."""

    write_wanted = Signal(str)
    """Emitted with one of `OUTPUTS`."""

    def __init__(self) -> None:
        super().__init__()
        self.table, self.overlays = LesionTable(), OverlayList()
        key = KEYS["lesion"][0]
        self.click = button("Click on uptake", f"Add a lesion with each click, in any plane ({key}); Escape ends it")
        self.click.setCheckable(True)
        self.method = MethodBox(self.click)
        self.missed = button("From missed uptake", "Add a lesion where the fused image hides uptake")
        self.spots = QMenu(self.missed)
        self.missed.setMenu(self.spots)
        self.open = button("Open overlay...", "Show regions from a DICOM SEG, an RTSTRUCT or a label map")
        self.follow_up = button("Follow-up...", "Compare with an earlier examination of the same patient")
        self.remove = button("Remove", "Take the selected lesion from the list; Undo brings it back")
        self.undo = button("Undo", "Take the last change of the list back")
        self.redo = button("Redo", "Do again what was taken back")
        self.copy = button("Copy", "Copy the measurements, to paste into a spreadsheet")
        self.write = button("Write", "Write the list into a new folder")
        menu = QMenu(self.write)
        for kind, title in OUTPUTS.items():
            action = QAction(title, menu)
            action.triggered.connect(partial(self._want, kind))
            menu.addAction(action)
        self.write.setMenu(menu)
        self.message, self.notice, self.hidden = wrapped_label(), wrapped_label(), wrapped_label()
        self._lay_out()
        self.show_hidden("", None)

    def _lay_out(self) -> None:
        layout = self._column = column(self)
        layout.addWidget(self.method)
        layout.addLayout(row(self.missed, self.open))
        for label in (self.message, self.notice, self.hidden):
            layout.addWidget(label)
            show_text(label, "")
        layout.addWidget(self.table, stretch=1)
        layout.addLayout(row(self.remove, self.undo, self.redo, self.copy, self.write))
        layout.addWidget(self.overlays)

    def add_references(self, references: References) -> None:
        """Put the reference regions below the list, and beside them what leads to the follow-up."""
        references.row.addWidget(self.follow_up)
        self._column.insertWidget(self._column.indexOf(self.overlays), references)

    def _want(self, kind: str, _checked: bool = False) -> None:
        self.write_wanted.emit(kind)

    def say(self, sentence: str) -> None:
        """Say what came of the last thing that was done; empty for nothing."""
        show_text(self.message, sentence)

    def show_notice(self, sentence: str) -> None:
        """Say what holds for all of the list, as why there are no SUV; empty for nothing."""
        show_text(self.notice, sentence)

    def show_hidden(self, sentence: str, signal: ResultSignal | None) -> None:
        """Say how many lesions the fused image hides."""
        show_text(self.hidden, sentence)
        self.hidden.setStyleSheet("" if signal is None else f"padding: 2px; {signal.css}")

    def allow(self, *, pair: bool, lesions: bool, selected: bool) -> None:
        """Offer what can be done with what there is."""
        for one in (self.method, self.click, self.open):
            one.setEnabled(pair)
        for one in (self.copy, self.write):
            one.setEnabled(lesions)
        self.remove.setEnabled(selected)


def hidden_words(
    hidden: tuple[int, ...], known: int, count: int, *, is_coming: bool
) -> tuple[str, ResultSignal | None]:
    """Return what is said of the lesions that the fused image hides, and its colour.

    Parameters
    ----------
    hidden
        Numbers of lesions.
    known, count
        Of how many lesions it is known, and how many there are.
    """
    if hidden:
        numbers = ", ".join(map(str, sorted(hidden)))
        return f"The fused image hides {len(hidden)} of {count}: {numbers}. Look at the sources there.", RED
    if known < count and is_coming:
        return f"How much of each lesion the fused image shows: {known} of {count} known.", None
    if known < count:
        return f"It is not known of {count - known} of {count} how much the fused image shows.", AMBER
    return "", None


def show_spots(menu: QMenu, words: tuple[str, ...]) -> None:
    """Fill a menu with places of missed uptake."""
    menu.clear()
    for text in words or ("No missed uptake is known here",):
        action = QAction(text, menu)
        action.setEnabled(bool(words))
        menu.addAction(action)
