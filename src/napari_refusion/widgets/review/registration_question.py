"""The question that comes first: how well the sources fit."""

from __future__ import annotations

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QButtonGroup, QWidget

from napari_refusion.record.case import REGISTRATION
from napari_refusion.widgets.letter_grid import LetterGrid
from napari_refusion.widgets.review.buttons import button


class RegistrationQuestion(QWidget):
    """A button for each answer; what is checked follows from what was recorded."""

    answered = Signal(str)
    """Emitted with a key of `case.REGISTRATION`."""

    def __init__(self) -> None:
        super().__init__()
        self._answers = QButtonGroup(self)
        self._answers.setExclusive(False)
        tip = "How well are the sources aligned? Compare their edges."
        buttons = [button(f"{place} {words}", tip) for place, words in enumerate(REGISTRATION.values(), 1)]
        for place, (answer, one) in enumerate(zip(REGISTRATION, buttons, strict=True)):
            one.setCheckable(True)
            one.clicked.connect(lambda _checked=False, chosen=answer: self.answered.emit(chosen))
            self._answers.addButton(one, place)
        LetterGrid(self, buttons, 2)

    def show_answer(self, answer: str, *, is_locked: bool) -> None:
        """Mark the answer that stands."""
        for place, name in enumerate(REGISTRATION):
            one = self._answers.button(place)
            assert one is not None
            one.setChecked(name == answer)
            one.setEnabled(not is_locked)
