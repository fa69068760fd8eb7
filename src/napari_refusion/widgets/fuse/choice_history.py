"""Noting every choice on the Fuse page and of the comparison, so that it can be undone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from qtpy.QtCore import QObject, QTimer, Signal

if TYPE_CHECKING:
    from napari_refusion.session.compare import CompareSession
    from napari_refusion.session.compare_choices import CompareChoices
    from napari_refusion.session.compare_state import CompareState
    from napari_refusion.session.fusion import FusionSession
    from napari_refusion.session.history import Snapshot
    from napari_refusion.widgets.fuse.page import Choices, FusePage

_DRAG: Final = 500
"""Milliseconds of rest after which a window that was dragged counts as chosen: one drag is one step back."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Everything that was chosen at one moment."""

    page: Choices
    compared: CompareChoices

    def is_same_as(self, other: Chosen) -> bool:
        """Return whether the same is chosen."""
        return self.page.is_same_as(other.page) and self.compared.is_same_as(other.compared)

    def is_same_but_for_drag(self, other: Chosen) -> bool:
        """Return whether no more has changed than how far a window or a slider was dragged."""
        return self.page.is_same_but_for_drag(other.page) and self.compared.is_same_but_for_drag(other.compared)


class ChoiceHistory(QObject):
    """Tells the session what was chosen before the reader chose something else."""

    changed = Signal()
    """Emitted when there may be more or less to undo."""

    def __init__(self, page: FusePage, comparing: CompareSession, session: FusionSession, parent: QObject) -> None:
        super().__init__(parent)
        self._page, self._comparing, self._session = page, comparing, session
        self._noted = self.chosen()
        self._is_restoring = False
        # one choice may lead to others, such as the task of a pair: all of them are one step
        self._soon, self._rest = QTimer(self), QTimer(self)
        for timer, time in ((self._soon, 0), (self._rest, _DRAG)):
            timer.setSingleShot(True)
            timer.setInterval(time)
            timer.timeout.connect(self._note_soon if timer is self._soon else self.note)
        page.changed.connect(self._touch)
        page.form.coloured_changed.connect(self._touch)
        comparing.changed.connect(self._follow_comparison)

    def chosen(self) -> Chosen:
        """Return what is chosen now."""
        return Chosen(self._page.choices(), self._comparing.state.choices)

    def note(self) -> None:
        """Note now what was chosen last."""
        self._soon.stop()
        self._rest.stop()
        before, self._noted = self._noted, self.chosen()
        if not self._noted.is_same_as(before):
            self._session.note(before, before.page.keys)
            self.changed.emit()

    def adopt(self) -> None:
        """Take what is on the page now as it is: it was not chosen by the reader."""
        self._soon.stop()
        self._rest.stop()
        self._noted = self.chosen()

    def follow_layers(self) -> None:
        """Take what layers that came or went have changed on the page as it is; how they are compared is a choice."""
        self._noted = replace(self._noted, page=self._page.choices())

    def refresh(self) -> None:
        """Keep up with the windows that the layers are shown with, which are no choices."""
        now = self.chosen()
        if now.is_same_as(self._noted):
            self._noted = now

    def undo(self) -> Snapshot | None:
        """Go back by one step, and return what there was; None where there is no way back."""
        self.note()
        if (snapshot := self._session.undo()) is None:
            return None
        chosen: Chosen = snapshot.choices
        page = chosen.page
        if not snapshot.is_choice:
            # Live was switched off where the result would come back at once
            page = replace(page, live=self._session.is_live)
        self._is_restoring = True
        try:
            self._page.restore(page)
            self._comparing.choose_again(chosen.compared)
            self._page.form.remember()  # what was chosen by mistake is no habit
        finally:
            self._is_restoring = False
        self.adopt()
        self.changed.emit()
        return snapshot

    def settle(self) -> None:
        """Note what the reader chose a moment ago, before the page changes by itself."""
        if self._soon.isActive() or self._rest.isActive():
            self.note()

    def _touch(self) -> None:
        if not self._is_restoring:
            self._soon.start()

    def _follow_comparison(self, before: CompareState, now: CompareState) -> None:
        """Take notice of what was chosen; what another pair brings along was not."""
        if before.partial is not now.partial:
            self._noted = replace(self._noted, compared=now.choices)
        elif before.choices != now.choices:
            self._touch()

    def _note_soon(self) -> None:
        """Note a choice at once, and a window that is being dragged when it rests."""
        if self.chosen().is_same_but_for_drag(self._noted):
            self._rest.start()
        else:
            self.note()
