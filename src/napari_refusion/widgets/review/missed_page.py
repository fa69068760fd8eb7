"""The missed uptakes of a case as a list: each entry leads to its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QAbstractItemView, QListWidget, QSizePolicy, QWidget

from napari_refusion.session.sentences import missed_sentences
from napari_refusion.widgets.review.buttons import NO_KEYS, column, row, show_text, wrapped_label

if TYPE_CHECKING:
    from napari_refusion.session.review import ReviewSession
    from napari_refusion.widgets.review.buttons import SlimButton

_NOT_RUN = "Not examined yet: the list comes with the evidence."
_NONE = "No missed uptake is known. Uptake raised over a wide area and cold lesions are not looked for."

_LOWEST = 60
"""Pixels of the list; Qt would ask for 192."""


class MissedPage(QWidget):
    """Lists places, the worst first."""

    chosen = Signal(int)
    """Emitted with the rank, from 0, of the entry that was clicked."""

    def __init__(self, following: SlimButton) -> None:
        super().__init__()
        self._shown: list[str] = []
        self.places, self.empty, self.next = QListWidget(), wrapped_label(), following
        self.places.setFocusPolicy(NO_KEYS)
        self.places.setWordWrap(True)
        self.places.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        self.places.setMinimumHeight(_LOWEST)
        self.places.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.places.setToolTip("A click goes to the place and puts a ring around it")
        self.places.itemClicked.connect(lambda item: self.chosen.emit(self.places.row(item)))
        layout = column(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.addLayout(row(self.next))
        layout.addWidget(self.empty)
        layout.addWidget(self.places, stretch=1)

    def show_session(self, session: ReviewSession) -> int:
        """Show what was found about a case; return how many places there are."""
        sentences = missed_sentences(session)
        show_text(self.empty, _NOT_RUN if session.examination is None else "" if sentences else _NONE)
        if sentences != self._shown:
            self._shown = sentences
            self.places.clear()
            self.places.addItems(sentences)
        self.next.setEnabled(bool(sentences))
        return len(sentences)

    def mark(self, rank: int) -> None:
        """Mark the entry whose place is shown, -1 for none."""
        self.places.setCurrentRow(rank)
