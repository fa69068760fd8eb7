"""What the keys of a review do to the slice on the screen; what is refused is told to the reader."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal

from napari_refusion.record.case import REGISTRATION
from napari_refusion.session.navigation import next_flagged, next_judged_unseen, next_unseen
from napari_refusion.session.sentences import said_of_slice
from napari_refusion.volume.finding import RefusedError
from napari_refusion.widgets.keys import shortcut_name

if TYPE_CHECKING:
    from napari_refusion.evidence.missed_uptake import MissedUptake
    from napari_refusion.session.reading import Reading, Reasoned
    from napari_refusion.widgets.review.slice_watch import SliceWatch


class ReviewCommands(QObject):
    """Puts the slice of a viewer into what a reader does; without a review nothing happens."""

    message = Signal(str)
    """Emitted with a sentence for the reader, empty to take the last one away."""
    stored = Signal(str)
    """Emitted with what was recorded, or done."""
    missed_shown = Signal(int, object)
    """Emitted with the rank, from 0, and the `MissedUptake` that was gone to."""

    def __init__(self, watch: SliceWatch, parent: QObject) -> None:
        super().__init__(parent)
        self.reading: Reading | None = None
        """Who reads; None while there is no reader."""
        self._watch = watch

    def attempt(self, action: Callable[[Reading], object]) -> bool:
        """Do something that may be refused, and tell why it was; return whether it was done."""
        if self.reading is None:
            return False
        self.message.emit("")
        try:
            action(self.reading)
        except RefusedError as error:
            self.message.emit(str(error))
            return False
        return True

    def accept(self) -> None:
        """Accept the slice and go on to the next one without a verdict."""
        index = self._watch.index()
        if self._on_slice(lambda reading, index: reading.accept(index)):
            following = self._next_unseen()
            if following is not None:
                self._watch.go_to(following)
            finishes = f"All have a verdict: {shortcut_name('Ctrl+Enter')} finishes the case."
            self._tell(index, "" if following is not None else finishes)

    def pend(self, verdict: Reasoned) -> None:
        """Flag or reject the slice as soon as a reason is given."""
        self._on_slice(lambda reading, index: reading.pend(index, verdict))

    def choose(self, place: int) -> None:
        """Answer about the registration, or give a reason, by the place in the list."""
        index, was_answered = self._watch.index(), self._answer()
        if self.attempt(lambda reading: reading.choose(index, place)):
            if was_answered:
                self._tell(index)
            else:
                self._tell_answer()

    def answer(self, answer: str) -> None:
        """Say how well the sources fit."""
        if self.attempt(lambda reading: reading.answer(answer)):
            self._tell_answer()

    def toggle_reason(self, reason: str) -> None:
        """Flag or reject with one reason more, or one less if it is given already."""
        if self._on_slice(lambda reading, index: reading.toggle_reason(index, reason)):
            self._tell(self._watch.index())

    def toggle_key(self, caption: str) -> None:
        """Make the slice a key image, or no longer one."""
        if self._on_slice(lambda reading, index: reading.toggle_key(index, caption)) and self.reading is not None:
            index = self._watch.index()
            is_key = self.reading.session.review.slice(index).is_key
            self.stored.emit(f"Stored: slice {index + 1} is {'a key image' if is_key else 'no longer a key image'}.")

    def comment(self, index: int, text: str) -> None:
        """Comment on a slice, in place of the comment before."""
        if self.attempt(lambda reading: reading.comment(index, text)):
            self.stored.emit(f"Stored: the comment on slice {index + 1}.")

    def undo(self) -> None:
        """Take back what was said last."""
        self._take_back(
            lambda reading: reading.undo(), "Undone: the last entry is taken back.", "There is nothing to undo."
        )

    def redo(self) -> None:
        """Say again what was taken back last."""
        self._take_back(lambda reading: reading.redo(), "Redone: the entry counts again.", "There is nothing to redo.")

    def go_to_unseen(self) -> None:
        """Go to the next slice without a verdict, then to those that have one and were not seen."""
        if self.reading is None:
            return
        following = self._next_unseen()
        if following is None:
            following = next_judged_unseen(self.reading.session, self._watch.index())
        self._go_on(following, "All slices have a verdict, and all were seen.")

    def go_to_flagged(self) -> None:
        """Go to the next slice with a warning."""
        if self.reading is not None:
            self._go_on(next_flagged(self.reading.session, self._watch.index()), "No slice has a warning.")

    def go_to_missed(self) -> None:
        """Go to the next place where uptake is missed, the worst first, and put it in the middle of the view."""
        self._show_missed(self.reading.missed.next() if self.reading is not None else None)

    def choose_missed(self, rank: int) -> None:
        """Go to a place where uptake is missed by its rank, from 0."""
        self._show_missed(self.reading.missed.choose(rank) if self.reading is not None else None)

    def _show_missed(self, found: tuple[int, int, MissedUptake] | None) -> None:
        if found is None:
            is_examined = self.reading is not None and self.reading.session.examination is not None
            none = "No missed uptake is known." if is_examined else "Missed uptake is not known yet: it is looked for."
            self.stored.emit(none)
            return
        rank, count, peak = found
        self._watch.centre_on(peak.voxel)
        self.missed_shown.emit(rank, peak)
        self.stored.emit(
            f"Missed uptake {rank + 1} of {count}, in the ring: the fused "
            f"image keeps {100 * peak.transfer:.0f} % of its contrast. Q and W show the sources."
        )

    def _on_slice(self, action: Callable[[Reading, int], object]) -> bool:
        """Do something to the slice on the screen, if there is one."""
        index = self._watch.index()
        return index >= 0 and self.attempt(lambda reading: action(reading, index))

    def _next_unseen(self) -> int | None:
        return next_unseen(self.reading.session, self._watch.index()) if self.reading is not None else None

    def _go_on(self, target: int | None, none: str) -> None:
        if target is None:
            self.stored.emit(none)
        else:
            self._watch.go_to(target)

    def _take_back(self, action: Callable[[Reading], bool], something: str, nothing: str) -> None:
        done: list[bool] = []
        if self.attempt(lambda reading: done.append(action(reading))):
            if done[0]:
                self.stored.emit(something)
            else:
                self.message.emit(nothing)

    def _answer(self) -> str:
        return self.reading.session.review.registration if self.reading is not None else ""

    def _tell(self, index: int, more: str = "") -> None:
        """Say what stands in the record about a slice now."""
        if self.reading is not None and index >= 0:
            self.stored.emit(f"Stored: {said_of_slice(self.reading.session, index)}. {more}".strip())

    def _tell_answer(self) -> None:
        if answer := self._answer():
            self.stored.emit(f"Stored: registration {REGISTRATION[answer]}.")
