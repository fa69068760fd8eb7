"""Where to look next in a review."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from napari_refusion.record.project_folder import open_project
from napari_refusion.record.run import describe_run
from napari_refusion.record.store import Store
from napari_refusion.session.navigation import next_flagged, next_judged_unseen, next_unseen
from napari_refusion.session.review import ReviewSession
from tests.reviewed import canvas_of, examined_by_hand


@pytest.fixture
def session(tmp_path: Path) -> Iterator[ReviewSession]:
    project, partial = open_project(tmp_path / "project"), canvas_of()
    with Store.open(project.folder, "R1") as store:
        yield ReviewSession(store, project, describe_run(partial), partial)


def test_without_a_warning_there_is_no_next_one(session: ReviewSession) -> None:
    assert next_flagged(session, 0) is None


def test_the_next_slices_are_those_that_wait(session: ReviewSession) -> None:
    session.take(examined_by_hand(session.partial), None)
    session.answer("aligned")
    assert next_flagged(session, 0) == 3
    assert next_unseen(session, -1) == 1
    session.look(1, 1.0)
    assert next_unseen(session, 0) == 2
    for index in (1, 2, 3, 4):
        session.judge(index, "accept")
    assert next_unseen(session, 0) is None
    assert next_flagged(session, 0) == 3  # all are judged, so the warned ones come round again


def test_slices_that_were_judged_too_fast_to_be_seen_are_found(session: ReviewSession) -> None:
    session.take(examined_by_hand(session.partial), None)
    session.answer("aligned")
    assert next_judged_unseen(session, -1) is None  # those without a verdict are found by the other way
    for index in (1, 2, 3, 4):
        session.judge(index, "accept")
    for index in (1, 3):
        session.look(index, 1.0)
    assert [next_judged_unseen(session, index) for index in (-1, 2, 4)] == [2, 4, 2]
    for index in (2, 4):
        session.look(index, 1.0)
    assert next_judged_unseen(session, -1) is None
