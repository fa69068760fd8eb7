"""How far a project is, from the files of its readers."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from napari_refusion.cohort.agreement_words import agreement_words
from napari_refusion.cohort.others import said_by_others, visible_others
from napari_refusion.cohort.progress import as_repeat, project_progress, readers_agreement, repeated_agreement
from napari_refusion.cohort.summary import cohort_rows, write_summary
from napari_refusion.record.events import Kind, new_event
from napari_refusion.record.places import place_mark
from napari_refusion.record.project import Project
from napari_refusion.record.project_folder import change_project, open_project
from napari_refusion.record.run import Run
from napari_refusion.record.store import Store
from napari_refusion.report.summary import CohortRow
from tests.recorded import RUN, at, judged, seen

CASE = RUN.case_id


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return open_project(tmp_path / "project")


def say(project: Project, reader: str, *said: tuple[Kind, dict[str, object]], run: Run = RUN) -> None:
    with Store.open(project.folder, reader) as store:
        store.rows.keep_case(CASE, {"place": "", "words": run.words})
        store.rows.keep_run(run)
        for kind, payload in said:
            store.append(CASE, run.run_id, kind, payload)


def verdict(value: str) -> tuple[Kind, dict[str, object]]:
    check_outcomes = {"Geometry": "green"}
    return "verdict", {"value": value, "confidence": 3, "comment": "", "seconds": 20.0, "lights": check_outcomes}


ALIGNED: tuple[Kind, dict[str, object]] = ("registration", {"answer": "aligned"})


def test_a_case_is_in_review_then_read_then_discordant(project: Project) -> None:
    say(project, "R1", ALIGNED, seen(1), judged(1, "accept"))
    assert project_progress(project)[CASE].status == "in review"
    say(project, "R1", verdict("usable"))
    assert project_progress(project)[CASE].status == "read"
    say(project, "R2", ALIGNED, judged(1, "reject", "invented"), verdict("not_usable"))
    assert project_progress(project)[CASE].status == "discordant"


def test_a_reader_sees_the_other_one_after_the_own_verdict_only(project: Project) -> None:
    say(project, "R1", ALIGNED, verdict("usable"))
    say(project, "R2", ALIGNED)
    assert said_by_others(project, project_progress(project)[CASE], "R2") == []
    say(project, "R2", verdict("not_usable"))
    told = said_by_others(project, project_progress(project)[CASE], "R2")
    assert told[0] == "Reader R1: usable."
    assert len(told) > 1  # and where they differ


def test_two_readers_who_say_the_same_agree(project: Project) -> None:
    for reader in ("R1", "R2"):
        say(project, reader, ALIGNED, judged(2, "accept"), verdict("usable"))
    progress = project_progress(project)
    assert progress[CASE].status == "agreed"
    assert said_by_others(project, progress[CASE], "R1")[-1] == "Both readers agree."
    agreed = readers_agreement(project, progress.values())
    assert agreed is not None
    words = agreement_words(*agreed)
    assert words["Discordant cases"] == "0 of 1"
    assert words["Readers"].startswith("R1 and R2, 1 case read")


def test_readers_who_saw_different_windows_are_not_compared(project: Project) -> None:
    other = replace(RUN, weights_sha256="beef" * 16)
    say(project, "R1", ALIGNED, judged(2, "accept"), verdict("usable"))
    say(project, "R2", ALIGNED, judged(2, "accept"), verdict("usable"), run=other)
    assert readers_agreement(project, project_progress(project).values()) is None


@pytest.mark.parametrize("lock", [(), (("lock", {}),)])
def test_a_look_under_another_window_takes_no_verdict_back(
    project: Project, lock: tuple[tuple[Kind, dict[str, object]], ...]
) -> None:
    for reader in ("R1", "R2"):
        say(project, reader, ALIGNED, judged(2, "accept"), verdict("usable"), *lock)
    say(project, "R1", ("open", {}), seen(1, 2.0), run=replace(RUN, weights_sha256="beef" * 16))
    progress = project_progress(project)
    assert progress[CASE].status == ("locked" if lock else "agreed")
    [row] = cohort_rows(project, progress.values())
    assert row.verdict == "usable"
    assert readers_agreement(project, progress.values()) is not None


def test_a_case_has_no_verdict_while_its_readers_differ_in_registration_or_slices(project: Project) -> None:
    named = change_project(project, {"first": "R1", "second": "R2", "adjudicator": "R3"})
    say(named, "R1", ALIGNED, judged(2, "accept"), verdict("usable"))
    say(named, "R2", ALIGNED, judged(2, "reject", "invented"), verdict("usable"))
    [row] = cohort_rows(named, project_progress(named).values())
    assert (row.status, row.verdict, row.confidence) == ("discordant", "", None)
    assert row.readers == {"R1": "usable", "R2": "usable"}
    say(named, "R3", ALIGNED, verdict("not_usable"))
    [row] = cohort_rows(named, project_progress(named).values())
    assert (row.status, row.verdict) == ("adjudicated", "not_usable")


def test_a_case_has_no_answer_about_the_registration_while_readers_differ_and_then_that_of_who_decides(
    project: Project,
) -> None:
    named = change_project(project, {"first": "R1", "second": "R2", "adjudicator": "R3"})
    say(named, "R1", ALIGNED, verdict("usable"))
    [row] = cohort_rows(named, project_progress(named).values())
    assert row.registration == "aligned"
    say(named, "R2", ("registration", {"answer": "slight"}), verdict("usable"))
    [row] = cohort_rows(named, project_progress(named).values())
    assert (row.status, row.registration) == ("discordant", "")
    say(named, "R3", ("registration", {"answer": "slight"}), verdict("usable"))
    [row] = cohort_rows(named, project_progress(named).values())
    assert (row.status, row.registration) == ("adjudicated", "slight")


def test_the_summary_of_two_readers_has_a_table_of_how_they_agree(project: Project) -> None:
    for reader in ("R1", "R2"):
        say(project, reader, ALIGNED, judged(2, "flag", "step"), verdict("usable"))
    page, cases, agreed = write_summary(project)
    assert [one.name.removeprefix(page.stem) for one in (page, cases, agreed)] == [".html", ".tsv", "_agreement.tsv"]
    lines = agreed.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "question\tcompared\tfigure\tvalue\tlow\thigh"
    assert "reason step\t\tshare of R1\t1.0\t\t" in lines
    assert "flicker or step between slices R1 100%, R2 100%" in page.read_text(encoding="utf-8")


def test_one_reader_has_no_agreement(project: Project) -> None:
    say(project, "R1", ALIGNED, verdict("usable"))
    assert readers_agreement(project, project_progress(project).values()) is None


def test_a_row_of_the_summary_counts_what_was_said(project: Project) -> None:
    say(project, "R1", ALIGNED, judged(1, "flag", "step"), judged(2, "reject", "step", "invented"), judged(3, "accept"))
    say(project, "R1", seen(1, 2.0), ("key", at(1, is_key=True, caption="")), verdict("usable_with_flags"))
    [row] = cohort_rows(project, project_progress(project).values())
    assert (row.label, row.words, row.verdict) == (CASE, "PET + MRI", "usable_with_flags")
    assert (row.flagged, row.rejected) == (1, 1)
    assert row.reasons == {"step": 2, "invented": 1}
    assert row.check_outcomes == {"Geometry": "green"}
    assert row.seconds == (2.0,)


def test_a_place_is_found_again_by_its_mark_and_cannot_be_read_from_it(project: Project) -> None:
    one, two = Path("/data/Jane Doe/pet.nii"), Path("/data/Jane Doe/mri.nii")
    mark = place_mark(project, (one, two))
    assert mark == place_mark(project, (two, one))
    assert mark != place_mark(project, (one, one))
    assert "Jane" not in mark
    assert place_mark(project, ()) == ""


# --- records that are not sound ---------------------------------------------------------------------------------------


def two_readers(project: Project) -> None:
    for reader in ("R1", "R2"):
        say(project, reader, ALIGNED, judged(2, "accept"), verdict("usable"))


@pytest.mark.parametrize("how", ["damaged", "altered", "missing"])
def test_a_case_of_a_reader_whose_record_is_not_sound_is_never_agreed(project: Project, how: str) -> None:
    two_readers(project)
    path = project.folder / "reviews" / "R2.sqlite"
    if how == "damaged":
        path.write_bytes(b"")
    elif how == "missing":
        path.unlink()
    else:
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE notes(text)")
    progress = project_progress(project)
    assert progress[CASE].status == "not verified"
    assert readers_agreement(project, progress.values()) is None
    assert "cannot be said: the record of R2 is not sound" in " ".join(words_of(project, "R1", how))
    page, table = write_summary(project)
    text = page.read_text(encoding="utf-8")
    assert '<p class="failed">RECORD NOT SOUND: R2.' in text
    assert f'<td>R2</td><td><span class="red">{how.upper()}</span><br><span class="small">expected' in text
    assert "not computed: the record of R2 is not sound" in text
    assert "agreed" not in text.replace("called agreed", "")
    if how == "altered":
        assert '<span class="red">R2, record not sound: usable</span>' in text
    row = dict(zip(*(line.split("\t") for line in table.read_text(encoding="utf-8").splitlines()), strict=True))
    assert (row["status"], row["records_not_sound"]) == ("not verified", "R2")


def words_of(project: Project, reader: str, how: str) -> list[str]:
    """Return what a reader is shown of others; where nothing of theirs can be read, of a third one who can be."""
    if how != "altered":
        say(project, "R3", ALIGNED, verdict("usable"))
    return said_by_others(project, project_progress(project)[CASE], reader)


def test_a_reader_without_a_role_who_is_not_sound_decides_nothing(project: Project) -> None:
    two_readers(project)
    named = change_project(project, {"first": "R1", "second": "R2"})
    say(named, "R9", ALIGNED)
    (named.folder / "reviews" / "R9.sqlite").write_bytes(b"")
    assert project_progress(named)[CASE].status == "agreed"


def test_what_is_open_stays_open_beside_a_record_that_is_not_sound(project: Project) -> None:
    say(project, "R1", ALIGNED)
    say(project, "R2", ALIGNED)
    (project.folder / "reviews" / "R2.sqlite").write_bytes(b"")
    assert project_progress(project)[CASE].status == "in review"


def test_a_sound_project_says_so_of_every_record(project: Project) -> None:
    two_readers(project)
    text = write_summary(project)[0].read_text(encoding="utf-8")
    assert text.count('<td><span class="green">sound</span></td>') == 2
    assert "NOT SOUND" not in text


# --- a word changed after seeing the other's --------------------------------------------------------------------------

SAW: tuple[Kind, dict[str, object]] = ("others", {"readers": ["R2"]})


def test_a_verdict_that_was_changed_after_seeing_the_others_is_marked_and_does_not_agree(project: Project) -> None:
    say(project, "R2", ALIGNED, verdict("not_usable"))
    say(project, "R1", ALIGNED, verdict("usable"), SAW, verdict("not_usable"))
    progress = project_progress(project)
    assert progress[CASE].readers["R1"].verdict_before == "usable"
    assert progress[CASE].readers["R2"].verdict_before == ""
    assert progress[CASE].status == "agreed"  # what stands
    agreed = readers_agreement(project, progress.values())
    assert agreed is not None
    assert agreed[0].changed == (1, 0)
    assert agreed[0].discordant == 1
    page, cases, figures = write_summary(project)
    text = page.read_text(encoding="utf-8")
    assert 'class="amber">R1 changed the verdict after seeing the other&#39;s; before: usable' in text
    assert "R1 in 1 case, R2 in 0 cases; all figures are of what was said before" in text
    assert "R1 usable" in cases.read_text(encoding="utf-8")
    assert "verdict changed by R1 after seeing the other's\t1" in figures.read_text(encoding="utf-8")


def test_the_clock_does_not_decide_what_was_said_before_seeing_the_others(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(project, "R1", ALIGNED, verdict("usable"), SAW)
    early = "2020-01-01T00:00:00.000+00:00"
    monkeypatch.setattr(
        "napari_refusion.record.chain_end.new_event", lambda *arguments: new_event(*arguments[:6], early)
    )
    say(project, "R1", verdict("not_usable"))
    assert project_progress(project)[CASE].readers["R1"].verdict_before == "usable"


def test_the_same_verdict_after_seeing_the_others_is_not_a_change(project: Project) -> None:
    say(project, "R1", ALIGNED, verdict("usable"), SAW, judged(1, "accept"), verdict("usable"))
    assert project_progress(project)[CASE].readers["R1"].verdict_before == ""


def test_what_an_adjudicator_says_after_seeing_the_readers_is_no_change(project: Project) -> None:
    say(project, "R3", SAW, ALIGNED, verdict("usable"))
    assert project_progress(project)[CASE].readers["R3"].verdict_before == ""


# --- two adjudicators -------------------------------------------------------------------------------------------------


@pytest.fixture
def judged_by_two(project: Project) -> Project:
    named = {"first": "R1", "second": "R2", "adjudicator": "R3", "second_adjudicator": "R4"}
    changed = change_project(project, named)
    say(changed, "R1", ALIGNED, verdict("usable"))
    say(changed, "R2", ALIGNED, verdict("not_usable"))
    return changed


def test_two_adjudicators_decide_by_the_same_verdict(judged_by_two: Project) -> None:
    say(judged_by_two, "R3", ALIGNED, verdict("usable"))
    assert project_progress(judged_by_two)[CASE].status == "discordant"
    say(judged_by_two, "R4", ALIGNED, verdict("usable"))
    assert project_progress(judged_by_two)[CASE].status == "adjudicated"
    say(judged_by_two, "R3", ("lock", {}))
    assert project_progress(judged_by_two)[CASE].status == "adjudicated"
    say(judged_by_two, "R4", ("lock", {}))
    assert project_progress(judged_by_two)[CASE].status == "locked"


def test_two_adjudicators_who_differ_decide_nothing(judged_by_two: Project) -> None:
    say(judged_by_two, "R3", ALIGNED, verdict("usable"))
    say(judged_by_two, "R4", ALIGNED, verdict("not_usable"), ("lock", {}))
    assert project_progress(judged_by_two)[CASE].status == "discordant"


def test_an_adjudicator_sees_both_readers_at_once_and_the_other_adjudicator_after_the_own_verdict(
    judged_by_two: Project,
) -> None:
    say(judged_by_two, "R3", ALIGNED, verdict("usable"))
    assert visible_others(judged_by_two, project_progress(judged_by_two)[CASE], "R4") == ("R1", "R2")
    say(judged_by_two, "R4", ALIGNED, verdict("usable"))
    assert visible_others(judged_by_two, project_progress(judged_by_two)[CASE], "R4") == ("R1", "R2", "R3")


# --- the same case once more ------------------------------------------------------------------------------------------

AGAIN: tuple[Kind, dict[str, object]] = ("again", {})


def test_the_first_reading_of_a_case_stands_and_the_second_is_compared_with_it(project: Project) -> None:
    say(project, "R1", ALIGNED, judged(2, "accept"), verdict("usable"), AGAIN)
    own = project_progress(project)[CASE].readers["R1"]
    assert own.review.verdict is not None
    assert own.repeat is None
    say(project, "R1", ALIGNED, judged(2, "reject", "invented"), verdict("not_usable"))
    progress = project_progress(project)
    own = progress[CASE].readers["R1"]
    assert own.review.verdict is not None
    assert own.review.verdict.value == "usable"
    assert own.repeat is not None
    assert own.repeat.verdict is not None
    assert own.repeat.verdict.value == "not_usable"
    assert progress[CASE].status == "read"
    [found] = repeated_agreement(project, progress.values()).values()
    assert (found.cases, found.discordant, found.slices.count) == (1, 1, 1)
    page, _, figures = write_summary(project)
    assert "Reader R1 again" in page.read_text(encoding="utf-8")
    assert "1 case read twice" in page.read_text(encoding="utf-8")
    assert "R1 again: cases\t1\tdiscordant\t1" in figures.read_text(encoding="utf-8")


def test_while_a_case_is_read_again_the_others_stay_hidden_and_the_list_shows_the_second_reading(
    project: Project,
) -> None:
    say(project, "R2", ALIGNED, verdict("usable"))
    say(project, "R1", ALIGNED, verdict("usable"))
    assert "R1" not in as_repeat(project, project_progress(project)[CASE], "R1").readers
    say(project, "R1", AGAIN, ALIGNED)
    case = project_progress(project)[CASE]
    assert visible_others(project, case, "R1") == ()
    own = as_repeat(project, case, "R1").readers["R1"]
    assert (own.review.registration, own.review.verdict) == ("aligned", None)
    say(project, "R1", verdict("usable"))
    assert visible_others(project, project_progress(project)[CASE], "R1") == ("R2",)


def test_a_repeat_has_the_status_and_the_time_of_any_other_case_and_the_first_reading_keeps_its_own(
    project: Project,
) -> None:
    change_project(project, {"first": "R2", "second": "R1"})
    project = open_project(project.folder)
    say(project, "R2", ALIGNED, verdict("usable"))
    before = project_progress(project)[CASE].status
    say(project, "R1", ALIGNED, verdict("usable"))
    first = project_progress(project)[CASE]
    assert as_repeat(project, first, "R1").status == before == "read"
    say(project, "R1", AGAIN, ALIGNED)
    now = project_progress(project)[CASE]
    assert as_repeat(project, now, "R1").status == "read"
    assert now.readers["R1"].touched == first.readers["R1"].touched
    assert as_repeat(project, now, "R1").readers["R1"].touched > first.readers["R1"].touched
    say(project, "R1", verdict("not_usable"))
    done = project_progress(project)[CASE]
    assert (done.status, as_repeat(project, done, "R1").status) == ("agreed", "discordant")


def test_a_reading_under_other_windows_is_no_repeat_of_the_first(project: Project) -> None:
    other = replace(RUN, weights_sha256="beef" * 16)
    say(project, "R1", ALIGNED, verdict("usable"), AGAIN)
    say(project, "R1", ALIGNED, verdict("usable"), run=other)
    progress = project_progress(project)
    assert progress[CASE].readers["R1"].repeat is not None
    assert repeated_agreement(project, progress.values()) == {}


# --- what is decided, and by whom -------------------------------------------------------------------------------------

REJECTED: tuple[tuple[Kind, dict[str, object]], ...] = (ALIGNED, judged(2, "reject", "invented"), verdict("not_usable"))
ACCEPTED: tuple[tuple[Kind, dict[str, object]], ...] = (ALIGNED, judged(2, "accept"), verdict("usable"))


def row_of(project: Project) -> CohortRow:
    [row] = cohort_rows(project, project_progress(project).values())
    return row


@pytest.mark.parametrize("dissenting", ["anna", "ben", "carl"])
def test_three_readers_agree_only_if_all_three_say_the_same(project: Project, dissenting: str) -> None:
    for reader in ("anna", "ben", "carl"):
        say(project, reader, ALIGNED, verdict("not_usable" if reader == dissenting else "usable"))
    assert (row_of(project).status, row_of(project).verdict) == ("discordant", "")


def test_three_readers_who_say_the_same_agree(project: Project) -> None:
    for reader in ("anna", "ben", "carl"):
        say(project, reader, *ACCEPTED)
    assert (row_of(project).status, row_of(project).verdict) == ("agreed", "usable")


def test_slices_of_two_fusions_are_not_held_against_one_another(project: Project) -> None:
    """The third coronal slice is elsewhere than the third axial one."""
    say(project, "R1", *ACCEPTED)
    coronal = ALIGNED, judged(2, "reject", "invented"), verdict("usable")
    say(project, "R2", *coronal, run=replace(RUN, axis="coronal"))
    case = project_progress(project)[CASE]
    assert case.status == "agreed"
    assert said_by_others(project, case, "R1") == [
        "Reader R2: usable.",
        "Both readers agree on the case.",
        "They viewed different fusions of it, so that their slices are not compared.",
    ]


def test_readers_of_whom_one_gave_no_verdict_yet_do_not_agree(project: Project) -> None:
    named = change_project(project, {"first": "R1", "second": "R2", "adjudicator": "R3"})
    say(named, "R1", *ACCEPTED)
    say(named, "R2", ALIGNED)
    assert said_by_others(named, project_progress(named)[CASE], "R3") == ["Reader R1: usable."]


@pytest.mark.parametrize("is_locked", [False, True])
def test_the_verdict_on_a_case_is_the_adjudicators_and_its_slices_are_the_first_readers(
    project: Project, is_locked: bool
) -> None:
    named = change_project(project, {"first": "zoe", "second": "ben", "adjudicator": "adam"})
    say(named, "ben", *ACCEPTED)
    assert row_of(named).verdict == "usable"
    say(named, "zoe", *REJECTED)
    assert (row_of(named).status, row_of(named).verdict, row_of(named).rejected) == ("discordant", "", 1)
    lock: list[tuple[Kind, dict[str, object]]] = [("lock", {})] if is_locked else []
    say(named, "adam", ALIGNED, verdict("usable_with_flags"), *lock)
    row = row_of(named)
    assert (row.status, row.verdict, row.rejected) == (
        "locked" if is_locked else "adjudicated",
        "usable_with_flags",
        1,
    )


def test_a_verdict_that_was_taken_back_after_seeing_the_others_is_told(project: Project) -> None:
    say(project, "R1", *ACCEPTED)
    say(project, "R2", *REJECTED)
    say(project, "R1", ("others", {"readers": ["R2"]}), ("undo", {}))
    assert row_of(project).changed == {"R1": "usable"}


def test_a_repeat_counts_as_it_was_before_others_words_were_shown_once_more(project: Project) -> None:
    say(project, "R1", *ACCEPTED, ("again", {}), *ACCEPTED)
    say(project, "R1", ("others", {"readers": ["R2"]}), ALIGNED, verdict("not_usable"))
    found = repeated_agreement(project, project_progress(project).values())["R1"]
    assert (found.cases, found.discordant) == (1, 0)


def test_summaries_of_one_second_stand_beside_each_other(project: Project) -> None:
    say(project, "R1", *ACCEPTED)
    pages = {write_summary(project)[0] for _ in range(4)}
    assert len(pages) == 4
    assert all(page.is_file() for page in pages)
