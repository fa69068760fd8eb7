"""What is said about the slice on the screen: verdict, reasons, key image, comment; nothing here ever moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QLineEdit, QSizePolicy, QStackedWidget, QWidget

from napari_refusion.record.case import REASONS
from napari_refusion.session.reading import REASONED
from napari_refusion.widgets.keys import KEYS
from napari_refusion.widgets.letter_grid import LetterGrid
from napari_refusion.widgets.review.answer_line import AnswerLine
from napari_refusion.widgets.review.buttons import button, column, row
from napari_refusion.widgets.review.registration_question import RegistrationQuestion

if TYPE_CHECKING:
    from napari_refusion.session.reading import Reading
    from napari_refusion.widgets.review.buttons import SlimButton

_SHORT: Final = {
    "uptake_lost": "uptake lost",
    "invented": "invented",
    "step": "flicker or step",
    "source_artefact": "source artefact",
    "wrong_side": "wrong side",
    "other": "other",
}
"""Reason -> what a narrow button says where the whole words are too long; these are in its tooltip."""

_COLUMNS: Final = 3
"""Of the reasons, at most."""


class SliceForm(QWidget):
    """Lets be said of a slice what can be said: buttons, the answer to them, and what the keys 1 to 8 mean now."""

    pressed = Signal(str)
    """Emitted with the key that a button stands for."""
    reason_toggled = Signal(str)
    """Emitted with a key of `case.REASONS`."""
    commented = Signal(int, str)
    """Emitted with a slice and the comment that was typed on it."""
    left = Signal()
    """Emitted when the comment was typed and the keys belong to the review again."""

    def __init__(self) -> None:
        super().__init__()
        self._index = -1
        self.answer, self.comment = AnswerLine(), QLineEdit()
        self.verdicts = {
            "accept": button("Accept", "A: accept, and go to the next"),
            "flag": button("Flag", "S, then 1 to 8"),
            "reject": button("Reject", "R, then 1 to 8"),
        }
        self.key = button("Key image", "I")
        self.key.setCheckable(True)
        self.reasons = {reason: self._chip(place, reason) for place, reason in enumerate(REASONS)}
        self.registration, self.digits = RegistrationQuestion(), QStackedWidget()
        self.comment.setPlaceholderText("Comment on this slice (M), Enter saves it")
        self.comment.setMaxLength(2000)
        self.comment.returnPressed.connect(self.left)
        self.comment.editingFinished.connect(self.leave_comment)
        for action, one in (*self.verdicts.items(), ("key image", self.key)):
            one.clicked.connect(lambda _checked=False, chosen=action: self.pressed.emit(KEYS[chosen][0]))
        self._lay_out()

    def _lay_out(self) -> None:
        self._reasons = QWidget()
        LetterGrid(self._reasons, list(self.reasons.values()), _COLUMNS)
        # what the digits mean stands in one place: first the answers to how well the sources fit, then the reasons
        self.digits.addWidget(self.registration)
        self.digits.addWidget(self._reasons)
        self.digits.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        layout = column(self)
        layout.addLayout(row(*self.verdicts.values(), self.key))
        layout.addWidget(self.answer)
        layout.addWidget(self.digits)
        layout.addWidget(self.comment)

    def _chip(self, place: int, reason: str) -> SlimButton:
        chip = button(f"{place + 1} {_SHORT.get(reason, REASONS[reason])}", REASONS[reason])
        chip.setCheckable(True)
        chip.clicked.connect(lambda: self.reason_toggled.emit(reason))
        return chip

    def show_slice(self, reading: Reading, index: int) -> None:
        """Show what was said about a slice, -1 for none, and let it be said where it can."""
        session = reading.session
        here, is_open, answer = session.review.slice(index), index >= 0 and session.is_open, session.review.registration
        self.registration.show_answer(answer, is_locked=session.review.is_locked)
        self.digits.setCurrentWidget(self._reasons if answer else self.registration)
        for name, one in self.verdicts.items():
            one.setEnabled(is_open and answer not in ("", "unacceptable"))
            one.setDown(reading.pending == name)
        for name, chip in self.reasons.items():
            chip.setChecked(name in here.reasons)
            chip.setEnabled(is_open and (reading.pending or here.verdict) in REASONED)
        self.key.setChecked(here.is_key)
        self.key.setEnabled(index >= 0)
        self.comment.setEnabled(index >= 0)
        if index != self._index or not self.comment.hasFocus():
            self._index = index
            self.comment.setText(here.comment)

    def leave_comment(self) -> None:
        """Hand over the comment that was typed, for the slice on which it was begun."""
        if self._index >= 0 and self.comment.isModified():
            self.comment.setModified(False)
            self.commented.emit(self._index, self.comment.text().strip())

    def end(self) -> None:
        """Hand over the comment that was typed, and forget its slice: another fusion comes."""
        self.leave_comment()
        self._index = -1
