"""Two readers of the same cases: where they disagree, and how much they agree over all cases.

Each pair of reviews must be of one fusion (`run.Run.run_id`), so that its slices have the same indices. Readers name
themselves; nothing here tells who they are.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median
from types import MappingProxyType

from napari_refusion.cohort.kappa import (
    Interval,
    Rated,
    bootstrap_interval,
    gwet_ac1,
    percent_agreement,
    weighted_kappa,
)
from napari_refusion.record.case import CASE_VERDICTS, REASONS, REGISTRATION, SLICE_VERDICTS, CaseReview
from napari_refusion.volume.probe import place_in_words

Both = tuple[CaseReview, CaseReview]
"""What the first and the second reader said of one case."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Agreement in one question. A figure is None where it has no value or no interval, see `kappa`."""

    count: int
    """Subjects that both answered."""
    same: Interval | None
    """Share with the same answer."""
    kappa: Interval | None
    """Cohen's, without weights."""
    kappa_linear: Interval | None
    """Weighted by the steps between the answers; None for answers without an order."""
    kappa_quadratic: Interval | None
    """Weighted by the square of the steps; None for answers without an order."""
    ac1: Interval | None
    """Gwet's."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two readers over all cases that both read."""

    cases: int
    discordant: int
    """Cases with a discordance."""
    verdict: Figures
    """On cases."""
    registration: Figures
    """Answers for cases; without weights, since "cannot be judged" has no place in an order."""
    slices: Figures
    """Verdicts on slices that both gave one for."""
    reasons: Mapping[str, tuple[float, float]]
    """One of `case.REASONS` -> share of the slices with a verdict that the first and the second reader gave it for."""
    seconds: tuple[float | None, float | None]
    """Median time that the first and the second reader viewed a slice; None where none was viewed."""
    changed: tuple[int, int] = (0, 0)
    """Cases on which the first and the second reader changed the verdict after seeing the other's words."""


def discordances(
    first: CaseReview, second: CaseReview, *, is_one_fusion: bool = True, axis: str = "", count: int = 0
) -> list[str]:
    """Return what two readers of a case must settle, as sentences: none for a case they agree on.

    That is a different verdict on the case, a slice that one accepts and the other rejects, and a different answer on
    the registration. What one of them has not answered is not a discordance, and neither is a flag.

    Parameters
    ----------
    is_one_fusion
        Whether both viewed the same fusion; slices of another window, grid or direction are others.
    axis, count
        Direction of its slices and how many there are, where that is known.
    """
    found = []
    if first.verdict and second.verdict and first.verdict.value != second.verdict.value:
        words = [CASE_VERDICTS[verdict.value] for verdict in (first.verdict, second.verdict)]
        found.append(f"The verdict on the case is {words[0]} for one reader and {words[1]} for the other.")
    if first.registration and second.registration and first.registration != second.registration:
        words = [REGISTRATION[answer] for answer in (first.registration, second.registration)]
        found.append(f"The registration is {words[0]} for one reader and {words[1]} for the other.")
    for index in sorted(first.slices.keys() & second.slices.keys()) if is_one_fusion else ():
        verdicts = {review.slice(index).verdict for review in (first, second)}
        if verdicts == {"accept", "reject"}:
            place = f" of {count}, {place_in_words(axis, first.slice(index).mm)}," if axis else ""
            found.append(f"Slice {index + 1}{place} is accepted by one reader and rejected by the other.")
    return found


def agreement(cases: Sequence[Both], seed: int, changed: tuple[int, int] = (0, 0)) -> Agreement:
    """Return how two readers agree over cases, with 95 % bootstrap intervals over the cases.

    Parameters
    ----------
    cases
        Those that both read, each as the first and the second reader have it.
    seed
        Of the bootstrap; the same one gives the same intervals.
    changed
        Cases on which each changed the verdict after seeing the other's words.
    """
    ordered = partial(_figures, cases, seed=seed, is_ordered=True)
    return Agreement(
        cases=len(cases),
        discordant=sum(bool(discordances(*both)) for both in cases),
        verdict=ordered(_verdicts, tuple(CASE_VERDICTS)),
        registration=_figures(cases, _registrations, tuple(REGISTRATION), seed, is_ordered=False),
        slices=ordered(_slices, SLICE_VERDICTS),
        reasons=MappingProxyType(
            {reason: (_prevalence(cases, 0, reason), _prevalence(cases, 1, reason)) for reason in REASONS}
        ),
        seconds=(_median_seconds(cases, 0), _median_seconds(cases, 1)),
        changed=changed,
    )


def _figures(
    cases: Sequence[Both],
    question: Callable[[Both], Rated],
    categories: Sequence[str],
    seed: int,
    is_ordered: bool,
) -> Figures:
    """Return the agreement in one question."""
    answers = [question(both) for both in cases]

    def interval(figure: Callable[[Rated], float | None]) -> Interval | None:
        return bootstrap_interval(answers, lambda some: figure([one for rated in some for one in rated]), seed)

    def kappa(rated: Rated) -> float | None:
        return weighted_kappa(rated, categories, "none")

    return Figures(
        count=sum(map(len, answers)),
        same=interval(percent_agreement),
        kappa=interval(kappa),
        kappa_linear=interval(lambda rated: weighted_kappa(rated, categories, "linear")) if is_ordered else None,
        kappa_quadratic=interval(lambda rated: weighted_kappa(rated, categories, "quadratic")) if is_ordered else None,
        ac1=interval(lambda rated: gwet_ac1(rated, categories)),
    )


def _verdicts(both: Both) -> Rated:
    first, second = (review.verdict for review in both)
    return [(first.value, second.value)] if first and second else []


def _registrations(both: Both) -> Rated:
    first, second = (review.registration for review in both)
    return [(first, second)] if first and second else []


def _slices(both: Both) -> Rated:
    """Return the verdicts on slices that both gave one for."""
    first, second = both
    pairs = ((first.slice(index).verdict, second.slice(index).verdict) for index in first.slices)
    return [(one, other) for one, other in pairs if one and other]


def _prevalence(cases: Sequence[Both], reader: int, reason: str) -> float:
    """Return the share of a reader's verdicts on slices that name a reason; 0 without verdicts."""
    judged = [one for both in cases for one in both[reader].slices.values() if one.verdict]
    return sum(reason in one.reasons for one in judged) / max(len(judged), 1)


def _median_seconds(cases: Sequence[Both], reader: int) -> float | None:
    seconds = [one.seconds for both in cases for one in both[reader].slices.values() if one.seconds > 0]
    return median(seconds) if seconds else None
