"""Whether the files of a case are still what was read."""

import os
from pathlib import Path

from napari_refusion.cohort.case_files import files_state, source_files
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


def test_the_voxels_of_a_header_belong_to_it_whatever_they_are_called(tmp_path: Path) -> None:
    header = "NRRD0004\ntype: short\ndimension: 3\nsizes: 1 1 1\nspace: left-posterior-superior\nencoding: raw\n"
    header += "endian: little\nspace directions: (1,0,0) (0,1,0) (0,0,1)\nspace origin: (0,0,0)\ndata file: v.raw\n\n"
    (tmp_path / "ct.nhdr").write_text(header, encoding="ascii")
    assert [path.name for path in source_files(tmp_path / "ct.nhdr")] == ["ct.nhdr"]
    (tmp_path / "v.raw").write_bytes(b"12")
    assert sorted(path.name for path in source_files(tmp_path / "ct.nhdr")) == ["ct.nhdr", "v.raw"]


def test_files_that_a_list_of_media_names_belong_to_it_and_other_uids_are_other_files(tmp_path: Path) -> None:
    (tmp_path / "IMAGES").mkdir()
    for name in ("DICOMDIR", "IMAGES/1", "1.2.3.dcm", "1.2.4.dcm"):
        (tmp_path / name).write_bytes(b"1")
    assert len(list(source_files(tmp_path / "DICOMDIR"))) == 4
    assert [path.name for path in source_files(tmp_path / "1.2.3.dcm")] == ["1.2.3.dcm"]
