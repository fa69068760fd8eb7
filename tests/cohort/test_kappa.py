from collections.abc import Sequence

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from napari_refusion.cohort.kappa import (
    Interval,
    Weighting,
    bootstrap_interval,
    gwet_ac1,
    percent_agreement,
    weighted_kappa,
)

CATEGORIES = ("accept", "flag", "reject")


def table(counts: list[list[int]], categories: tuple[str, ...] = CATEGORIES) -> list[tuple[str, str]]:
    """Ratings with these counts: the first reader's categories in rows, the second's in columns."""
    return [
        (categories[row], categories[column])
        for row, line in enumerate(counts)
        for column, count in enumerate(line)
        for _ in range(count)
    ]


@pytest.mark.parametrize("weighting", ["none", "linear", "quadratic"])
@pytest.mark.parametrize("seed", range(5))
def test_weighted_kappa_is_that_of_scikit_learn(weighting: Weighting, seed: int) -> None:
    random = np.random.default_rng(seed)
    first = random.integers(3, size=80)
    second = np.where(random.random(80) < 0.6, first, random.integers(3, size=80))
    rated = [(CATEGORIES[one], CATEGORIES[two]) for one, two in zip(first, second, strict=True)]

    theirs = cohen_kappa_score(first, second, labels=[0, 1, 2], weights=None if weighting == "none" else weighting)

    assert weighted_kappa(rated, CATEGORIES, weighting) == pytest.approx(theirs)


def test_kappa_of_a_two_by_two_table_is_what_the_hand_finds() -> None:
    # agreement 35/50 = 0.7; by chance (25 * 30 + 25 * 20) / 2500 = 0.5; (0.7 - 0.5) / (1 - 0.5) = 0.4
    rated = table([[20, 5], [10, 15]], ("yes", "no"))

    assert percent_agreement(rated) == pytest.approx(0.7)
    assert weighted_kappa(rated, ("yes", "no")) == pytest.approx(0.4)


def test_ac1_holds_where_kappa_collapses() -> None:
    # 118 yes/yes, 5 yes/no, 2 no/yes, 0 no/no: agreement 118 / 125 = 0.944. Share of yes (123 + 120) / 250 = 0.972, so
    # p_e = 0.972 * 0.028 + 0.028 * 0.972 = 0.054432 and AC1 = (0.944 - 0.054432) / (1 - 0.054432) = 0.940776; kappa:
    # chance (123 * 120 + 2 * 5) / 15625 = 0.94528, (0.944 - 0.94528) / (1 - 0.94528) = -0.023392.
    rated = table([[118, 5], [2, 0]], ("yes", "no"))

    assert gwet_ac1(rated, ("yes", "no")) == pytest.approx(0.940776, abs=1e-6)
    assert weighted_kappa(rated, ("yes", "no")) == pytest.approx(-0.023392, abs=1e-6)


def test_ac1_of_three_categories_is_what_the_hand_finds() -> None:
    # agreement 19/24; shares 19/48, 16/48, 13/48; p_e = (1 - (361 + 256 + 169) / 2304) / 2 = 0.329427;
    # (0.791667 - 0.329427) / (1 - 0.329427) = 0.689320
    rated = table([[8, 1, 1], [1, 6, 1], [0, 1, 5]])

    assert gwet_ac1(rated, CATEGORIES) == pytest.approx(0.689320, abs=1e-6)


def test_full_agreement_is_one_in_every_coefficient() -> None:
    rated = table([[4, 0, 0], [0, 3, 0], [0, 0, 2]])

    assert [weighted_kappa(rated, CATEGORIES, one) for one in ("none", "linear", "quadratic")] == [1, 1, 1]
    assert gwet_ac1(rated, CATEGORIES) == pytest.approx(1)


def test_where_all_is_one_category_there_is_no_kappa_but_ac1_is_one() -> None:
    rated = [("accept", "accept")] * 10

    assert weighted_kappa(rated, CATEGORIES) is None
    assert gwet_ac1(rated, CATEGORIES) == 1


def test_without_subjects_there_are_no_coefficients() -> None:
    assert percent_agreement([]) is None
    assert weighted_kappa([], CATEGORIES) is None
    assert gwet_ac1([], CATEGORIES) is None
    assert gwet_ac1([("only", "only")], ("only",)) is None


def test_an_unknown_category_is_told() -> None:
    with pytest.raises(ValueError, match="'deny' is not one of the categories accept, flag, reject"):
        weighted_kappa([("deny", "accept")], CATEGORIES)


def mean(cases: Sequence[float]) -> float:
    return sum(cases) / len(cases)


def test_the_bootstrap_interval_of_a_mean_is_near_the_normal_one() -> None:
    cases = np.random.default_rng(1).normal(5, 2, size=400).tolist()

    interval = bootstrap_interval(cases, mean, seed=3)

    assert interval is not None
    assert interval.value == pytest.approx(np.mean(cases))
    half = 1.96 * np.std(cases) / np.sqrt(400)  # central limit theorem
    assert interval.low == pytest.approx(interval.value - half, abs=0.03)
    assert interval.high == pytest.approx(interval.value + half, abs=0.03)


def test_the_same_seed_gives_the_same_interval() -> None:
    cases = [0.0, 1.0, 1.0, 1.0, 0.0]

    assert bootstrap_interval(cases, mean, seed=3) == bootstrap_interval(cases, mean, seed=3)


def test_there_is_no_interval_of_one_case_or_of_a_figure_without_a_value() -> None:
    assert bootstrap_interval([1.0], mean, seed=0) is None
    assert bootstrap_interval([1.0, 2.0], lambda _: None, seed=0) is None
    assert bootstrap_interval([1.0, 1.0], mean, seed=0) == Interval(1, 1, 1)


def test_there_is_no_interval_where_most_samples_have_no_value() -> None:
    # all three cases are in a sample of three with probability 3! / 27 = 0.22
    def needs_all(some: Sequence[str]) -> float | None:
        return 1.0 if len(set(some)) == 3 else None

    assert bootstrap_interval(["a", "b", "c"], needs_all, seed=0) is None
