"""The list of a reader: one order, and what comes next in it."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from napari_refusion.cohort.reader_list import ReaderList
from napari_refusion.cohort.work_case import UNREAD, WorkCase
from napari_refusion.io.write import write_nifti
from napari_refusion.record.places import CasePlaces
from napari_refusion.record.project_folder import change_project, open_project
from napari_refusion.record.store import Store
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.volume import Volume
from tests.recorded import RUN
from tests.small_pair import IPL_AFFINE

VERDICT = {"value": "usable", "confidence": 3, "comment": "", "seconds": 20.0, "lights": {}}


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    """Four folders with a PET and an MRI each."""
    for number in range(4):
        folder = tmp_path / "cases" / f"case{number}"
        folder.mkdir(parents=True)
        for name in ("pet", "T1w"):
            write_nifti(Volume(np.ones((2, 3, 4), np.float32), IPL_AFFINE), folder / f"{name}.nii.gz")
    return tmp_path / "cases"


@pytest.fixture
def listed(cases: Path, tmp_path: Path) -> ReaderList:
    return ReaderList.read(cases, tmp_path / "project", "R1")


def read(listed: ReaderList, case: WorkCase, case_id: str = "") -> ReaderList:
    """Return the list after its reader gave a verdict on a case."""
    case_id = case_id or f"case-{case.label}"
    with Store.open(listed.project.folder, listed.reader) as store:
        known = CasePlaces.read(store.rows.cases().get(case_id, {}))
        places = CasePlaces.of(listed.project, case.asked).after(known)
        store.rows.keep_case(case_id, places.record() | {"words": "PET + MRI"})
        store.append(case_id, RUN.run_id, "registration", {"answer": "aligned"})
        store.append(case_id, RUN.run_id, "verdict", VERDICT)
    return listed.again()


def test_cases_follow_one_another_as_they_are_shown_and_none_is_opened_twice(listed: ReaderList) -> None:
    opened, current = [], ""
    while (following := listed.following(current)) is not None:
        opened.append(following.label)
        listed, current = read(listed, following), following.label
    assert opened == [case.label for case in listed.shown()]
    assert {listed.status(case) for case in listed.cases} == {"read"}


def test_a_verdict_is_known_only_after_the_record_was_looked_at_again(listed: ReaderList) -> None:
    first = listed.cases[0]
    later = read(listed, first)
    assert (listed.status(first), later.status(first)) == ("new", "read")
    assert later.is_read(first)
    assert len(later.paces()) == 1


def test_of_a_list_that_is_narrowed_only_what_is_shown_is_next(listed: ReaderList) -> None:
    listed = read(listed, listed.cases[0])
    assert listed.shown(("read",)) == listed.cases[:1]
    assert listed.following("", ("new",)) == listed.cases[1]
    assert listed.following("", ("read",)) is None
    assert listed.following(listed.cases[3].label, ("new",)) == listed.cases[1]


def test_two_readers_find_their_cases_read_though_the_files_lie_elsewhere_for_each(
    listed: ReaderList, cases: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(cases, elsewhere)
    for case in listed.cases[:2]:
        listed = read(listed, case)
    second = ReaderList.read(elsewhere, tmp_path / "project", "R2")
    for case in second.cases:
        second = read(second, case)
    assert second.following() is None
    assert {second.status(case) for case in second.cases} == {"agreed", "read"}
    listed = listed.again()
    assert all(listed.is_read(case) for case in listed.cases[:2])
    assert not any(listed.is_read(case) for case in listed.cases[2:])


def test_a_name_that_is_none_is_refused(cases: Path, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="letters"):
        ReaderList.read(cases, tmp_path / "project", "../x")


def test_a_name_that_only_capitals_tell_from_another_readers_is_refused(cases: Path, tmp_path: Path) -> None:
    change_project(open_project(tmp_path / "project"), readers={"first": "anna"})
    with pytest.raises(RefusedError, match="Write the reader name as anna"):
        ReaderList.read(cases, tmp_path / "project", "Anna")


def test_a_project_that_is_made_by_listing_is_new_once(cases: Path, tmp_path: Path) -> None:
    assert ReaderList.read(cases, tmp_path / "project", "R1").is_new
    assert not ReaderList.read(cases, tmp_path / "project", "R1").is_new


def test_a_project_whose_name_no_disk_can_hold_is_refused_in_words(cases: Path, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="The project cannot be opened"):
        ReaderList.read(cases, tmp_path / ("project" * 60), "R1")


def test_folders_that_hold_the_same_images_are_one_case_and_the_list_ends(listed: ReaderList) -> None:
    twice = listed.cases[0], listed.cases[2]
    for case in listed.cases:
        listed = read(listed, case, "case-twice" if case in twice else "")
    assert all(listed.is_read(case) for case in listed.cases)
    assert listed.following() is None
    assert listed.labels_of("case-twice") == tuple(case.label for case in twice)
    assert [(one.level, one.value) for one in listed.findings] == [("warn", "2")]
    assert f"{twice[0].label} and {twice[1].label} hold the same images" in listed.findings[0].sentence


def test_a_case_that_took_the_folder_of_another_one_has_it_and_the_other_has_its_own_new_one(
    listed: ReaderList,
) -> None:
    first, second = listed.cases[:2]
    listed = read(read(listed, first, "case-x"), second, "case-x")
    listed = read(listed, first, "case-y")
    assert [one.case_id for case in (first, second) if (one := listed.case_progress(case))] == ["case-y", "case-x"]
    assert not listed.findings


def test_several_volumes_of_one_file_are_cases_of_their_own(cases: Path, tmp_path: Path) -> None:
    table = ["case_id,a_path,b_path,a_volume", *(f"frame {i},case0/pet.nii.gz,case0/T1w.nii.gz,{i}" for i in (0, 1))]
    (cases / "list.csv").write_text("\n".join(table), encoding="utf-8")
    listed = ReaderList.read(cases / "list.csv", tmp_path / "project", "R1")
    first, second = listed.cases
    listed = read(listed, first)
    assert (listed.is_read(first), listed.is_read(second)) == (True, False)
    assert listed.following(first.label) == second
    assert not listed.findings
    listed = read(listed, second)
    assert listed.following() is None


def test_one_pair_under_two_labels_is_told_before_it_is_opened(cases: Path, tmp_path: Path) -> None:
    table = ["case_id,a_path,b_path", *(f"{name},case0/pet.nii.gz,case0/T1w.nii.gz" for name in "abcde")]
    (cases / "list.csv").write_text("\n".join(table), encoding="utf-8")
    listed = ReaderList.read(cases / "list.csv", tmp_path / "project", "R1")
    assert [one.value for one in listed.findings] == ["5"]
    assert read(listed, listed.cases[0]).following() is None


def test_a_case_that_comes_again_is_not_called_listed_twice(cases: Path, tmp_path: Path) -> None:
    change_project(open_project(tmp_path / "project"), repeats=0.5)
    listed = ReaderList.read(cases, tmp_path / "project", "R1")
    assert len(listed.cases) == 6
    assert not listed.findings


def test_a_repeat_is_not_known_by_its_status_among_cases_that_another_reader_has_read(
    cases: Path, tmp_path: Path
) -> None:
    change_project(open_project(tmp_path / "project"), {"first": "R1", "second": "R2"}, repeats=0.5)
    first = ReaderList.read(cases, tmp_path / "project", "R1")
    for case in first.cases:
        if not case.is_repeat:
            first = read(first, case)
    second = ReaderList.read(cases, tmp_path / "project", "R2")
    assert any(case.is_repeat for case in second.cases)
    assert {second.status(case) for case in second.cases} == {"read"}


def test_what_another_reader_has_read_is_still_to_be_read_by_this_one(cases: Path, tmp_path: Path) -> None:
    change_project(open_project(tmp_path / "project"), {"first": "R1", "second": "R2"})
    first = ReaderList.read(cases, tmp_path / "project", "R1")
    read(first, first.cases[0])
    second = ReaderList.read(cases, tmp_path / "project", "R2")
    assert second.shown([UNREAD]) == second.cases
    second = read(second, second.cases[0], f"case-{second.cases[0].label}")
    assert second.shown([UNREAD]) == second.cases[1:]
