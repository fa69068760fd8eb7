"""What is answered to a key or a click, always in the same place and of the same height."""

from __future__ import annotations

from typing import Final

from qtpy.QtCore import QSize
from qtpy.QtWidgets import QSizePolicy, QWidget

from napari_refusion.look import AMBER
from napari_refusion.widgets.review.buttons import column, show_text, wrapped_label
from napari_refusion.widgets.review.scrolled_part import ScrolledPart

_LINES: Final = 3
"""Of text that are seen at once; there is a longer answer once in a while, when a file was written."""

_AROUND: Final = 10
"""Pixels around and between the two labels."""

_REFUSED: Final = f"color: {AMBER.background};"


class AnswerLine(ScrolledPart):
    """The answer above, what comes next below; it keeps its height, so that no button below it moves."""

    def __init__(self) -> None:
        self.note, self.step = wrapped_label(_REFUSED), wrapped_label("font-weight: bold;")
        inside = QWidget()
        layout = column(inside)
        layout.setSpacing(1)
        for label in (self.note, self.step):
            label.hide()
            layout.addWidget(label)
        layout.addStretch()
        super().__init__(inside)
        self.setMinimumHeight(0)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the height of three lines, whatever is said."""
        return QSize(0, _LINES * self.note.fontMetrics().lineSpacing() + _AROUND)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return the same."""
        return self.sizeHint()

    def answer(self, sentence: str, *, is_stored: bool = False) -> None:
        """Answer to what the reader did last, empty for nothing; what was not done is amber."""
        self.note.setStyleSheet("" if is_stored else _REFUSED)
        show_text(self.note, sentence)
        self.ensureVisible(0, 0)

    def show_step(self, sentence: str) -> None:
        """Say what comes next."""
        show_text(self.step, sentence)
