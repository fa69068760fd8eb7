"""A review that is going on: what may be said when, and what it adds up to."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from napari_refusion.fusion.partial import PartialFusion
from napari_refusion.record.case import UNDOABLE
from napari_refusion.record.project import Project
from napari_refusion.record.project_folder import open_project
from napari_refusion.record.replay import replay
from napari_refusion.record.run import describe_run
from napari_refusion.record.store import Store
from napari_refusion.session.review import ReviewSession
from napari_refusion.session.sentences import said_of_slice
from napari_refusion.session.verdict import possible, why_none
from napari_refusion.study.pairing import pair
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.origin import patient_mark
from napari_refusion.volume.volume import Volume
from tests.reviewed import COUNT, MRI, PET, canvas_of, examined_by_hand, noise, opened_from


def begin(project: Project, store: Store, partial: PartialFusion) -> ReviewSession:
    return ReviewSession(store, project, describe_run(partial), partial)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return open_project(tmp_path / "project")


@pytest.fixture
def store(project: Project) -> Iterator[Store]:
    with Store.open(project.folder, "R1") as opened:
        yield opened


@pytest.fixture
def session(project: Project, store: Store) -> ReviewSession:
    return begin(project, store, canvas_of())


def look_everywhere(session: ReviewSession) -> None:
    for index in range(COUNT):
        session.look(index, 5.0)


def test_a_slice_is_judged_after_the_registration_only(session: ReviewSession) -> None:
    with pytest.raises(RefusedError, match="First answer"):
        session.judge(0, "accept")
    session.answer("unacceptable")
    with pytest.raises(RefusedError, match="unacceptable"):
        session.judge(0, "accept")
    session.answer("slight")
    session.judge(0, "accept")
    assert session.review.slice(0).verdict == "accept"


def test_to_flag_or_reject_needs_a_reason_and_to_accept_drops_it(session: ReviewSession) -> None:
    session.answer("aligned")
    for verdict in ("flag", "reject"):
        with pytest.raises(RefusedError, match="Give the reason"):
            session.judge(1, verdict)
    session.judge(1, "reject", ["other", "misregistration"])
    assert session.review.slice(1).reasons == ("misregistration", "other")
    session.judge(1, "accept", ["other"])
    assert session.review.slice(1).reasons == ()


def test_a_slice_that_is_not_fused_is_not_judged(project: Project, store: Store) -> None:
    session = begin(project, store, canvas_of(is_complete=False))
    session.answer("aligned")
    session.judge(1, "accept")
    with pytest.raises(RefusedError, match="Slice 3 of 6"):
        session.judge(2, "accept")
    assert any("Not all slices are fused" in sentence for sentence in why_none(session))


def test_a_verdict_needs_nine_tenths_of_the_body_all_warned_slices_and_ten_seconds(session: ReviewSession) -> None:
    session.take(examined_by_hand(session.partial), None)
    session.answer("aligned")
    for index in (1, 2, 4):
        session.look(index, 5.0)
    assert len(why_none(session)) == 2  # 3 of 4 body slices; one of them is warned of
    session.look(3, 5.0)
    assert why_none(session) == []
    session.finish("usable_with_flags", 2.5, "a remark")
    verdict = session.review.verdict
    assert verdict is not None
    assert (verdict.value, verdict.confidence, verdict.comment) == ("usable_with_flags", 2.5, "a remark")


def test_a_change_after_the_verdict_takes_it_back(session: ReviewSession) -> None:
    session.answer("aligned")
    look_everywhere(session)
    session.finish("usable", 4)
    session.judge(2, "reject", ["invented"])
    assert session.review.verdict is None
    session.undo()
    assert session.review.verdict is not None


def test_a_failed_check_must_be_passed_over_in_words_before_the_case_is_usable(session: ReviewSession) -> None:
    session.answer("unacceptable")
    assert session.check_failed() == "CHECK FAILED: Registration"
    assert possible(session) == ("not_usable",)
    with pytest.raises(RefusedError, match="Type why"):
        session.override("Registration", "  ")
    session.override("Registration", "compared by hand")
    assert session.check_failed() == "CHECK FAILED: Registration (overridden)"


def test_a_locked_case_says_nothing_new(session: ReviewSession) -> None:
    with pytest.raises(RefusedError, match="after its verdict"):
        session.lock()
    session.answer("aligned")
    look_everywhere(session)
    session.finish("usable", 4)
    session.lock()
    for change in (lambda: session.answer("slight"), lambda: session.judge(0, "accept")):
        with pytest.raises(RefusedError, match="locked"):
            change()
    assert not session.undo()


def test_a_locked_case_stays_so_under_another_window_until_it_is_read_once_more(
    project: Project, store: Store, session: ReviewSession
) -> None:
    session.answer("aligned")
    look_everywhere(session)
    session.finish("usable", 4)
    session.lock()
    other = begin(project, store, canvas_of(0.5))
    assert not other.is_open
    assert [one.level for one in other.journal.findings if one.rule == "locked"] == ["warn"]
    for change in (lambda: other.answer("slight"), lambda: other.override("Output", "seen")):
        with pytest.raises(RefusedError, match="locked"):
            change()
    assert not other.undo()
    assert possible(other) == ()
    assert [one for one in begin(project, store, canvas_of()).journal.findings if one.rule == "locked"] == []
    session.begin_again()
    begin(project, store, canvas_of(0.5)).answer("slight")


def test_undo_and_redo_go_back_and_forth_until_something_new_is_said(session: ReviewSession) -> None:
    assert not session.undo()
    session.answer("aligned")
    session.judge(0, "accept")
    session.mark_key(0, is_key=True)
    assert session.undo()
    assert session.undo()
    assert (session.review.slice(0).verdict, session.review.slice(0).is_key) == ("", False)
    assert session.redo()
    assert session.review.slice(0).verdict == "accept"
    session.comment(1, "new")
    assert not session.redo()


def test_verdicts_of_another_window_are_stale_and_come_back_with_it(project: Project, store: Store) -> None:
    first = begin(project, store, canvas_of())
    first.answer("aligned")
    first.judge(2, "accept")
    second = begin(project, store, canvas_of(low=0.2))
    assert second.review.slice(2).verdict == ""
    assert second.journal.stale[2].verdict == "accept"
    assert begin(project, store, canvas_of()).review.slice(2).verdict == "accept"


def test_millimetres_follow_the_affine(session: ReviewSession) -> None:
    # voxel (i, p, l) lies at S 30 - 2 i
    assert session.millimetres(0) == pytest.approx(30.0)
    assert session.millimetres(5) == pytest.approx(20.0)


def test_a_slice_is_called_by_its_place_in_the_patient_and_a_photograph_has_none(
    project: Project, store: Store, session: ReviewSession
) -> None:
    assert said_of_slice(session, 1) == "Slice 2 of 6, S 28.0 mm: unseen"  # voxels of 2 mm, the first one at S 30
    pet, mri = (replace(one, data=one.data[:1], is_photograph=True) for one in (PET, MRI))
    photograph = begin(project, store, canvas_of(pet=pet, mri=mri))
    assert said_of_slice(photograph, 0) == "Slice 1 of 1: unseen"


def test_other_files_in_the_same_place_are_noticed_and_the_place_itself_is_not_stored(
    project: Project, store: Store, tmp_path: Path
) -> None:
    def from_files(pet: Volume) -> ReviewSession:
        opened = opened_from(pet, tmp_path / "Jane Doe.nii")
        return begin(project, store, canvas_of(pet=opened, mri=opened_from(MRI, tmp_path / "mri.nii")))

    from_files(PET).begin()
    changed = from_files(noise("PT", 7, "q" * 64))
    assert [finding.rule for finding in changed.journal.findings] == ["changed source"]
    assert "Jane Doe" not in store.path.read_bytes().decode("latin-1")


def test_what_a_session_shows_is_what_its_stored_events_add_up_to(session: ReviewSession) -> None:
    random = np.random.default_rng(3)
    session.answer("aligned")
    for _ in range(60):
        index = int(random.integers(COUNT))
        match random.integers(5):
            case 0:
                session.judge(index, "accept")
            case 1:
                session.judge(index, "flag", ["step"])
            case 2:
                session.mark_key(index, is_key=bool(random.integers(2)))
            case 3:
                session.undo()
            case _:
                session.redo()
        if not session.review.registration:
            session.answer("aligned")
    stored = session.store.events(session.run.case_id)
    assert replay(stored, session.run.run_id) == session.review
    assert {event.kind for event in stored} - {"undo", "redo"} <= UNDOABLE


def test_lights_are_those_that_the_reader_saw_at_the_verdict(session: ReviewSession) -> None:
    session.answer("aligned")
    look_everywhere(session)
    session.finish("usable", 1)
    said = session.events[-1].payload["lights"]
    assert said == {outcome.check: outcome.colour for outcome in session.check_outcomes()}


def test_what_no_table_has_is_refused_with_the_known_ones_and_not_recorded(session: ReviewSession) -> None:
    session.answer("slight")
    before = session.events
    for say, known in (
        (lambda: session.answer("fine"), "aligned, slight"),
        (lambda: session.judge(0, "flagg", ["other"]), "accept, flag, reject"),
        (lambda: session.judge(0, "flag", ["step", "blurred"]), "misregistration, uptake_lost"),
        (lambda: session.judge(0, "flag", "step"), "misregistration, uptake_lost"),
        (lambda: session.override("Geomtry", "compared by hand"), "Geometry, Registration"),
    ):
        with pytest.raises(RefusedError, match=known):
            say()
    assert session.events == before


@pytest.mark.parametrize("index", [-1, COUNT, 99])
def test_a_slice_that_does_not_exist_is_neither_judged_nor_viewed(session: ReviewSession, index: int) -> None:
    session.answer("aligned")
    for say in (lambda: session.judge(index, "accept"), lambda: session.look(index, 1.0)):
        with pytest.raises(RefusedError, match="There is no slice"):
            say()


def test_a_slice_is_a_whole_one_and_numbers_of_arrays_are_numbers(session: ReviewSession) -> None:
    with pytest.raises(RefusedError, match=r"no slice 2\.5"):
        session.look(1.5, 1.0)  # type: ignore[arg-type]
    session.look(np.int64(1), np.float32(2.5))  # type: ignore[arg-type]
    assert session.review.slice(1).seconds == 2.5


@pytest.mark.parametrize("seconds", [-5.0, float("nan"), float("inf")])
def test_a_time_that_is_none_is_not_recorded(session: ReviewSession, seconds: float) -> None:
    with pytest.raises(RefusedError, match="0 seconds or more"):
        session.look(0, seconds)
    assert session.coverage().seconds == 0


def test_why_two_patients_were_paired_is_kept_with_the_case_and_lights_the_geometry(
    project: Project, store: Store
) -> None:
    one, other = (
        replace(volume, origin=replace(volume.origin, patient=patient_mark(who)))
        for volume, who in ((PET, "4711"), (MRI, "4712"))
    )
    partial = canvas_of()
    study = pair(one, other, two_patients="second number of the archive")
    session = begin(project, store, replace(partial, study=study))
    session.begin()
    assert session.review.two_patients == "second number of the archive"
    assert session.events[-1].payload["two_patients"] == "second number of the archive"
    again = begin(project, store, replace(partial, study=study))
    assert again.review.two_patients == "second number of the archive"
    geometry = next(outcome for outcome in session.check_outcomes() if outcome.check == "Geometry")
    assert geometry.colour == "amber"
    assert "patient" in geometry.value


def test_of_one_patient_nothing_is_recorded_about_two(session: ReviewSession) -> None:
    session.begin()
    assert "two_patients" not in session.events[-1].payload
    assert session.review.two_patients == ""
