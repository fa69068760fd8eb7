"""Where lists of lesions are kept: one for each pair, in this window or in the record of its review."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from napari_refusion.lesion.lesions import Lesions
from napari_refusion.session.lesions.recorded import RecordedLesions
from napari_refusion.session.lesions.steps import LesionSteps

if TYPE_CHECKING:
    from napari_refusion.lesion.lesion import Lesion
    from napari_refusion.session.lesions.source import LesionSource
    from napari_refusion.session.review import ReviewSession


class LesionLists:
    """Every change of a list makes a new one, which can be undone; while a review holds the list, it records them."""

    def __init__(self) -> None:
        self._lists: dict[frozenset[str], LesionSteps] = {}
        self.sources: tuple[LesionSource, ...] = ()
        """Of the pair whose list is meant; none where there is no pair."""
        self.review: ReviewSession | None = None
        """The review that is open, whichever pair it is of."""
        self._left: dict[tuple[str, frozenset[str]], Lesions] = {}
        """Reader, and what the sources of a pair hold -> its list as it was in the reader's record when it was left."""

    @property
    def now(self) -> Lesions:
        """Return the list of the pair: that of its open review, or that of this window."""
        review = self.recording
        return self._steps.now if review is None else review.lesions.now

    @property
    def recording(self) -> ReviewSession | None:
        """Return the open review if it is one of the pair."""
        review = self.review
        if review is None or {one.content for one in self.sources} != {one.content for one in review.lesions.sources}:
            return None
        return review

    @property
    def unrecorded(self) -> Lesions:
        """Return the list of the pair that is in no record of a review; empty where one holds it."""
        return Lesions() if self.recording is not None else self._steps.now

    @property
    def unrecorded_before(self) -> tuple[Lesion, ...]:
        """Return what was drawn of the pair in this window before the review that is open now, and is not stale."""
        review = self.recording
        if review is None or not review.is_open:
            return ()
        return tuple(one for one in self._steps.now if any(source.holds(one) for source in self.sources))

    def drawn_on(self, content: str) -> tuple[Lesion, ...]:
        """Return the lesions that were drawn on a source with this content, whichever pair was shown then.

        Those in a record that was left are told to its reader alone, as long as anybody's review is open.
        """
        reader = None if self.review is None else self.review.store.reader
        left = [lesions for (whose, _), lesions in self._left.items() if reader in (None, whose)]
        lists = (self.now, *(one.now for one in self._lists.values()), *left)
        return next((found for one in lists if (found := tuple(x for x in one if x.source == content))), ())

    def change(self, lesions: Lesions) -> None:
        """Make this the list of the pair.

        Raises
        ------
        RefusedError
            If the review does not take it, or cannot write it yet: then it is the list all the same.
        """
        self._step(lambda recorded: recorded.change(lesions), lambda steps: steps.changed(lesions))

    def undo(self) -> None:
        """Take the last change back, if there is one; `RefusedError` if the review does not let it be taken back."""
        self._step(RecordedLesions.undo, LesionSteps.undone)

    def redo(self) -> None:
        """Do again what was taken back last, if there is anything; `RefusedError` if the review does not let it."""
        self._step(RecordedLesions.redo, LesionSteps.redone)

    def _step(self, record: Callable[[RecordedLesions], None], step: Callable[[LesionSteps], LesionSteps]) -> None:
        """Let the review record a step of its list, or take one in the list of this window."""
        if (review := self.recording) is not None:
            record(review.lesions)
        else:
            self._lists[self._key] = step(self._steps)

    def leave_record(self) -> None:
        """Remember the list in the record of the pair: another pair comes, or the review ends."""
        if (review := self.recording) is not None:
            held = frozenset(one.content for one in self.sources)
            self._left[review.store.reader, held] = review.lesions.now

    def keep_in_window(self, lesions: Lesions) -> None:
        """Keep this as the list of the pair in this window, without any that could be undone."""
        self._lists[self._key] = LesionSteps(lesions)

    def forget_in_window(self) -> None:
        """Forget the list of the pair in this window: a record holds it now."""
        del self._lists[self._key]

    @property
    def _steps(self) -> LesionSteps:
        return self._lists.get(self._key, LesionSteps())

    @property
    def _key(self) -> frozenset[str]:
        """Return what tells a pair of images from others, whatever they hold at the moment."""
        return frozenset(one.side.key or one.content for one in self.sources)


def behind(lesions: Lesions, others: Sequence[Lesion]) -> Lesions:
    """Return a list with the lesions of another one behind its own, with numbers of its own."""
    for one in others:
        lesions = lesions.added(one.voi, one.source)
        lesions = lesions.replaced(replace(one, number=lesions.last))
    return lesions
