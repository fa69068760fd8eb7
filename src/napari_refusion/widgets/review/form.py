"""Everything a reader sees of a review that is going on; what its controls do is in `panel`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QAction
from qtpy.QtWidgets import QHBoxLayout, QMenu, QPushButton, QWidget

from napari_refusion.look import AMBER
from napari_refusion.session.sentences import case_title, next_step, slice_cells
from napari_refusion.widgets.keys import KEYS
from napari_refusion.widgets.review.buttons import button, column, row, show_text, wrapped_label
from napari_refusion.widgets.review.evidence_form import EvidenceForm
from napari_refusion.widgets.review.registration_question import RegistrationQuestion
from napari_refusion.widgets.review.slice_form import SliceForm
from napari_refusion.widgets.review.slice_strip import SliceStrip
from napari_refusion.widgets.review.trust_block import TrustBlock
from napari_refusion.widgets.review.verdict_form import VerdictForm

if TYPE_CHECKING:
    from napari_refusion.session.reading import Reading

EXPORTS: Final = {"nifti": "NIfTI with its record", "dicom": "DICOM: parametric map, capture, blending"}
"""Kind of `report.output.OUTPUTS` -> words in the menu."""


class ReviewForm(QWidget):
    """Shows a review from top to bottom: checks, registration, slices, evidence, verdict."""

    pressed = Signal(str)
    """Emitted with the key that a button stands for."""
    answered = Signal(str)
    """Emitted with a key of `case.REGISTRATION`."""
    reason_toggled = Signal(str)
    """Emitted with a key of `case.REASONS`."""
    commented = Signal(int, str)
    """Emitted with a slice and the comment that was typed on it."""
    slice_chosen = Signal(int)
    """Emitted with the slice that was clicked."""
    map_chosen = Signal(str)
    """Emitted with the name of an evidence map, empty for none."""
    override_wanted = Signal(str)
    """Emitted with the name of a failed check that was clicked."""
    verdict_given = Signal(str, float, str)
    """Emitted with verdict, confidence (0 to 4) and comment."""
    verdict_left = Signal()
    """Emitted when the reader returns from the verdict to the slices."""
    output_wanted = Signal(str)
    """Emitted with one of `report.output.OUTPUTS`."""
    lock_wanted = Signal()
    leave_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.title, self.others = wrapped_label(), wrapped_label()
        self.step, self.note = wrapped_label("font-weight: bold;"), wrapped_label(f"color: {AMBER.background};")
        self.trust, self.registration, self.strip = TrustBlock(), RegistrationQuestion(), SliceStrip()
        self.slice, self.evidence, self.verdict = SliceForm(), EvidenceForm(), VerdictForm()
        self.next_missed = self._keyed("Next missed uptake", "next missed")
        self.lock = button("Lock", "Lock the case for good, after its verdict: it can no longer be changed")
        self.strip.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        for label in (self.note, self.others):
            label.hide()
        self._lay_out()
        self._connect()

    def _connect(self) -> None:
        """Pass on what the parts are told."""
        self.trust.override_wanted.connect(self.override_wanted)
        self.registration.answered.connect(self.answered)
        self.strip.chosen.connect(self.slice_chosen)
        self.slice.pressed.connect(self.pressed)
        self.slice.reason_toggled.connect(self.reason_toggled)
        self.slice.commented.connect(self.commented)
        self.slice.left.connect(self.strip.setFocus)
        self.evidence.chosen.connect(self.map_chosen)
        self.verdict.given.connect(self.verdict_given)
        self.verdict.closed.connect(self.verdict_left)
        self.lock.clicked.connect(lambda: self.lock_wanted.emit())

    def _keyed(self, text: str, action: str) -> QPushButton:
        """Return a button that stands for the key of an action of `keys.KEYS`."""
        key, _ = KEYS[action]
        made = button(text, key.replace("Return", "Enter"))
        made.clicked.connect(lambda: self.pressed.emit(key))
        return made

    def _lay_out(self) -> None:
        layout = column(self)
        for part in (self.title, self.others, self.trust, self.step, self.note, self.registration, self.strip):
            layout.addWidget(part)
        layout.addWidget(self.slice)
        steps = (("Undo", "undo"), ("Redo", "redo"), ("Next unseen", "next unseen"))
        layout.addLayout(row(*(self._keyed(text, action) for text, action in steps)))
        layout.addLayout(row(self._keyed("Next warned", "next warned"), self.next_missed))
        layout.addWidget(self.evidence)
        layout.addWidget(self.verdict)
        layout.addLayout(self._last_row())
        layout.addStretch()

    def _last_row(self) -> QHBoxLayout:
        """Return the buttons about the case as a whole."""
        report, export = button("Report", "One HTML page and a PDF"), button("Export", "NIfTI or DICOM")
        leave = button("Leave", "Everything is kept")
        report.clicked.connect(lambda: self.output_wanted.emit("report"))
        leave.clicked.connect(lambda: self.leave_wanted.emit())
        menu = QMenu(export)
        for kind, words in EXPORTS.items():
            action = QAction(words, menu)
            action.triggered.connect(lambda _checked=False, chosen=kind: self.output_wanted.emit(chosen))
            menu.addAction(action)
        export.setMenu(menu)
        return row(self._keyed("Finish ...", "finish"), self.lock, report, export, leave)

    def show_review(self, reading: Reading, index: int) -> None:
        """Show a review as it stands, and the slice on the screen, -1 for none."""
        session = reading.session
        review, examination = session.review, session.examination
        self.title.setText(case_title(session))
        self.trust.show_outcomes(session.check_outcomes(), review.overrides)
        self.registration.show_answer(review.registration, is_locked=review.is_locked)
        self.strip.show_cells(slice_cells(session), index)
        self.lock.setEnabled(review.verdict is not None and not review.is_locked)
        self.next_missed.setEnabled(examination is not None and bool(examination.missed))
        self.evidence.show_session(session)
        self.show_slice(reading, index)

    def show_slice(self, reading: Reading, index: int) -> None:
        """Show what there is about the slice on the screen, -1 for none."""
        show_text(self.step, next_step(reading.session, reading.pending))
        self.strip.look_at(index)
        self.slice.show_slice(reading, index)
        self.evidence.show_slice(reading.session, index)

    def show_message(self, sentence: str) -> None:
        """Answer to what the reader did last; empty for nothing."""
        show_text(self.note, sentence)

    def show_others(self, sentences: str) -> None:
        """Show what other readers said, where the reader may know."""
        show_text(self.others, sentences)

    def ask_verdict(self, possible: Sequence[str], lacking: Sequence[str]) -> bool:
        """Open the verdict with those that are possible, or with what is lacking; return whether it was closed."""
        if self.verdict.isVisible():
            return False
        self.verdict.ask(possible, lacking)
        return True

    def take_keys(self) -> None:
        """Take the focus to where keys are those of the review."""
        self.strip.setFocus()

    def focus_comment(self) -> None:
        """Let the comment be typed."""
        self.slice.comment.setFocus()

    def leave_comment(self) -> None:
        """Hand over the comment that was typed."""
        self.slice.leave_comment()

    def next_map(self) -> None:
        """Choose the next evidence map, after the last one none."""
        self.evidence.next_map()

    def begin_progress(self, count: int) -> None:
        """Show how many of so many slices are examined."""
        self.evidence.begin_progress(count)

    def advance(self, count: int) -> None:
        """Show that so many slices are examined."""
        self.evidence.progress.setValue(count)

    def end_progress(self) -> None:
        """Show no longer how far the examination is."""
        self.evidence.progress.hide()
