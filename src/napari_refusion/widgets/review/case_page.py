"""What is known and said about the case as a whole, and how it is left: finish, lock, report, export, leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QAction
from qtpy.QtWidgets import QMenu, QWidget

from napari_refusion.session.sentences import case_title
from napari_refusion.widgets.keys import KEYS, shortcut_name
from napari_refusion.widgets.review.buttons import button, column, row, show_text, wrapped_label
from napari_refusion.widgets.review.registration_question import RegistrationQuestion
from napari_refusion.widgets.review.scrolled_part import ScrolledPart

if TYPE_CHECKING:
    from napari_refusion.session.reading import Reading
    from napari_refusion.widgets.review.buttons import SlimButton

EXPORTS: Final = {"nifti": "NIfTI with its record", "dicom": "DICOM: parametric map, capture, blending"}
"""Kind of `report.output.OUTPUTS` -> words in the menu."""


class CasePage(QWidget):
    """Shows which case is read and how far it is, and lets the answer about the registration be changed."""

    output_wanted = Signal(str)
    """Emitted with one of `report.output.OUTPUTS`."""
    lock_wanted = Signal()
    leave_wanted = Signal()

    def __init__(self, finish: SlimButton) -> None:
        super().__init__()
        self.title, self.others, self.registration = wrapped_label(), wrapped_label(), RegistrationQuestion()
        self.title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.lock = _keyed("Lock", "lock", "Lock the case for good, after its verdict: it can no longer be changed")
        self.report = _keyed("Report", "report", "One HTML page and a PDF")
        self.export = _keyed("Export", "export", "NIfTI or DICOM")
        self.leave = button("Leave", "Everything is kept")
        self.others.hide()
        words = QWidget()
        lines = column(words)
        for label in (self.title, self.others):
            lines.addWidget(label)
        lines.addStretch()
        layout = column(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.addLayout(row(finish, self.lock, self.report, self.export, self.leave))
        layout.addWidget(self.registration)
        layout.addWidget(ScrolledPart(words), stretch=1)
        self._connect()

    def _connect(self) -> None:
        self.lock.clicked.connect(lambda: self.lock_wanted.emit())
        self.report.clicked.connect(lambda: self.output_wanted.emit("report"))
        self.leave.clicked.connect(lambda: self.leave_wanted.emit())
        menu = QMenu(self.export)
        for kind, words in EXPORTS.items():
            action = QAction(words, menu)
            action.triggered.connect(lambda _checked=False, chosen=kind: self.output_wanted.emit(chosen))
            menu.addAction(action)
        self.export.setMenu(menu)

    def show_review(self, reading: Reading) -> None:
        """Show how far the case is."""
        review = reading.session.review
        self.title.setText(case_title(reading.session))
        self.registration.show_answer(review.registration, is_locked=review.is_locked)
        self.lock.setEnabled(review.verdict is not None and not review.is_locked)

    def show_others(self, sentences: str) -> None:
        """Show what other readers said, where the reader may know."""
        show_text(self.others, sentences)


def _keyed(text: str, action: str, tip: str) -> SlimButton:
    """Return a button that says which key does the same."""
    return button(text, f"{tip} ({shortcut_name(KEYS[action][0])})")
