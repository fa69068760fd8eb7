"""How far a project is, from the files of its readers."""

from dataclasses import replace
from pathlib import Path

import pytest

from napari_refusion.cohort.agreement_words import agreement_words
from napari_refusion.cohort.progress import (
    cohort_rows,
    project_progress,
    readers_agreement,
    said_by_others,
    write_summary,
)
from napari_refusion.record.events import Kind
from napari_refusion.record.project import Project, open_project, place_mark
from napari_refusion.record.run import Run
from napari_refusion.record.store import Store
from tests.recorded import RUN, at, judged, seen

CASE = RUN.case_id


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return open_project(tmp_path / "project")


def say(project: Project, reader: str, *said: tuple[Kind, dict[str, object]], run: Run = RUN) -> None:
    with Store.open(project.folder, reader) as store:
        store.remember_case(CASE, {"place": "", "words": run.words})
        store.remember_run(run)
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
    assert words["Readers"].startswith("R1 and R2, 1 cases")


def test_readers_who_saw_different_windows_are_not_compared(project: Project) -> None:
    other = replace(RUN, weights_sha256="beef" * 16)
    say(project, "R1", ALIGNED, judged(2, "accept"), verdict("usable"))
    say(project, "R2", ALIGNED, judged(2, "accept"), verdict("usable"), run=other)
    assert readers_agreement(project, project_progress(project).values()) is None


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
    [row] = cohort_rows(project_progress(project).values())
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
