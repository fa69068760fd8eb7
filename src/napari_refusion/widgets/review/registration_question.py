"""The question that comes first: how well the sources fit."""

from __future__ import annotations

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QButtonGroup, QGridLayout, QWidget

from napari_refusion.record.case import REGISTRATION
from napari_refusion.widgets.review.buttons import button


class RegistrationQuestion(QWidget):
    """A button for each answer; what is checked follows from what was recorded."""

    answered = Signal(str)
    """Emitted with a key of `case.REGISTRATION`."""

    def __init__(self) -> None:
        super().__init__()
        self._answers = QButtonGroup(self)
        self._answers.setExclusive(False)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(3)
        for place, (answer, words) in enumerate(REGISTRATION.items()):
            one = button(f"{place + 1} {words}", "How well are the sources aligned? Compare their edges.")
            one.setCheckable(True)
            one.clicked.connect(lambda _checked=False, chosen=answer: self.answered.emit(chosen))
            self._answers.addButton(one, place)
            grid.addWidget(one, place // 2, place % 2)

    def show_answer(self, answer: str, *, is_locked: bool) -> None:
        """Mark the answer that stands."""
        for place, name in enumerate(REGISTRATION):
            one = self._answers.button(place)
            assert one is not None
            one.setChecked(name == answer)
            one.setEnabled(not is_locked)
