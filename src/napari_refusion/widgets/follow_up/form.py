"""The controls of the follow-up, as they lie around the two views."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtGui import QAction
from qtpy.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QMenu, QVBoxLayout, QWidget

from napari_refusion.look import AMBER, RED
from napari_refusion.notice import NOT_FOR_DIAGNOSIS
from napari_refusion.widgets.follow_up.table import ChangeTable
from napari_refusion.widgets.follow_up.views import TwoViews
from napari_refusion.widgets.fuse.choice_box import choice_box
from napari_refusion.widgets.planes.hanging import PLANES
from napari_refusion.widgets.review.buttons import button, row, show_text, wrapped_label
from napari_refusion.widgets.wheel import WheelNeedsFocus

if TYPE_CHECKING:
    from napari_refusion.session.follow_up.matching import ChangeRow
    from napari_refusion.session.follow_up.session import FollowUpSession
    from napari_refusion.widgets.follow_up.choice import BaselineChoice


class FollowUpForm(QWidget):
    """Choice of the baseline, registration, two views, and the table of change."""

    def __init__(self, choice: BaselineChoice) -> None:
        super().__init__()
        self._choice = choice
        self.views, self.table = TwoViews(), ChangeTable()
        self.plane = choice_box({name: name for name in PLANES}, "The plane that both views show")
        self.plane.setMinimumContentsLength(7)
        self.register = button("Register", "Lay the baseline's CT or MRI on the follow-up's; you decide what holds")
        self.accept = button("Accept", "Use the proposed place of the baseline")
        self.discard = button("Discard", "Leave the baseline where it was; or stop looking")
        self.undo_move = button("Undo move", "Return the baseline to its place in the files")
        self.close_button = button("Close", "Return to napari; matches are kept")
        self.reason = QLineEdit()
        self.reason.setPlaceholderText("Why these are of one patient all the same; Enter compares them")
        self.status, self.message = wrapped_label(), wrapped_label()
        self.fill = button("Lesions", "Where the baseline's lesions come from")
        self.sources = QMenu(self.fill)
        self.from_file = QAction("From a file: label map, DICOM SEG, RTSTRUCT ...", self.sources)
        self.drawn = QAction("Those drawn when the baseline was the pair shown", self.sources)
        self.sources.addActions([self.from_file, self.drawn])
        self.fill.setMenu(self.sources)
        self.click = button("Click in baseline", "Draw a lesion of the baseline with each click on the left")
        self.click.setCheckable(True)
        self.other = button("Draw at other", "Draw it at the same place of the other examination, and match both")
        self.confirm = button("Confirm proposed", "Say that all lesions that are proposed are the same")
        self.match = button("Match", "Say that two lesions are the same: select both lines, or one that is proposed")
        self.alone = button("New / gone", "Say that the other examination does not have this lesion")
        self.nothing = button("Unsay", "Take back what was said about the lesions of this line")
        self.remove = button("Remove", "Take the lesion from the baseline's list")
        self.undo = button("Undo", "Take the last change of the baseline's list back")
        self.copy = button("Copy", "Copy the table, to paste into a spreadsheet")
        self._lay_out()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.setSpacing(4)
        top = QHBoxLayout()
        top.setSpacing(3)
        top.addWidget(QLabel("Baseline:"))
        top.addWidget(self._choice.measured, stretch=2)
        top.addWidget(self._choice.anatomy, stretch=2)
        for part in (self.register, self.accept, self.discard, self.undo_move, self.plane, self.close_button):
            top.addWidget(part)
        layout.addLayout(top)
        layout.addWidget(self.status)
        layout.addWidget(self.reason)
        layout.addWidget(self.views, stretch=3)
        layout.addWidget(self.message)
        layout.addWidget(self.table, stretch=1)
        finding = (self.fill, self.click, self.other, self.confirm, self.match, self.alone, self.nothing)
        layout.addLayout(row(*finding, self.remove, self.undo, self.copy))
        notice = QLabel(NOT_FOR_DIAGNOSIS)
        notice.setStyleSheet("font-weight: bold;")
        layout.addWidget(notice)
        show_text(self.message, "")
        self._wheel = WheelNeedsFocus(self)  # a turn over a box would take another baseline, or another plane

    def say(self, sentence: str) -> None:
        """Say what came of the last thing that was done; empty for nothing."""
        show_text(self.message, sentence)

    def show_status(self, session: FollowUpSession, stage: str, noticed: str) -> None:
        """Say what is compared, or why nothing is."""
        signal = RED if session.refusal else AMBER if noticed else None
        if session.follow_up is None:
            words = "Choose and fuse the follow-up in the Fuse widget first: the pair that is shown there is it."
        elif session.baseline is None:
            words = "Open the earlier examination as further layers, and choose them above."
        else:
            words = session.refusal or " ".join(filter(None, (noticed, stage)))
        show_text(self.status, words)
        self.status.setStyleSheet("" if signal is None else f"padding: 2px; {signal.css}")
        self.reason.setVisible(session.rule == "patient")

    def allow(self, session: FollowUpSession, rows: list[ChangeRow]) -> None:
        """Offer what can be done with the lines that are selected."""
        moving, one = session.moving, rows[0] if len(rows) == 1 else None
        is_compared = session.is_compared
        self.register.setEnabled(is_compared and moving.can_register)
        self.accept.setEnabled(moving.proposal is not None)
        self.discard.setEnabled(moving.proposal is not None or moving.is_running)
        self.undo_move.setEnabled(moving.move is not None and moving.proposal is None)
        self.fill.setEnabled(is_compared)
        self.click.setEnabled(is_compared)
        self.confirm.setEnabled(bool(session.found.proposed))
        alone = one is not None and (one.change.before is None) != (one.change.after is None)
        self.other.setEnabled(alone)
        self.match.setEnabled(two_of(rows) is not None)
        self.alone.setEnabled(one is not None and one.status not in ("new", "gone", "matched"))
        self.nothing.setEnabled(one is not None and one.status in ("new", "gone", "matched"))
        self.remove.setEnabled(one is not None and one.change.before is not None)
        self.undo.setEnabled(session.can_undo)
        self.copy.setEnabled(bool(session.found.rows))


def two_of(rows: list[ChangeRow]) -> tuple[int, int] | None:
    """Return the numbers of a lesion of the baseline and one of the follow-up that selected lines hold; else None."""
    before = [one.change.before.number for one in rows if one.change.before is not None]
    after = [one.change.after.number for one in rows if one.change.after is not None]
    if len(rows) > 2 or len(before) != 1 or len(after) != 1 or any(one.status == "matched" for one in rows):
        return None
    return before[0], after[0]
