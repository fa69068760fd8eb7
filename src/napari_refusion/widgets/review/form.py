"""Everything a reader sees of a review that is going on; what its controls do is in `panel`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtGui import QKeyEvent
from qtpy.QtWidgets import QSizePolicy, QTabWidget, QWidget

from napari_refusion.session.sentences import next_step
from napari_refusion.widgets.keys import KEYS, shortcut_name
from napari_refusion.widgets.review.buttons import NO_KEYS, button, column
from napari_refusion.widgets.review.case_page import CasePage
from napari_refusion.widgets.review.evidence_form import EvidenceForm
from napari_refusion.widgets.review.missed_page import MissedPage
from napari_refusion.widgets.review.slice_form import SliceForm
from napari_refusion.widgets.review.slices_page import SlicesPage
from napari_refusion.widgets.review.trust_block import TrustBlock

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_refusion.session.reading import Reading
    from napari_refusion.widgets.review.buttons import SlimButton

_STEPS = {"Undo": "undo", "Redo": "redo", "Next unseen": "next unseen", "Next warned": "next warned"}
"""Words on a button -> the action of `keys.KEYS` that it stands for."""


class ReviewForm(QWidget):
    """What can be said stands at the top, where it never moves; below it are the checks and four pages."""

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
    missed_chosen = Signal(int)
    """Emitted with the rank, from 0, of the missed uptake that was clicked."""
    map_chosen = Signal(str)
    """Emitted with the name of an evidence map, empty for none."""
    override_wanted = Signal(str)
    """Emitted with the name of a failed check that was clicked."""
    output_wanted = Signal(str)
    """Emitted with one of `report.output.OUTPUTS`."""
    lock_wanted = Signal()
    leave_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.is_filling: Callable[[], bool] = lambda: False
        """Returns whether the slices that are missing are being fused."""
        self.slice, self.trust, self.evidence = SliceForm(), TrustBlock(), EvidenceForm()
        self.slices = SlicesPage([self._keyed(text, action) for text, action in _STEPS.items()])
        self.missed = MissedPage(self._keyed("Next missed uptake", "next missed"))
        self.case = CasePage(self._keyed("Finish ...", "finish"))
        self.note, self.step, self.strip = self.slice.answer.note, self.slice.answer.step, self.slices.strip
        self.tabs = QTabWidget()
        self.tabs.setFocusPolicy(NO_KEYS)
        for page, title in self._titles().items():
            self.tabs.addTab(page, title)
        bar = self.tabs.tabBar()
        assert bar is not None
        bar.setFocusPolicy(NO_KEYS)
        self.tabs.setDocumentMode(True)
        # a page that is hidden leaves the focus to whatever comes next, which may be the comment
        self.tabs.currentChanged.connect(lambda _page: self.take_keys())
        self.tabs.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        layout = column(self)
        for part in (self.slice, self.trust, self.tabs):
            layout.addWidget(part)
        self._connect()

    def _titles(self, missed: int = 0) -> dict[QWidget, str]:
        """Return the pages and what stands on their tabs, with so many missed uptakes."""
        words = f"Missed ({missed})" if missed else "Missed"
        return {self.slices: "Slices", self.missed: words, self.evidence: "Evidence", self.case: "Case"}

    def _connect(self) -> None:
        """Pass on what the parts are told."""
        for question in (self.slice.registration, self.case.registration):
            question.answered.connect(self.answered)
        self.trust.override_wanted.connect(self.override_wanted)
        self.strip.chosen.connect(self.slice_chosen)
        self.slice.pressed.connect(self.pressed)
        self.slice.reason_toggled.connect(self.reason_toggled)
        self.slice.commented.connect(self.commented)
        self.slice.left.connect(self.take_keys)
        self.missed.chosen.connect(self.missed_chosen)
        self.evidence.chosen.connect(self.map_chosen)
        self.case.output_wanted.connect(self.output_wanted)
        self.case.lock_wanted.connect(self.lock_wanted)
        self.case.leave_wanted.connect(self.leave_wanted)

    def _keyed(self, text: str, action: str) -> SlimButton:
        """Return a button that stands for the key of an action of `keys.KEYS`."""
        key, _ = KEYS[action]
        made = button(text, shortcut_name(key).replace("Return", "Enter"))
        made.clicked.connect(lambda: self.pressed.emit(key))
        return made

    def show_review(self, reading: Reading, index: int) -> None:
        """Show a review as it stands, and the slice on the screen, -1 for none."""
        session = reading.session
        self.trust.show_outcomes(session.check_outcomes(), session.review.overrides)
        self.slices.show_review(reading, index)
        for page, title in self._titles(self.missed.show_session(session)).items():
            self.tabs.setTabText(self.tabs.indexOf(page), title)
        self.evidence.show_session(session)
        self.case.show_review(reading)
        self.show_slice(reading, index)

    def show_slice(self, reading: Reading, index: int) -> None:
        """Show what there is about the slice on the screen, -1 for none."""
        self.slice.answer.show_step(next_step(reading.session, reading.pending, is_filling=self.is_filling()))
        self.slice.show_slice(reading, index)
        self.slices.show_slice(reading, index)
        self.evidence.show_slice(reading.session, index)

    def show_message(self, sentence: str, *, is_stored: bool = False) -> None:
        """Answer to what the reader did last; empty for nothing."""
        self.slice.answer.answer(sentence, is_stored=is_stored)

    def take_keys(self) -> None:
        """Take the focus to where keys are those of the review."""
        (self.strip if self.strip.isVisible() else self).setFocus()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802 - Qt's name
        """Let the arrow keys go to the slices beside the current one whatever page is shown."""
        self.strip.keyPressEvent(event)

    def next_map(self) -> None:
        """Choose the next evidence map, after the last one none."""
        self.evidence.next_map()

    def choose_export(self) -> None:
        """Let the kind of export be chosen, by arrow keys as well."""
        self.tabs.setCurrentWidget(self.case)
        self.case.export.showMenu()

    def focus_comment(self) -> None:
        """Let the comment be typed."""
        self.slice.comment.setFocus()
