"""How much of a case was viewed, and whether that is enough for a verdict."""

import math
from dataclasses import dataclass

from napari_refusion.record.case import CASE_VERDICTS, CaseReview
from napari_refusion.record.project import Project

_ROUNDING = 1e-9
"""Nine tenths of 30 slices are 27, also in binary fractions."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Slices that a reader had to look at, and did. A verdict on a slice that was not on the screen is not a look."""

    body: int
    """Slices that show the body."""
    seen: int
    """Of these."""
    flagged: int
    """Slices that the indicators warn of."""
    flagged_seen: int
    seconds: float
    """How long slices of the case were on the screen."""


def coverage(review: CaseReview, body: tuple[int, ...], flagged: tuple[int, ...]) -> Coverage:
    """Return how much of a case was viewed.

    Parameters
    ----------
    body, flagged
        Indices of the slices that show the body, and of those that the indicators warn of, in the body or not.
    """
    looked_at = {index for index, one in review.slices.items() if one.seconds > 0}
    shown, warned = set(body), set(flagged)
    return Coverage(len(shown), len(shown & looked_at), len(warned), len(warned & looked_at), review.seconds)


def missing(coverage: Coverage, review: CaseReview, project: Project) -> list[str]:
    """Return, in sentences, why no verdict on the case can be given yet; nothing where it can.

    An unacceptable registration needs no look at the slices: then there is one verdict only, see `possible_verdicts`.
    """
    if review.is_locked:
        return ["This case is locked and can no longer be changed."]
    if not review.registration:
        return ["First answer how well the two sources are aligned: compare their edges.", *_unseen(coverage, project)]
    return [] if review.registration == "unacceptable" else _unseen(coverage, project)


def possible_verdicts(review: CaseReview) -> tuple[str, ...]:
    """Return which of `case.CASE_VERDICTS` fit what was answered about the registration; none before the answer.

    After ``unacceptable`` only ``not_usable`` does. Whether it is time for a verdict is told by `missing`.
    """
    if review.is_locked or not review.registration:
        return ()
    return ("not_usable",) if review.registration == "unacceptable" else tuple(CASE_VERDICTS)


def _unseen(coverage: Coverage, project: Project) -> list[str]:
    """Return what is still to be viewed."""
    found = []
    if unseen := coverage.flagged - coverage.flagged_seen:
        found.append(f"{_slices(unseen)} with a warning not seen yet, of {coverage.flagged}.")
    if coverage.seen < coverage.body * project.body_share - _ROUNDING:
        share = f"{project.body_share:.0%}"
        found.append(f"{coverage.seen} of {coverage.body} slices of the body seen: a verdict needs {share} of them.")
    if coverage.seconds < project.minimum_seconds:
        viewed = math.floor(coverage.seconds * 10) / 10  # rounded up, it would be enough and refused all the same
        seconds = f"{viewed:g} s of at least {project.minimum_seconds:g} s"
        found.append(f"Viewed for {seconds}: take more time.")
    return found


def _slices(count: int) -> str:
    return f"{count} slice{'' if count == 1 else 's'}"
