"""Which slice of a review to look at next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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


def _after(indices: Sequence[int], index: int) -> int | None:
    """Return the first of sorted indices after one, from the first again at the end; None for an empty list."""
    return next((one for one in indices if one > index), indices[0] if indices else None)
