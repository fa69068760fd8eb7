"""What the keys of a review do: each says one thing to the session, and shows why where that is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal

from napari_refusion.record.case import REASONS, REGISTRATION
from napari_refusion.volume.finding import RefusedError

if TYPE_CHECKING:
    from napari_refusion.session.review import Session
    from napari_refusion.widgets.review.slice_watch import SliceWatch

BOTH = ("flag", "reject")
"""Verdicts that need a reason."""


class Judging(QObject):
    """The hand of the reader on the slice that is on the screen."""

    changed = Signal()
    """Emitted when something was said, or another slice is asked for."""
    told = Signal(str)
    """Emitted with a sentence for the reader."""

    def __init__(self, watch: SliceWatch, parent: QObject) -> None:
        super().__init__(parent)
        self.session: Session | None = None
        """What is spoken to; None while nobody reviews."""
        self.pending = ""
        """``flag`` or ``reject`` while its reason is awaited."""
        self._watch = watch
        self._missed = -1

    def speak_to(self, session: Session | None) -> None:
        """Judge for this session from now on."""
        self.session, self.pending, self._missed = session, "", -1

    def said(self, action: Callable[[Session], object]) -> bool:
        """Do something that may be refused, and tell why it was; return whether it was done."""
        if self.session is None:
            return False
        try:
            action(self.session)
        except RefusedError as error:
            self.changed.emit()  # what could not be written to the disk was said all the same
            self.told.emit(str(error))
            return False
        self.changed.emit()
        return True

    def digit(self, place: int) -> None:
        """Answer about the registration, or give a reason, by the place in the list."""
        if self.session is None:
            return
        if self.session.review.registration:
            self.give_reason(list(REASONS)[place])
        elif place < len(REGISTRATION):
            self.answer(list(REGISTRATION)[place])

    def answer(self, answer: str) -> None:
        """Say how well the sources fit."""
        self.said(lambda session: session.answer(answer))

    def accept(self) -> None:
        """Accept the slice and go on to the next one without a verdict."""
        index = self._watch.index()
        self.pending = ""
        if index >= 0 and self.said(lambda session: session.judge(index, "accept")):
            self.go_on("next_unseen", "All slices have a verdict: Ctrl+Enter finishes the case.")

    def pend(self, verdict: str) -> None:
        """Flag or reject the slice as soon as a reason is given; reasons that stand are taken over."""
        index = self._watch.index()
        if self.session is None or index < 0:
            return
        self.pending = verdict
        here = self.session.review.slice(index)
        if here.verdict in BOTH and here.verdict != verdict:
            self.said(lambda session: session.judge(index, verdict, here.reasons))
        else:
            self.changed.emit()

    def give_reason(self, reason: str) -> None:
        """Flag or reject with one reason more, or one less if it is given already."""
        index = self._watch.index()
        if self.session is None or index < 0:
            return
        here = self.session.review.slice(index)
        verdict = self.pending or here.verdict
        if verdict not in BOTH:
            self.told.emit("Press S to flag or R to reject, then the reason.")
            return
        standing = here.reasons if here.verdict == verdict else ()
        reasons = [one for one in standing if one != reason] if reason in standing else [*standing, reason]
        self.said(lambda session: session.judge(index, verdict, reasons))

    def mark_key(self, caption: str) -> None:
        """Make the slice a key image, or no longer one."""
        index = self._watch.index()
        if self.session is not None and index >= 0:
            is_key = not self.session.review.slice(index).is_key
            self.said(lambda session: session.mark_key(index, is_key, caption))

    def undo(self) -> None:
        """Take back what was said last."""
        self._take_back(lambda session: session.undo(), "There is nothing to undo.")

    def redo(self) -> None:
        """Say again what was taken back last."""
        self._take_back(lambda session: session.redo(), "There is nothing to redo.")

    def go_on(self, which: str, none: str) -> None:
        """Go to the slice that a method of the session names; tell where there is none."""
        if self.session is None:
            return
        target = getattr(self.session, which)(self._watch.index())
        if target is None:
            self.told.emit(none)
        else:
            self._watch.go_to(target)

    def go_to_missed(self) -> None:
        """Go to the next place where uptake is missed, the worst first, and put it in the middle of the view."""
        examination = self.session.examination if self.session is not None else None
        if examination is None or not examination.missed:
            self.told.emit("No missed uptake is known.")
            return
        self._missed = (self._missed + 1) % len(examination.missed)
        one = examination.missed[self._missed]
        self._watch.centre_on(one.voxel)
        self.changed.emit()
        self.told.emit(
            f"Missed uptake {self._missed + 1} of {len(examination.missed)}, in the middle of the view: the fused "
            f"image keeps {100 * one.transfer:.0f} % of its contrast. Q and W show the sources."
        )

    def _take_back(self, action: Callable[[Session], bool], nothing: str) -> None:
        self.pending = ""
        done: list[bool] = []
        if self.said(lambda session: done.append(action(session))) and not done[0]:
            self.told.emit(nothing)
