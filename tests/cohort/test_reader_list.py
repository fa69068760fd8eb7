"""The list of a reader: one order, and what comes next in it."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from napari_refusion.cohort.reader_list import ReaderList
from napari_refusion.cohort.work_case import WorkCase
from napari_refusion.io.write import write_nifti
from napari_refusion.record.project import place_mark
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


def read(listed: ReaderList, case: WorkCase) -> ReaderList:
    """Return the list after its reader gave a verdict on a case."""
    with Store.open(listed.project.folder, listed.reader) as store:
        case_id = f"case-{case.label}"
        place = place_mark(listed.project, (case.first, case.second))
        store.rows.keep_case(case_id, {"place": place, "words": "PET + MRI"})
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
