"""Coefficients of agreement of two readers: as it is, and corrected for chance in two ways, with their uncertainty.

Both corrections are given, because Cohen's kappa falls towards 0 where nearly everything has one verdict, however well
the readers agree, while Gwet's AC1 does not.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

Case = TypeVar("Case")

Weighting = Literal["none", "linear", "quadratic"]
"""How much a disagreement counts: each the same, by the number of categories between, or by its square."""

Rated = Sequence[tuple[str, str]]
"""What the first and the second reader said, one pair for each subject."""

RESAMPLES: Final = 2000
"""Bootstrap samples; the ends of a 95 % interval then vary by about a thirtieth of its width."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its confidence interval."""

    value: float
    low: float
    high: float


def percent_agreement(rated: Rated) -> float | None:
    """Return the share of subjects of which both said the same, 0 to 1; None for no subjects."""
    return sum(first == second for first, second in rated) / len(rated) if rated else None


def weighted_kappa(rated: Rated, categories: Sequence[str], weighting: Weighting = "linear") -> float | None:
    """Return Cohen's weighted kappa, -1 to 1: 1 for full agreement, 0 for that of chance.

    ``1 - sum(w * observed) / sum(w * expected)`` with disagreement weights w_ij = 0 or 1 (``none``), |i - j|
    (``linear``) or (i - j)^2 (``quadratic``), and expected the product of each reader's shares (Cohen 1968,
    doi:10.1037/h0026256).

    Parameters
    ----------
    categories
        What may be said, in their order: weights count the steps between.

    Returns
    -------
    float or None
        None for no subjects, and where both readers gave all of them one and the same category: chance alone would
        then agree fully, and the quotient is 0 / 0.

    Raises
    ------
    ValueError
        If something else than a category was said.
    """
    observed = _shares(rated, categories)
    steps = np.abs(np.subtract.outer(np.arange(len(categories)), np.arange(len(categories)))).astype(np.float64)
    weights = {"none": np.minimum(steps, 1.0), "linear": steps, "quadratic": steps**2}[weighting]
    expected = np.outer(observed.sum(axis=1), observed.sum(axis=0))
    by_chance = float((weights * expected).sum())
    return 1.0 - float((weights * observed).sum()) / by_chance if by_chance > 0 else None


def gwet_ac1(rated: Rated, categories: Sequence[str]) -> float | None:
    """Return Gwet's AC1, -1 to 1: 1 for full agreement, 0 for that of chance.

    ``(p_a - p_e) / (1 - p_e)`` with the agreement p_a, p_e = sum(pi_k (1 - pi_k)) / (q - 1) over the q categories, and
    pi_k the mean share of category k over both readers (Gwet 2008, doi:10.1348/000711006X126600).

    Parameters
    ----------
    categories
        What may be said; those that no reader gave count in q as well.

    Returns
    -------
    float or None
        None for no subjects, and for fewer than two categories, where nothing can be agreed on. Unlike kappa it is 1
        where both gave all subjects one and the same of several categories.

    Raises
    ------
    ValueError
        If something else than a category was said.
    """
    if not rated or len(categories) < 2:
        return None
    observed = _shares(rated, categories)
    shares = (observed.sum(axis=0) + observed.sum(axis=1)) / 2
    by_chance = float((shares * (1 - shares)).sum()) / (len(categories) - 1)
    return (float(np.trace(observed)) - by_chance) / (1 - by_chance)


def _shares(rated: Rated, categories: Sequence[str]) -> NDArray[np.float64]:
    """Return the shares of subjects by what the first (rows) and the second reader said, (q, q); 0 for no subjects."""
    place = {category: index for index, category in enumerate(categories)}
    if unknown := {said for pair in rated for said in pair} - place.keys():
        raise ValueError(f"{min(unknown)!r} is not one of the categories {', '.join(categories)}.")
    table = np.zeros((len(categories), len(categories)))
    for first, second in rated:
        table[place[first], place[second]] += 1
    return table / max(len(rated), 1)


def bootstrap_interval(
    cases: Sequence[Case],
    figure: Callable[[Sequence[Case]], float | None],
    seed: int,
    confidence: float = 0.95,
    resamples: int = RESAMPLES,
) -> Interval | None:
    """Return a figure with its percentile bootstrap interval, cases drawn with replacement (Efron 1979).

    Cases are drawn, not slices: slices of one case resemble each other, and drawn by themselves they would make the
    interval too narrow. Samples of which the figure is None are left out.

    Parameters
    ----------
    figure
        What is computed of a sample of cases.
    seed
        The same one gives the same interval.

    Returns
    -------
    Interval or None
        None for fewer than two cases, where the figure of all cases is None, or where it is None in more than half of
        the samples: nearly all cases are alike then.
    """
    value = figure(cases)
    if value is None or len(cases) < 2:
        return None
    random = np.random.default_rng(seed)
    drawn = (random.integers(len(cases), size=len(cases)).tolist() for _ in range(resamples))
    figures = [one for sample in drawn if (one := figure([cases[index] for index in sample])) is not None]
    if 2 * len(figures) < resamples:
        return None
    low, high = np.quantile(figures, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(value, float(low), float(high))
