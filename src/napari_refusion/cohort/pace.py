"""How long a case takes and how many slices are judged in a minute, of what is in the record anyway."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from napari_refusion.record.case import CaseReview


@dataclass(frozen=True, slots=True)
class Pace:
    """Of one reader in one case."""

    seconds: float
    """How long slices of the case were on the screen of a window in front."""
    slices: int
    """Number of slices with a verdict."""

    @property
    def per_minute(self) -> float | None:
        """Return the slices judged in a minute; None where nothing was viewed."""
        return 60 * self.slices / self.seconds if self.seconds > 0 else None


def pace(review: CaseReview) -> Pace:
    """Return the pace of a review."""
    return Pace(review.seconds, sum(bool(one.verdict) for one in review.slices.values()))


def pace_in_words(paces: Sequence[Pace]) -> str:
    """Return the usual time of a case and the slices in a minute over all of them; empty for no case.

    Parameters
    ----------
    paces
        Of cases with a verdict.
    """
    if not paces:
        return ""
    whole = Pace(sum(one.seconds for one in paces), sum(one.slices for one in paces)).per_minute
    rate = "" if whole is None else f", {whole:.0f} slices in a minute"
    return f"{median(one.seconds for one in paces):.0f} s for a case (median){rate}"
