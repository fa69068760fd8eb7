from types import MappingProxyType

import pytest

from napari_refusion.cohort.agreement import agreement, discordances
from napari_refusion.record.case import CaseReview, CaseVerdict, SliceReview


def review(
    verdict: str = "usable",
    registration: str = "aligned",
    slices: str = "",
    reasons: tuple[str, ...] = (),
    seconds: float = 2.0,
) -> CaseReview:
    """A review whose slices have the verdicts in a word: a, f or r, and - for none; reasons for those not accepted."""
    verdicts = {"a": "accept", "f": "flag", "r": "reject", "-": ""}
    said = {
        index: SliceReview(
            mm=10.0 * index, seconds=seconds, verdict=verdicts[one], reasons=reasons if one in "fr" else ()
        )
        for index, one in enumerate(slices)
    }
    given = CaseVerdict(verdict, 3.0, "", "2026-11-23T10:00:00.000+00:00") if verdict else None
    return CaseReview(registration, MappingProxyType(said), given)


def test_readers_who_say_the_same_have_no_discordance() -> None:
    assert discordances(review(slices="aafr"), review(slices="aafr")) == []


def test_a_different_verdict_on_the_case_is_a_discordance() -> None:
    (sentence,) = discordances(review("usable"), review("not_usable"))

    assert sentence == "The verdict on the case is usable for one reader and not usable for the other."


def test_a_different_answer_on_the_registration_is_a_discordance() -> None:
    (sentence,) = discordances(review(registration="aligned"), review(registration="slight"))

    assert "aligned within a voxel for one reader and slightly off for the other" in sentence


def test_a_slice_that_one_accepts_and_the_other_rejects_is_a_discordance() -> None:
    both = review(slices="aar"), review(slices="afa")

    (sentence,) = discordances(*both, axis="coronal", count=5)

    assert sentence == "Slice 3 of 5, A 20.0 mm, is accepted by one reader and rejected by the other."
    assert discordances(*both) == ["Slice 3 is accepted by one reader and rejected by the other."]


def test_a_flag_and_a_slice_without_a_verdict_are_no_discordance() -> None:
    assert discordances(review(slices="afa-"), review(slices="ff-r")) == []


def test_what_one_has_not_answered_is_no_discordance() -> None:
    assert discordances(review(verdict="", registration=""), review("not_usable", "unacceptable")) == []


def test_agreement_counts_cases_slices_and_reasons() -> None:
    cases = [
        (review(slices="aaf", reasons=("saturation",)), review(slices="aaa")),
        (review("not_usable", slices="rr-", reasons=("misregistration",)), review(slices="raa")),
        (review(slices="aaa"), review(slices="aaa")),
    ]

    found = agreement(cases, seed=1)

    assert (found.cases, found.discordant) == (3, 1)
    assert found.verdict.count == 3
    assert found.verdict.same is not None
    assert found.verdict.same.value == pytest.approx(2 / 3)
    # slices that both judged: aaf/aaa, rr/ra, aaa/aaa = 8, of which 6 alike
    assert found.slices.count == 8
    assert found.slices.same is not None
    assert found.slices.same.value == pytest.approx(6 / 8)
    # of 8 verdicts of the first reader one names saturation and two misregistration; the second reader names no reason
    assert found.reasons["saturation"] == (1 / 8, 0.0)
    assert found.reasons["misregistration"] == (2 / 8, 0.0)


def test_agreement_on_slices_has_intervals_that_hold_its_value() -> None:
    cases = [(review(slices="aafr" * 3), review(slices="aafr" * 2 + "fafr")) for _ in range(4)]
    cases += [(review(slices="arfa"), review(slices="aaff")) for _ in range(4)]

    figures = agreement(cases, seed=1).slices

    for interval in (figures.same, figures.kappa, figures.kappa_linear, figures.kappa_quadratic, figures.ac1):
        assert interval is not None
        assert interval.low <= interval.value <= interval.high


def test_answers_on_the_registration_are_not_weighted() -> None:
    cases = [(review(registration=one), review(registration=one)) for one in ("aligned", "slight", "cannot_judge") * 3]

    found = agreement(cases, seed=1).registration

    assert found.kappa is not None
    assert found.kappa.value == pytest.approx(1)
    assert (found.kappa_linear, found.kappa_quadratic) == (None, None)


def test_the_median_time_is_over_slices_that_were_looked_at() -> None:
    cases = [(review(slices="aaa", seconds=3.0), review(slices="a", seconds=0.0)), (review(slices="a"), review())]

    assert agreement(cases, seed=1).seconds == (3.0, None)


def test_no_cases_give_no_figures() -> None:
    found = agreement([], seed=1)

    assert (found.cases, found.discordant, found.verdict.count, found.verdict.same) == (0, 0, 0, None)
    assert found.seconds == (None, None)
