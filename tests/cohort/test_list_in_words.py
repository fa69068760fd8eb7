"""What the worklist says of itself."""

from dataclasses import replace
from pathlib import Path

import pytest

from napari_refusion.cohort.list_in_words import listed_in_words, shared_in_words, why_none_follows
from napari_refusion.cohort.progress import CaseProgress, ReaderProgress
from napari_refusion.cohort.reader_list import ReaderList
from napari_refusion.cohort.work_case import WorkCase
from napari_refusion.record.case import CaseReview, CaseVerdict
from napari_refusion.record.project import Project

READ = CaseReview(verdict=CaseVerdict("usable", 3.0, "", 20.0))


def case(label: str) -> WorkCase:
    return WorkCase(label, Path(f"{label}/pet.nii"), Path(f"{label}/T1w.nii"), ("PT", "MR"))


def progress(case_id: str, review: CaseReview, unsound: tuple[str, ...] = ()) -> CaseProgress:
    own = ReaderProgress("R1", review, review, None, None, "", "run", "2026-01-01T10:00:00+00:00", 0, {})
    return CaseProgress(case_id, "PET + MRI", (), {"R1": own}, "read", unsound)


@pytest.fixture
def listed() -> ReaderList:
    """Three cases: of the first there is a verdict."""
    cases = tuple(case(label) for label in "abc")
    known = {"mark a": progress("case-a", READ), "mark b": progress("case-b", CaseReview())}
    marks = {one.label: f"mark {one.label}" for one in cases}
    return ReaderList(Project(Path("project"), "ab" * 32, 1), "R1", cases, (), marks, known)


def test_the_order_and_whose_record_is_not_sound_are_said(listed: ReaderList) -> None:
    assert listed_in_words(listed) == "3 cases, in the order of reader R1"
    assert listed_in_words(replace(listed, cases=listed.cases[:1])) == "1 case, in the order of reader R1"
    assert listed_in_words(replace(listed, cases=())) == "There is no case in the list"
    assert listed_in_words(replace(listed, is_new=True)) == "3 cases, in the order of reader R1, in a new project"
    unsound = replace(listed, is_ranked=True, progress={"mark a": progress("case-a", READ, ("R2",))})
    assert listed_in_words(unsound) == "3 cases, worst first. RECORD NOT SOUND: R2; see the summary"


def test_why_no_case_follows(listed: ReaderList) -> None:
    words = 'No other case is left under "discordant", 2 of the list are not read.'
    assert why_none_follows(listed, "b", "discordant") == words
    one_left = replace(listed, cases=listed.cases[:2])
    assert why_none_follows(one_left, "b", "all cases") == "Only b is left, which has no verdict yet."
    assert why_none_follows(replace(listed, cases=listed.cases[:1]), "", "all cases") == "All cases are read."
    assert why_none_follows(replace(listed, cases=()), "", "all cases") == "There is no case in the list."


def test_a_case_that_cannot_be_shown_is_named_and_does_not_come_again(listed: ReaderList) -> None:
    stopped = listed.after_opening("b", "cannot be read")
    assert [stopped.status(one) for one in stopped.cases] == ["read", "cannot be read", "new"]
    assert stopped.following("c") is None
    words = 'No other case is left under "all cases", 2 of the list are not read. Not to be shown: b (cannot be read).'
    assert why_none_follows(stopped, "c", "all cases") == words
    both = stopped.after_opening("c", "not fused")
    assert both.following() is None
    said = why_none_follows(both, "c", "all cases")
    assert said.startswith("Mend b (cannot be read), c (not fused), then press List to have them again: ")
    assert both.after_opening("b").following("c") == listed.cases[1]
    assert listed.after_opening("a", "cannot be read").status(listed.cases[0]) == "read"


def test_a_case_under_two_labels_is_told(listed: ReaderList) -> None:
    assert shared_in_words(listed, "case-a", "a") == ""
    twice = replace(listed, marks={**listed.marks, "c": "mark a"})
    assert shared_in_words(twice, "case-a", "c").startswith("It holds the same images as a: ")
    assert shared_in_words(twice, "case-a", "a").startswith("It holds the same images as c: ")
    repeat = replace(twice.cases[2], is_repeat=True)
    assert shared_in_words(replace(twice, cases=(*twice.cases[:2], repeat)), "case-a", "c") == ""
