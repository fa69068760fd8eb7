"""Which slice of a review, or which place in it, to look at next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_refusion.evidence.missed_uptake import MissedUptake
    from napari_refusion.session.review import ReviewSession


def next_flagged(session: ReviewSession, index: int) -> int | None:
    """Return the next slice that an indicator warns of and that has no verdict; after the last one the first.

    Where all of them have one, the next of them all; None where no slice has a warning.
    """
    flagged = sorted(session.flagged)
    waiting = [one for one in flagged if not session.review.slice(one).verdict]
    return _after(waiting or flagged, index)


def next_unseen(session: ReviewSession, index: int) -> int | None:
    """Return the next slice of the body without a verdict: unseen before seen; None when all have one."""
    body = session.body()
    for states in (("unseen",), ("unseen", "seen")):
        found = [one for one in body if session.review.slice(one).state in states]
        if found:
            return _after(found, index)
    return None


def next_judged_unseen(session: ReviewSession, index: int) -> int | None:
    """Return the next slice that must be seen before a verdict on the case and has one of its own without a look."""
    needed = sorted({*session.body(), *session.flagged})
    said = {one: session.review.slice(one) for one in needed}
    return _after([one for one in needed if said[one].verdict and said[one].seconds == 0], index)


class MissedInTurn:
    """The places of uptake that a fused image does not show, the worst first, round and round."""

    def __init__(self, session: ReviewSession) -> None:
        self._session = session
        self._rank = -1

    def next(self) -> tuple[int, int, MissedUptake] | None:
        """Return rank from 0, number and place of the next missed uptake; None where nothing is missed."""
        return self.choose(self._rank + 1)

    def choose(self, rank: int) -> tuple[int, int, MissedUptake] | None:
        """Return the same for a rank, after the last one the first again."""
        examination = self._session.examination
        if examination is None or not (missed := examination.missed):
            return None
        self._rank = rank % len(missed)
        return self._rank, len(missed), missed[self._rank]


def _after(indices: Sequence[int], index: int) -> int | None:
    """Return the first of sorted indices after one, from the first again at the end; None for an empty list."""
    return next((one for one in indices if one > index), indices[0] if indices else None)
