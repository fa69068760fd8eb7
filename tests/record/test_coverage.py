"""When a verdict on a case may be given (clinical study, section 5.1)."""

from pathlib import Path
from typing import Any

import pytest

from napari_refusion.record.coverage import Coverage, coverage, missing, possible_verdicts
from napari_refusion.record.events import Kind
from napari_refusion.record.project import Project
from napari_refusion.record.replay import replay
from tests.recorded import at, judged, said, seen

PROJECT = Project(Path("p"), "ab" * 32, 0)

ALIGNED: tuple[Kind, dict[str, Any]] = ("registration", {"answer": "aligned"})

UNACCEPTABLE: tuple[Kind, dict[str, Any]] = ("registration", {"answer": "unacceptable"})

ENOUGH = Coverage(body=96, seen=95, flagged=4, flagged_seen=4, seconds=200.0)


def told(coverage: Coverage, *words: tuple[Kind, dict[str, Any]], project: Project = PROJECT) -> list[str]:
    return missing(coverage, replay(said(*words), "run-1"), project)


def test_slices_of_the_body_and_flagged_ones_are_counted_where_they_were_seen() -> None:
    review = replay(said(seen(1, 2.0), seen(2, 1.5), seen(1, 1.0), seen(9, 3.0), judged(2, "accept")), "run-1")
    assert coverage(review, (1, 2, 3), (3, 9)) == Coverage(body=3, seen=2, flagged=2, flagged_seen=1, seconds=7.5)
    assert coverage(review, (), ()) == Coverage(0, 0, 0, 0, 7.5)
    assert coverage(review, (1, 1, 2), (9, 9)) == Coverage(2, 2, 1, 1, 7.5)


def test_a_verdict_or_comment_on_a_slice_that_was_not_on_the_screen_is_no_look_at_it() -> None:
    review = replay(said(judged(1, "accept"), ("comment", at(2, text="x"))), "run-1")
    assert coverage(review, (1, 2), (1,)) == Coverage(2, 0, 1, 0, 0.0)


def test_nothing_is_missing_when_all_conditions_are_met() -> None:
    assert told(ENOUGH, ALIGNED) == []


def test_each_condition_is_told_by_itself() -> None:
    (registration,) = told(ENOUGH)
    assert "how well the two sources are aligned" in registration
    (flagged,) = told(Coverage(96, 95, 4, 1, 200.0), ALIGNED)
    assert "3 slices with a warning not seen yet, of 4" in flagged
    (one,) = told(Coverage(96, 95, 4, 3, 200.0), ALIGNED)
    assert "1 slice with" in one
    (body,) = told(Coverage(96, 86, 4, 4, 200.0), ALIGNED)
    assert "86 of 96" in body
    assert "90%" in body
    (seconds,) = told(Coverage(96, 95, 4, 4, 9.4), ALIGNED)
    assert "9.4 s of at least 10 s" in seconds
    (almost,) = told(Coverage(96, 95, 4, 4, 9.97), ALIGNED)
    assert "9.9 s of at least 10 s" in almost  # rounded, it would be enough
    assert len(told(Coverage(96, 0, 4, 0, 0.0))) == 4


@pytest.mark.parametrize("body", range(1, 300))
def test_nine_tenths_of_the_body_are_enough_and_one_slice_less_is_not(body: int) -> None:
    needed = -(-9 * body // 10)  # the smallest whole number that is not below nine tenths
    assert told(Coverage(body, needed, 0, 0, 10.0), ALIGNED) == []
    assert len(told(Coverage(body, needed - 1, 0, 0, 10.0), ALIGNED)) == 1


def test_the_project_says_how_much_is_enough() -> None:
    project = Project(Path("p"), "ab" * 32, 0, minimum_seconds=0.0, body_share=0.0)
    assert told(Coverage(96, 0, 0, 0, 0.0), ALIGNED, project=project) == []


def test_an_unacceptable_registration_needs_no_look_and_allows_one_verdict() -> None:
    assert told(Coverage(96, 0, 4, 0, 0.0), UNACCEPTABLE) == []
    assert possible_verdicts(replay(said(UNACCEPTABLE), "run-1")) == ("not_usable",)
    undone = replay(said(ALIGNED, UNACCEPTABLE, ("undo", {})), "run-1")
    assert set(possible_verdicts(undone)) == {"usable", "usable_with_flags", "not_usable"}


@pytest.mark.parametrize("answer", ["aligned", "slight", "cannot_judge"])
def test_other_answers_allow_all_verdicts(answer: str) -> None:
    review = replay(said(("registration", {"answer": answer})), "run-1")
    assert possible_verdicts(review) == ("usable", "usable_with_flags", "not_usable")


def test_before_the_answer_and_after_the_lock_there_is_no_verdict() -> None:
    assert possible_verdicts(replay([], "run-1")) == ()
    locked = replay(said(ALIGNED, ("lock", {})), "run-1")
    assert possible_verdicts(locked) == ()
    assert "locked" in missing(ENOUGH, locked, PROJECT)[0]
