"""A review that is going on: what may be said when, and what it adds up to."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from napari_refusion.evidence.examination import Examination
from napari_refusion.evidence.missed_uptake import MissedUptake
from napari_refusion.fusion.canvas import Canvas, empty_canvas
from napari_refusion.numerics.intensity import Window
from napari_refusion.record.case import UNDOABLE, replay
from napari_refusion.record.project import Project, open_project
from napari_refusion.record.run import describe_run
from napari_refusion.record.store import Store
from napari_refusion.session.review import Session
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.origin import Origin
from napari_refusion.volume.pair import pair_volumes
from napari_refusion.volume.volume import Volume

COUNT = 6
IPL_AT_2_MM = np.array([[0, 0, -2.0, 10], [0, -2.0, 0, 20], [-2.0, 0, 0, 30], [0, 0, 0, 1]])


def volume(modality: str, seed: int, sha256: str) -> Volume:
    data = np.random.default_rng(seed).random((COUNT, 8, 8), dtype=np.float32)
    return Volume(data, IPL_AT_2_MM, modality, name=f"Jane Doe {modality}", origin=Origin(sha256=sha256))


PET, MRI = volume("PT", 0, "p" * 64), volume("MR", 1, "m" * 64)


def canvas_of(low: float = 0.0, *, is_complete: bool = True) -> Canvas:
    canvas = empty_canvas(pair_volumes(PET, MRI), (Window(low, 1), Window(0, 1)), "axial", "w" * 64)
    for index in range(COUNT if is_complete else 2):
        canvas.put(index, np.full((8, 8), 0.5, np.float32))
    return canvas


def begin(project: Project, store: Store, canvas: Canvas, paths: tuple[Path, ...] = ()) -> Session:
    return Session(store, project, describe_run(canvas, (PET, MRI)), canvas, paths=paths)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return open_project(tmp_path / "project")


@pytest.fixture
def store(project: Project) -> Iterator[Store]:
    with Store.open(project.folder, "R1") as opened:
        yield opened


@pytest.fixture
def session(project: Project, store: Store) -> Session:
    return begin(project, store, canvas_of())


def examined(canvas: Canvas) -> Examination:
    """The first and the last slice lie outside the body; uptake is missed in slice 3."""
    missed = MissedUptake(index=3, voxel=(3, 1, 2), point=(6.0, 18.0, 24.0), value=0.9, contrast=0.4, transfer=0.1)
    body = np.array([False, True, True, True, True, False])
    numbers = {"overshoot": np.full(COUNT, 0.01)}
    return Examination(canvas, {}, numbers, body, (missed,), missed_run=True, seconds=1.0, findings=())


def look_everywhere(session: Session) -> None:
    for index in range(COUNT):
        session.look(index, 5.0)


def test_a_slice_is_judged_after_the_registration_only(session: Session) -> None:
    with pytest.raises(RefusedError, match="Answer first"):
        session.judge(0, "accept")
    session.answer("unacceptable")
    with pytest.raises(RefusedError, match="unacceptable"):
        session.judge(0, "accept")
    session.answer("slight")
    session.judge(0, "accept")
    assert session.review.slice(0).verdict == "accept"


def test_to_flag_or_reject_needs_a_reason_and_to_accept_drops_it(session: Session) -> None:
    session.answer("aligned")
    for verdict in ("flag", "reject"):
        with pytest.raises(RefusedError, match="Say why"):
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
    assert any("Not all slices are fused" in sentence for sentence in session.missing())


def test_a_verdict_needs_nine_tenths_of_the_body_all_warned_slices_and_ten_seconds(session: Session) -> None:
    session.take(examined(session.canvas), None)
    session.answer("aligned")
    for index in (1, 2, 4):
        session.look(index, 5.0)
    assert len(session.missing()) == 2  # 3 of 4 body slices; one of them is warned of
    session.look(3, 5.0)
    assert session.missing() == []
    session.finish("usable_with_flags", 2.5, "a remark")
    verdict = session.review.verdict
    assert verdict is not None
    assert (verdict.value, verdict.confidence, verdict.comment) == ("usable_with_flags", 2.5, "a remark")


def test_a_change_after_the_verdict_takes_it_back(session: Session) -> None:
    session.answer("aligned")
    look_everywhere(session)
    session.finish("usable", 4)
    session.judge(2, "reject", ["invented"])
    assert session.review.verdict is None
    session.undo()
    assert session.review.verdict is not None


def test_a_failed_check_must_be_passed_over_in_words_before_the_case_is_usable(session: Session) -> None:
    session.answer("unacceptable")
    assert session.check_failed() == "CHECK FAILED: Registration"
    assert session.possible_verdicts() == ("not_usable",)
    with pytest.raises(RefusedError, match="Type why"):
        session.override("Registration", "  ")
    session.override("Registration", "compared by hand")
    assert session.check_failed() == "CHECK FAILED: Registration (overridden)"


def test_a_locked_case_says_nothing_new(session: Session) -> None:
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


def test_undo_and_redo_go_back_and_forth_until_something_new_is_said(session: Session) -> None:
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
    assert second.stale[2].verdict == "accept"
    assert begin(project, store, canvas_of()).review.slice(2).verdict == "accept"


def test_the_next_slices_are_those_that_wait(session: Session) -> None:
    session.take(examined(session.canvas), None)
    session.answer("aligned")
    assert session.next_flagged(0) == 3
    assert session.next_unseen(-1) == 1
    session.look(1, 1.0)
    assert session.next_unseen(0) == 2
    for index in (1, 2, 3, 4):
        session.judge(index, "accept")
    assert session.next_unseen(0) is None
    assert session.next_flagged(0) == 3  # all are judged, so the warned ones come round again


def test_millimetres_follow_the_affine(session: Session) -> None:
    # voxel (i, p, l) lies at S 30 - 2 i
    assert session.millimetres(0) == pytest.approx(30.0)
    assert session.millimetres(5) == pytest.approx(20.0)


def test_other_files_in_the_same_place_are_noticed_and_the_place_itself_is_not_stored(
    project: Project, store: Store, tmp_path: Path
) -> None:
    places = (tmp_path / "Jane Doe.nii", tmp_path / "mri.nii")
    begin(project, store, canvas_of(), places).begin()
    other = volume("PT", 7, "q" * 64)
    canvas = empty_canvas(pair_volumes(other, MRI), (Window(0, 1), Window(0, 1)), "axial", "w" * 64)
    changed = Session(store, project, describe_run(canvas, (other, MRI)), canvas, paths=places)
    assert [finding.rule for finding in changed.findings] == ["changed source"]
    assert "Jane Doe" not in store.path.read_bytes().decode("latin-1")


def test_what_a_session_shows_is_what_its_stored_events_add_up_to(session: Session) -> None:
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


def test_lights_are_those_that_the_reader_saw_at_the_verdict(session: Session) -> None:
    session.answer("aligned")
    look_everywhere(session)
    session.finish("usable", 1)
    said = session.events[-1].payload["lights"]
    assert said == {light.check: light.colour for light in session.lights()}
