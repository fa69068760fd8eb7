"""A reader at work, without a window: what pends, what stands, what is kept, and what another fusion changes."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from napari_refusion.evidence.examination import ExaminedSlice
from napari_refusion.record.chain_end import KEPT, ChainEnd
from napari_refusion.record.events import Kind
from napari_refusion.record.project_folder import open_project
from napari_refusion.record.store import Store
from napari_refusion.record.verify import verify_project
from napari_refusion.session.examined import Examined
from napari_refusion.session.navigation import next_flagged, next_unseen
from napari_refusion.session.reading import Reading
from napari_refusion.session.reviewed_fusion import ReviewedFusion
from napari_refusion.session.sentences import case_title, next_step, slice_cells
from napari_refusion.volume.finding import RefusedError, refuse
from tests.reviewed import COUNT, examined_by_hand, fused, noise, unfinished

Open = Callable[..., Reading]


@pytest.fixture
def open_reading(tmp_path: Path) -> Open:
    """What opens the project for the reader R1."""

    def open_one(fusion: ReviewedFusion | None = None, reader: str = "R1") -> Reading:
        return Reading.open(tmp_path / "project", reader, fusion or fused())

    return open_one


@pytest.fixture
def reading(open_reading: Open) -> Reading:
    return open_reading()


def states(reading: Reading) -> list[str]:
    return [reading.session.review.slice(index).state for index in range(COUNT)]


def examine(reading: Reading) -> Examined:
    work = reading.examine()
    assert work is not None
    *slices, last = work
    assert all(isinstance(one, ExaminedSlice) for one in slices)
    assert isinstance(last, Examined)
    return last


def test_digits_answer_first_and_give_reasons_afterwards(reading: Reading) -> None:
    assert "are the sources aligned" in next_step(reading.session)
    reading.choose(0, 6)  # there is no seventh answer
    assert reading.session.review.registration == ""
    reading.choose(-1, 0)
    assert reading.session.review.registration == "aligned"
    reading.choose(-1, 0)  # no slice is on the screen
    reading.pend(1, "flag")
    assert next_step(reading.session, reading.pending) == "To flag this slice, press 1 to 8 for the reasons."
    reading.choose(1, 1)
    reading.choose(1, 3)
    assert reading.session.review.slice(1).reasons == ("uptake_lost", "saturation")
    reading.choose(1, 1)
    assert reading.session.review.slice(1).reasons == ("saturation",)


def test_a_reason_without_flag_or_reject_is_refused(reading: Reading) -> None:
    reading.answer("aligned")
    with pytest.raises(RefusedError, match="Press S to flag or R to reject"):
        reading.toggle_reason(1, "step")
    reading.pend(1, "flag")
    reading.drop_pending()
    with pytest.raises(RefusedError, match="Press S to flag or R to reject"):
        reading.toggle_reason(1, "step")


def test_reasons_that_stand_go_over_from_flag_to_reject(reading: Reading) -> None:
    reading.answer("aligned")
    reading.pend(2, "flag")
    reading.toggle_reason(2, "step")
    reading.pend(2, "reject")
    here = reading.session.review.slice(2)
    assert (here.verdict, here.reasons) == ("reject", ("step",))


def test_what_is_refused_is_announced_as_a_change_too(reading: Reading) -> None:
    changes: list[None] = []
    reading.changed.connect(lambda: changes.append(None))
    with pytest.raises(RefusedError, match="First answer"):
        reading.accept(0)
    assert len(changes) == 1
    reading.answer("aligned")
    reading.accept(0)
    assert len(changes) == 3
    assert states(reading)[0] == "accept"


def test_a_key_image_is_switched_on_and_off(reading: Reading) -> None:
    reading.toggle_key(1, "overlay")
    assert (reading.session.review.slice(1).is_key, reading.session.review.slice(1).caption) == (True, "overlay")
    reading.toggle_key(1)
    assert not reading.session.review.slice(1).is_key


def test_slices_that_are_not_fused_or_shown_after_the_lock_do_not_count_as_seen(open_reading: Open) -> None:
    reading = open_reading(unfinished())
    reading.look(1, 2.0)
    reading.look(2, 2.0)
    assert states(reading)[:3] == ["unseen", "seen", "unseen"]
    assert reading.examine() is None
    assert next_step(reading.session) == "First: are the sources aligned? Compare their edges, then press 1 to 4."
    reading.answer("unacceptable")
    assert "2 of 6 slices are fused" in next_step(reading.session)
    assert next_step(reading.session, is_filling=True).startswith("The other slices are being fused")
    reading.session.partial.done[:] = True
    reading.finish("not_usable", 4)
    reading.lock()
    reading.look(3, 2.0)
    assert states(reading)[3] == "unseen"
    assert next_step(reading.session) == "This case is locked."
    assert not reading.undo()


def test_a_review_goes_on_where_it_was_left_and_undo_reaches_back(open_reading: Open) -> None:
    first = open_reading()
    assert first.left_at() is None
    first.begin()
    first.answer("aligned")
    first.look(3, 1.0)
    first.pend(3, "reject")
    first.toggle_reason(3, "invented")
    assert first.close() == ""
    again = open_reading()
    assert again.left_at() == 3
    assert again.session.review.slice(3).reasons == ("invented",)
    assert again.undo()
    assert states(again)[3] == "seen"
    assert again.redo()
    assert not again.redo()


def test_how_many_slices_have_a_warning_is_said_once_they_were_examined(reading: Reading) -> None:
    assert f"0 of {COUNT} slices seen, not examined yet" in case_title(reading.session)
    reading.take(examine(reading))
    assert "not examined yet" not in case_title(reading.session)
    assert f"0 of {len(reading.session.flagged)} with a warning" in case_title(reading.session)


def test_another_window_makes_verdicts_stale_and_the_old_one_brings_them_back(open_reading: Open) -> None:
    old, new = fused(), fused(low=0.2)
    reading = open_reading(old)
    reading.answer("aligned")
    reading.pend(2, "flag")
    reading.accept(2)
    reading.pend(3, "reject")
    assert reading.attach(new)
    assert reading.pending == ""
    assert states(reading)[2] == "unseen"
    assert slice_cells(reading.session)[2].is_stale
    assert case_title(reading.session).endswith("1 verdict was given under other windows or weights, not counted here")
    assert reading.attach(old)
    assert states(reading)[2] == "accept"
    assert not slice_cells(reading.session)[2].is_stale


def test_the_same_fusion_shown_anew_is_the_same_review(reading: Reading) -> None:
    session = reading.session
    assert not reading.attach(reading.fusion)
    assert reading.session is session


def test_another_case_begins_empty_in_the_same_file(open_reading: Open) -> None:
    reading = open_reading()
    reading.answer("aligned")
    case = reading.session.run.case_id
    assert reading.attach(fused(pet=noise("PT", 7, "q" * 64)))
    assert reading.session.run.case_id != case
    assert reading.session.review.registration == ""


def test_an_examination_is_taken_by_its_own_fusion_only(reading: Reading) -> None:
    found = examine(reading)
    other = fused(low=0.2)
    reading.attach(other)
    assert not reading.take(found)
    assert reading.session.examination is None
    assert reading.take(examine(reading))
    assert reading.session.examination is not None
    assert reading.examine() is None
    assert reading.store.rows.examination(reading.session.run.run_id) is not None


def test_missed_uptake_comes_round_and_round(reading: Reading) -> None:
    assert reading.missed.next() is None
    reading.take(Examined(examined_by_hand(reading.session.partial), None))
    for _ in range(2):
        found = reading.missed.next()
        assert found is not None
        rank, count, peak = found
        assert (rank, count, peak.index) == (0, 1, 3)
    assert next_flagged(reading.session, 0) == 3


def test_a_second_window_with_the_same_reader_only_reads(reading: Reading, open_reading: Open) -> None:
    reading.answer("aligned")
    second = open_reading()
    second.begin()
    second.comment(1, "lost")
    second.note_export(["report"])
    assert next_step(second.session).startswith("Read-only, another window has this review open")
    with pytest.raises(RefusedError, match="Nothing you do is recorded"):
        second.answer("slight")
    assert second.session.review.registration == "aligned"


@pytest.mark.parametrize("is_kept", [True, False])
def test_on_a_full_disk_the_review_goes_on_and_can_be_kept_elsewhere(
    is_kept: bool, reading: Reading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_store: Store) -> None:
        raise refuse("output", f"The disk is full.{KEPT}")

    reading.answer("aligned")
    elsewhere = tmp_path / "kept.sqlite"
    asked: list[int] = []

    def rescue(count: int) -> Path | None:
        asked.append(count)
        return elsewhere if is_kept else None

    with monkeypatch.context() as disk:
        disk.setattr(ChainEnd, "write", full)
        with pytest.raises(RefusedError, match="disk is full"):
            reading.accept(1)
        assert states(reading)[1] == "accept"
        told = reading.close(rescue)
    assert asked == [1]
    if is_kept:
        assert "saved in" in told
        with sqlite3.connect(elsewhere) as connection:
            kinds = [kind for (kind,) in connection.execute("SELECT kind FROM events")]
        assert kinds.count("slice") == 1
    else:
        assert told == "The last entry is lost, for no other place was chosen. The disk is full."
        assert not elsewhere.exists()


def test_a_wrong_reader_name_is_a_sentence(open_reading: Open) -> None:
    with pytest.raises(RefusedError, match="letters"):
        open_reading(reader="../R1")


def test_nothing_about_files_or_names_is_in_the_database(open_reading: Open, tmp_path: Path) -> None:
    reading = open_reading(fused(paths=(tmp_path / "Jane Doe.nii", tmp_path / "mri.nii")))
    reading.answer("aligned")
    reading.accept(1)
    reading.take(examine(reading))
    reading.close()
    [database] = (tmp_path / "project").rglob("*.sqlite")
    with sqlite3.connect(database) as connection:
        stored = "\n".join(connection.iterdump())
    assert "aligned" in stored
    for canary in ("Jane", str(tmp_path)):
        assert canary not in stored


def test_the_lights_stand_in_their_order(reading: Reading) -> None:
    check_outcomes = [outcome.check for outcome in reading.session.check_outcomes()]
    assert check_outcomes == ["Geometry", "Registration", "Intensity", "Model", "Output"]


def test_a_case_of_96_slices_is_left_in_the_middle_undone_and_finished(open_reading: Open, tmp_path: Path) -> None:
    fusion = fused(noise("PT", 2, "2" * 64, (96, 16, 16)), noise("MR", 3, "1" * 64, (96, 16, 16)))
    reading = open_reading(fusion)
    reading.answer("aligned")
    for index in range(50):
        if index % 10 == 3:
            reading.pend(index, "flag")
            reading.toggle_reason(index, "uptake_lost")
        elif index % 25 == 7:
            reading.pend(index, "reject")
            reading.toggle_reason(index, "invented")
        else:
            reading.accept(index)
    reading.close()

    again = open_reading(fusion)
    verdicts = [one.verdict for one in again.session.review.slices.values()]
    assert [verdicts.count(one) for one in ("accept", "flag", "reject")] == [43, 5, 2]
    for _ in range(4):
        assert again.undo()
    index: int | None = -1
    while (index := next_unseen(again.session, index if index is not None else -1)) is not None:
        again.accept(index)
    assert sum(bool(one.verdict) for one in again.session.review.slices.values()) == 96
    with pytest.raises(RefusedError, match="at least 10 s"):
        again.finish("usable", 3.0)
    for index in range(96):
        again.look(index, 1.0)
    told = again.finish("usable_with_flags", 3.0, "a remark")
    [export_review] = (tmp_path / "project").rglob("*_review.json")
    assert told == f"The verdict is recorded; a copy to pass on is {export_review.name} in {export_review.parent}."
    written = json.loads(export_review.read_text())
    assert (written["verdict"]["value"], len(written["slices"])) == ("usable_with_flags", 96)
    again.close()
    with Store.open(tmp_path / "project", "R1", read_only=True) as store:
        assert store.findings == ()
        assert [event.kind for event in store.all_events()].count("undo") == 4
    [told] = verify_project(open_project(tmp_path / "project"))
    assert (told.state, told.copies, told.notes) == ("sound", (), ())
    export_review.write_text(export_review.read_text().replace("usable_with_flags", "usable"))
    assert len(verify_project(open_project(tmp_path / "project"))[0].copies) == 1


def test_other_files_in_the_same_place_are_told(open_reading: Open, tmp_path: Path) -> None:
    places = tmp_path / "a.nii", tmp_path / "b.nii"
    reading = open_reading(fused(paths=places))
    reading.begin()
    reading.attach(fused(pet=noise("PT", 9, "z" * 64), paths=places))
    assert "not those that were reviewed here before" in next_step(reading.session)
    reading.answer("aligned")
    assert "not those that were reviewed here before" in next_step(reading.session)
    assert reading.session.run.a.sha256 == "z" * 64


def test_why_an_altered_record_is_only_read_is_said_and_no_other_window_is_accused(
    open_reading: Open, tmp_path: Path
) -> None:
    reading = open_reading()
    reading.answer("aligned")
    reading.close()
    with closing(sqlite3.connect(tmp_path / "project" / "reviews" / "R1.sqlite")) as connection:
        connection.execute("CREATE TABLE notes(text)")
        connection.commit()
    step = next_step(open_reading().session)
    assert "is not as it was recorded" in step
    assert "another window" not in step


def test_a_case_that_is_locked_as_it_was_fused_otherwise_says_so(open_reading: Open) -> None:
    reading = open_reading()
    judge_all(reading)
    reading.lock()
    reading.attach(fused(low=0.3))
    assert next_step(reading.session).startswith("This case is locked with another window")
    reading.attach(fused())
    assert next_step(reading.session) == "This case is locked."


# --- read again, and after seeing others ------------------------------------------------------------------------------


def judge_all(reading: Reading, verdict: str = "usable") -> None:
    reading.take(Examined(examined_by_hand(reading.session.partial), None))
    reading.answer("aligned")
    for index in range(COUNT):
        reading.look(index, 5.0)
    for check in ("Geometry", "Registration", "Intensity", "Model", "Output"):
        reading.override(check, "known")
    reading.finish(verdict, 3.0)


def test_a_case_is_read_again_from_the_beginning_after_its_verdict_only(reading: Reading, open_reading: Open) -> None:
    reading.begin_again()
    assert not reading.session.is_repeat
    judge_all(reading)
    reading.lock()
    assert reading.left_at() == COUNT - 1
    reading.begin_again()
    assert reading.session.is_repeat
    assert (states(reading), reading.session.review.verdict, reading.session.journal.stale) == (
        ["unseen"] * COUNT,
        None,
        {},
    )
    assert reading.session.is_open
    assert not reading.undo()
    assert reading.left_at() is None
    reading.answer("slight")
    reading.begin_again()  # it has begun already
    assert reading.session.review.registration == "slight"
    reading.close()
    again = open_reading()
    assert again.session.review.registration == "slight"
    judge_all(again, "usable_with_flags")
    again.close()
    names = sorted(path.name for path in (again.project.exports / "R1").glob("*.json"))
    case_id = again.session.run.case_id
    assert names == [f"{case_id}_again_review.json", f"{case_id}_review.json"]
    values = [json.loads((again.project.exports / "R1" / name).read_text())["verdict"]["value"] for name in names]
    assert values == ["usable_with_flags", "usable"]


def test_what_was_said_under_another_window_is_not_shown_when_a_case_is_read_again(reading: Reading) -> None:
    judge_all(reading)
    reading.accept(2)
    reading.attach(fused(low=0.2))
    assert 2 in reading.session.journal.stale
    judge_all(reading)
    reading.begin_again()
    assert reading.session.journal.stale == {}


def test_whose_words_were_shown_is_recorded_once(reading: Reading) -> None:
    for readers in ([], ["R2"], ["R2"], ["R2", "R3"]):
        reading.note_others(readers)
    assert [event.payload["readers"] for event in reading.session.events] == [["R2"], ["R2", "R3"]]
    assert reading.session.review.registration == ""


@pytest.mark.parametrize(
    ("kind", "payload"), [("slice", {}), ("verdict", {"value": "usable"}), ("others", {}), ("others", {"readers": [3]})]
)
@pytest.mark.parametrize("is_other_fusion", [False, True])
def test_events_that_nobody_can_understand_are_a_sentence_and_the_file_is_free_again(
    open_reading: Open, tmp_path: Path, kind: Kind, payload: dict[str, object], is_other_fusion: bool
) -> None:
    reading = open_reading()
    run, before = reading.session.run, reading.session
    other = Reading.open(tmp_path / "project", "R2", fused())
    other.store.append(run.case_id, "run-of-another-window" if is_other_fusion else run.run_id, kind, payload)
    with pytest.raises(RefusedError, match="cannot be understood"):
        other.attach(fused())
    other.close()
    for _ in range(2):
        with pytest.raises(RefusedError, match="cannot be understood"):
            Reading.open(tmp_path / "project", "R2", fused())
    elsewhere = Reading.open(tmp_path / "project", "R2", fused(pet=noise("PT", 9, "z" * 64)))
    assert not elsewhere.store.is_read_only
    elsewhere.close()
    assert reading.session is before
    found = {one.reader: one.state for one in verify_project(open_project(tmp_path / "project"))}
    assert found == {"R1": "sound", "R2": "altered"}
