"""How fast a reader reads."""

from types import MappingProxyType

import pytest

from napari_refusion.cohort.pace import Pace, pace, pace_in_words
from napari_refusion.record.case import CaseReview, SliceReview


def test_slices_in_a_minute_are_those_judged_over_the_time_on_the_screen() -> None:
    slices = {0: SliceReview(seconds=20, verdict="accept"), 1: SliceReview(seconds=10), 2: SliceReview(verdict="flag")}
    found = pace(CaseReview(slices=MappingProxyType(slices)))
    assert found == Pace(30, 2)
    assert found.per_minute == pytest.approx(4)


def test_without_a_look_there_is_no_pace() -> None:
    assert pace(CaseReview()).per_minute is None
    assert pace_in_words([]) == ""
    assert pace_in_words([Pace(0, 3)]) == "0 s for a case (median)"


def test_the_usual_time_is_the_median_and_the_rate_that_of_all_cases() -> None:
    # 60 s in the middle; 90 slices in 60 + 30 + 450 = 540 s are 10 in a minute
    assert pace_in_words([Pace(60, 30), Pace(30, 30), Pace(450, 30)]) == (
        "60 s for a case (median), 10 slices in a minute"
    )
