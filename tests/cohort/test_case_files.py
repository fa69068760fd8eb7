"""Whether the files of a case are still what was read."""

import os
from pathlib import Path

from napari_refusion.cohort.case_files import files_state
from napari_refusion.cohort.work_case import WorkCase


def case_in(folder: Path) -> WorkCase:
    (folder / "dicom").mkdir()
    (folder / "dicom" / "1.dcm").write_bytes(b"1")
    (folder / "pet.nii.gz").write_bytes(b"23")
    (folder / "pet.json").write_bytes(b"{}")
    (folder / "other.nii.gz").write_bytes(b"456")
    return WorkCase("one", folder / "pet.nii.gz", folder / "dicom", ("PT", "MR"))


def test_files_folders_and_descriptions_belong_to_a_case_and_nothing_else(tmp_path: Path) -> None:
    state = files_state(case_in(tmp_path))
    assert [Path(path).name for path, _, _ in state] == ["1.dcm", "pet.json", "pet.nii.gz"]
    assert [size for _, size, _ in state] == [1, 2, 2]


def test_every_change_changes_the_state(tmp_path: Path) -> None:
    case = case_in(tmp_path)
    before = files_state(case)
    assert files_state(case) == before
    os.utime(tmp_path / "pet.nii.gz", ns=(1, 1))
    after = files_state(case)
    assert after != before
    (tmp_path / "dicom" / "2.dcm").write_bytes(b"")
    assert files_state(case) != after


def test_files_that_are_gone_have_no_state(tmp_path: Path) -> None:
    assert files_state(WorkCase("one", tmp_path / "a" / "pet.nii", tmp_path / "b", ("", ""))) == ()
