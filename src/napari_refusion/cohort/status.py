"""How far a case is, from what its readers said, and whose review a reader may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from napari_refusion.cohort.agreement import discordances
from napari_refusion.record.case import CaseReview

Status = Literal["new", "in review", "read", "discordant", "agreed", "adjudicated", "locked", "not verified"]
"""``read``: by one reader. ``discordant`` and ``agreed``: by both. ``adjudicated``: decided by a third person. ``not
verified``: one of these, by a record that is not sound."""


@dataclass(frozen=True, slots=True)
class ReaderState:
    """How far one reader is with one case. A reader who has not begun has an empty review."""

    review: CaseReview
    run_id: str = ""
    """Which fusion the reader viewed; empty where that is not asked."""
    axis: str = ""
    """Direction of its slices; empty where that is not asked."""
    count: int = 0
    """Of its slices."""

    @property
    def verdict(self) -> str:
        """Return the verdict on the case, one of `case.CASE_VERDICTS`, empty for none."""
        return self.review.verdict.value if self.review.verdict else ""

    @property
    def is_locked(self) -> bool:
        """Return whether the reader locked the case."""
        return self.review.is_locked

    @property
    def has_begun(self) -> bool:
        """Return whether the reader said or saw anything."""
        return self.review != CaseReview()


def differ(first: ReaderState, second: ReaderState) -> list[str]:
    """Return where two readers of a case differ, see `agreement.discordances`."""
    return discordances(
        first.review,
        second.review,
        is_one_fusion=first.run_id == second.run_id,
        axis=first.axis,
        count=first.count,
    )


def case_status(
    first: ReaderState | None,
    second: ReaderState | None = None,
    adjudicator: ReaderState | None = None,
    second_adjudicator: ReaderState | None = None,
    more: Sequence[ReaderState] = (),
) -> Status:
    """Return how far a case is.

    Parameters
    ----------
    more
        Further readers, where the project names none.
    first, second, adjudicator, second_adjudicator
        None where the project has no reader in that role. A case is locked by the adjudicator, or by all its readers if
        they agree: a case with a single reader goes from ``read`` to ``locked``. Two adjudicators decide it by the same
        verdict of both; if theirs differ, it stays ``discordant``.
    """
    readers = [reader for reader in (first, second, *more) if reader]
    read = [reader for reader in readers if reader.verdict]
    deciding = [one for one in (adjudicator, second_adjudicator) if one]
    verdicts = {one.verdict for one in deciding}
    if deciding and len(verdicts) == 1 and all(one.is_locked for one in deciding):
        return "locked"
    if len(verdicts) == 1 and "" not in verdicts:
        return "adjudicated"
    if len(verdicts - {""}) == 2:
        return "discordant"
    if any(differ(one, other) for one, other in combinations(read, 2)):
        return "discordant"
    if read and read == readers and all(one.is_locked for one in read):
        return "locked"
    if read:
        return "agreed" if len(read) > 1 else "read"
    return "in review" if any(one.has_begun for one in readers) else "new"


def may_open(other: str, own: ReaderState | None, is_adjudicator: bool = False) -> str:
    """Return why the review of a case by another reader stays closed, empty where it may be opened.

    Readers are blind to each other until they have read the case themselves; an adjudicator sees both.

    Parameters
    ----------
    other
        Name of the reader whose review is asked for.
    own
        How far the one who asks is with this case; None where he does not read it.
    """
    if is_adjudicator or (own and own.verdict):
        return ""
    return (
        f"The review by {other} stays hidden until you have given your own verdict on this case: a second opinion must "
        "be independent."
    )
