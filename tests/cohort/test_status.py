from types import MappingProxyType

import pytest

from napari_refusion.cohort.status import ReaderState, case_status, may_open
from napari_refusion.record.case import CaseReview, CaseVerdict, SliceReview

NOT_BEGUN = ReaderState(CaseReview())
BEGUN = ReaderState(CaseReview(slices=MappingProxyType({3: SliceReview(mm=9.0, seconds=1.5)})))


def read(verdict: str = "usable", is_locked: bool = False) -> ReaderState:
    given = CaseVerdict(verdict, 3.0, "", "2026-11-23T10:00:00.000+00:00")
    return ReaderState(CaseReview(verdict=given, is_locked=is_locked))


@pytest.mark.parametrize(
    ("first", "second", "adjudicator", "status"),
    [
        (None, None, None, "new"),
        (NOT_BEGUN, NOT_BEGUN, NOT_BEGUN, "new"),
        (BEGUN, NOT_BEGUN, None, "in review"),
        (NOT_BEGUN, BEGUN, None, "in review"),
        (read(), NOT_BEGUN, None, "read"),
        (BEGUN, read(), None, "read"),
        (read(), None, None, "read"),
        (read(), read(), None, "agreed"),
        (read(), read("not_usable"), None, "discordant"),
        (read(), read("not_usable"), BEGUN, "discordant"),
        (read(), read("not_usable"), read(), "adjudicated"),
        (read(), read("not_usable"), read(is_locked=True), "locked"),
        (read(is_locked=True), None, None, "locked"),
        (read(is_locked=True), NOT_BEGUN, None, "read"),
        (read(is_locked=True), read(), None, "agreed"),
        (read(is_locked=True), read(is_locked=True), NOT_BEGUN, "locked"),
        (read(is_locked=True), read("not_usable", is_locked=True), None, "discordant"),
    ],
)
def test_the_status_of_a_case_follows_from_its_readers(
    first: ReaderState | None, second: ReaderState | None, adjudicator: ReaderState | None, status: str
) -> None:
    assert case_status(first, second, adjudicator) == status


@pytest.mark.parametrize("own", [None, NOT_BEGUN, BEGUN])
def test_the_other_review_stays_closed_until_the_case_is_read(own: ReaderState | None) -> None:
    assert may_open("R1", own).startswith("The review by R1 stays hidden until you have given your own verdict")


def test_the_other_review_may_be_opened_after_the_own_verdict_and_by_an_adjudicator() -> None:
    assert may_open("R1", read()) == ""
    assert may_open("R1", None, is_adjudicator=True) == ""
