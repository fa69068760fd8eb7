"""The controls of the Review page; what they do is in `review_panel`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QAction
from qtpy.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from napari_refusion.look import AMBER
from napari_refusion.record.case import REASONS, REGISTRATION
from napari_refusion.widgets.review.slice_strip import SliceStrip
from napari_refusion.widgets.review.trust_block import TrustBlock
from napari_refusion.widgets.review.verdict_form import VerdictForm

if TYPE_CHECKING:
    from napari_refusion.record.case import SliceReview

_NO_KEYS = Qt.FocusPolicy.NoFocus


_SHORT: Final = {
    "uptake_lost": "uptake lost",
    "invented": "invented",
    "step": "flicker or step",
    "source_artefact": "source artefact",
    "wrong_side": "wrong side",
    "other": "other",
}
"""Reason -> what a narrow button says where the whole words are too long; these are in its tooltip."""


class ReviewForm(QWidget):
    """Everything a reader sees of a review that is going on."""

    answered = Signal(str)
    """Emitted with a key of `case.REGISTRATION`."""
    reason_toggled = Signal(str)
    """Emitted with a key of `case.REASONS`."""
    commented = Signal(int, str)
    """Emitted with a slice and the comment that was typed on it."""
    pressed = Signal(str)
    """Emitted with the key that a button stands for."""
    output_wanted = Signal(str)
    """Emitted with ``report``, ``nifti`` or ``dicom``."""
    evidence_chosen = Signal(str)
    """Emitted with the name of an evidence map, empty for none."""

    def __init__(self) -> None:
        super().__init__()
        self.title, self.told, self.note, self.others = QLabel(), QLabel(), QLabel(), QLabel()
        self.trust, self.strip, self.verdict = TrustBlock(), SliceStrip(), VerdictForm()
        self.here, self.numbers, self.missed = QLabel(), QLabel(), QLabel()
        self.comment, self.evidence, self.progress = QLineEdit(), QComboBox(), QProgressBar()
        self.answers = QButtonGroup(self)
        self.reasons: dict[str, QToolButton] = {}
        self.accept, self.flag = _button("Accept", "A: accept, and go to the next"), _button("Flag", "S, then 1 to 8")
        self.reject, self.key = _button("Reject", "R, then 1 to 8"), _button("Key image", "I")
        self.undo, self.redo = _button("Undo", "U"), _button("Redo", "Shift+U")
        self.next_flagged, self.next_unseen = _button("Next warned", "N"), _button("Next unseen", "Shift+N")
        self.next_missed = _button("Next missed uptake", "H")
        self.finish, self.leave = _button("Finish ...", "Ctrl+Enter"), _button("Leave", "Everything is kept")
        self.lock = _button("Lock", "Close the case for good, after its verdict: nothing in it can be changed any more")
        self.report, self.export = _button("Report", "One HTML page and a PDF"), _button("Export", "NIfTI or DICOM")
        self.key.setCheckable(True)
        for label in (self.title, self.told, self.note, self.others, self.here, self.numbers, self.missed):
            label.setWordWrap(True)
        self.told.setStyleSheet("font-weight: bold;")
        self.note.setStyleSheet(f"color: {AMBER.background};")
        for label in (self.note, self.others, self.missed):
            label.hide()
        self.comment.setPlaceholderText("Comment on this slice (M), Enter keeps it")
        self.comment.setMaxLength(2000)
        self._index = -1
        self.comment.returnPressed.connect(self.strip.setFocus)
        self.comment.editingFinished.connect(self.leave_comment)
        self.strip.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.evidence.setFocusPolicy(_NO_KEYS)
        self.evidence.currentIndexChanged.connect(
            lambda _index: self.evidence_chosen.emit(self.evidence.currentData() or "")
        )
        self.progress.hide()
        self.numbers.setTextFormat(Qt.TextFormat.RichText)
        self.evidence.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        for key, button in self._keyed().items():
            button.clicked.connect(lambda _checked=False, chosen=key: self.pressed.emit(chosen))
        self.report.clicked.connect(lambda: self.output_wanted.emit("report"))
        menu = QMenu(self.export)
        for kind, words in (("nifti", "NIfTI with its record"), ("dicom", "DICOM: parametric map, capture, blending")):
            action = QAction(words, menu)
            action.triggered.connect(lambda _checked=False, chosen=kind: self.output_wanted.emit(chosen))
            menu.addAction(action)
        self.export.setMenu(menu)
        self._lay_out()

    def _keyed(self) -> dict[str, QPushButton]:
        return {
            "A": self.accept,
            "S": self.flag,
            "R": self.reject,
            "I": self.key,
            "U": self.undo,
            "Shift+U": self.redo,
            "N": self.next_flagged,
            "Shift+N": self.next_unseen,
            "H": self.next_missed,
            "Ctrl+Return": self.finish,
        }

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.title)
        layout.addWidget(self.others)
        layout.addWidget(self.trust)
        layout.addWidget(self.told)
        layout.addWidget(self.note)
        layout.addLayout(self._registration())
        layout.addWidget(self.strip)
        layout.addWidget(self.here)
        layout.addLayout(_row(self.accept, self.flag, self.reject, self.key))
        layout.addLayout(self._chips())
        layout.addWidget(self.comment)
        layout.addLayout(_row(self.undo, self.redo, self.next_unseen))
        layout.addLayout(_row(self.next_flagged, self.next_missed))
        for part in (self.missed, self.evidence, self.numbers, self.progress, self.verdict):
            layout.addWidget(part)
        layout.addLayout(_row(self.finish, self.lock, self.report, self.export, self.leave))
        layout.addStretch()

    def _registration(self) -> QGridLayout:
        """Return the question that comes first, with its answers."""
        grid = QGridLayout()
        grid.setSpacing(3)
        self.answers.setExclusive(False)  # what is checked follows from what was recorded
        for place, (answer, words) in enumerate(REGISTRATION.items()):
            button = _button(f"{place + 1} {words}", "How well do the sources fit? Compare their edges.")
            button.setCheckable(True)
            button.setStyleSheet("font-size: 11px;")
            button.clicked.connect(lambda _checked=False, chosen=answer: self.answered.emit(chosen))
            self.answers.addButton(button, place)
            grid.addWidget(button, place // 2, place % 2)
        return grid

    def _chips(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(3)
        for place, (reason, words) in enumerate(REASONS.items()):
            chip = QToolButton()
            chip.setText(f"{place + 1} {_SHORT.get(reason, words)}")
            chip.setToolTip(words)
            chip.setCheckable(True)
            chip.setFocusPolicy(_NO_KEYS)
            chip.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            chip.setStyleSheet("QToolButton { font-size: 10px; } QToolButton:checked { background: #3d58c7; }")
            chip.clicked.connect(lambda _checked=False, chosen=reason: self.reason_toggled.emit(chosen))
            self.reasons[reason] = chip
            grid.addWidget(chip, place // 2, place % 2)
        return grid

    def show_answer(self, answer: str, *, is_locked: bool) -> None:
        """Mark the answer about the registration that stands."""
        for place, name in enumerate(REGISTRATION):
            button = self.answers.button(place)
            assert button is not None
            button.setChecked(name == answer)
            button.setEnabled(not is_locked)

    def show_slice(self, index: int, here: SliceReview, *, can_judge: bool, can_reason: bool) -> None:
        """Show what was said about a slice, -1 for none, and let it be said where it can."""
        for button in (self.accept, self.flag, self.reject):
            button.setEnabled(can_judge)
        for name, chip in self.reasons.items():
            chip.setChecked(name in here.reasons)
            chip.setEnabled(can_reason)
        self.key.setChecked(here.is_key)
        self.key.setEnabled(index >= 0)
        self.comment.setEnabled(index >= 0)
        if index != self._index or not self.comment.hasFocus():
            self._index = index
            self.comment.setText(here.comment)

    def tell(self, sentence: str) -> None:
        """Answer to what the reader did last; empty for nothing."""
        say(self.note, sentence)

    def leave_comment(self) -> None:
        """Hand over the comment that was typed, for the slice on which it was begun."""
        if self._index >= 0 and self.comment.isModified():
            self.comment.setModified(False)
            self.commented.emit(self._index, self.comment.text().strip())

    def show_missed(self, count: int) -> None:
        """Say in how many places uptake is missed."""
        say(self.missed, f"Missed uptake: {count} place{'s' * (count != 1)}" if count else "")
        self.next_missed.setEnabled(bool(count))

    def begin_progress(self, count: int) -> None:
        """Show how many of so many slices are examined."""
        self.progress.setRange(0, count)
        self.progress.setFormat("Evidence: %v of %m slices")
        self.progress.setValue(0)
        self.progress.show()

    def offer_evidence(self, titles: dict[str, tuple[str, str]]) -> None:
        """Offer evidence maps: name -> title and what it can and cannot see; the choice stays where it can."""
        chosen = self.evidence.currentData()
        self.evidence.blockSignals(True)
        self.evidence.clear()
        self.evidence.addItem("Evidence: none (E)", "")
        for name, (title, tip) in titles.items():
            self.evidence.addItem(title, name)
            self.evidence.setItemData(self.evidence.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.evidence.setCurrentIndex(max(0, self.evidence.findData(chosen)))
        self.evidence.setEnabled(bool(titles))
        self.evidence.blockSignals(False)

    def next_evidence(self) -> None:
        """Choose the next evidence map, after the last one none."""
        self.evidence.setCurrentIndex((self.evidence.currentIndex() + 1) % self.evidence.count())


def say(label: QLabel, text: str) -> None:
    """Show a text in a label, which takes no room without one."""
    label.setText(text)
    label.setVisible(bool(text))


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setFocusPolicy(_NO_KEYS)
    button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    return button


def _row(*parts: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(3)
    for part in parts:
        row.addWidget(part)
    return row
