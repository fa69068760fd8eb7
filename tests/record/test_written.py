"""Exported copies and reports are compared with what was written; the record itself stays as sound as it is."""

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from napari_refusion.record.coverage import coverage
from napari_refusion.record.export import export_review
from napari_refusion.record.joining import join
from napari_refusion.record.project_folder import open_project
from napari_refusion.record.replay import replay
from napari_refusion.record.store import Store
from napari_refusion.record.verify import Verified, verify_reader
from napari_refusion.record.written import hashes_of
from napari_refusion.volume.finding import RefusedError
from tests.record.test_edits import review
from tests.recorded import RUN, at

STAMPED = f"{RUN.case_id}_R1_20260101T000000"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "project"
    review(place, "R1")
    return place


def found(folder: Path) -> Verified:
    return verify_reader(open_project(folder, create=False), "R1")


def copy_of(folder: Path, ending: str) -> Path:
    return folder / "exports" / "R1" / f"{RUN.case_id}_{ending}"


@pytest.mark.parametrize(
    ("ending", "old", "new"),
    [
        ("review.json", '"usable"', '"not_usable"'),
        ("review.json", '"reader": "R1"', '"reader": "R2"'),
        ("review.json", "chain_head", "chain_tail"),
        ("review.json", "{", ""),
        ("slices.tsv", "accept", "reject"),
        ("slices.tsv", "accept", "accept "),
    ],
)
def test_a_copy_with_other_content_is_told(folder: Path, ending: str, old: str, new: str) -> None:
    path = copy_of(folder, ending)
    assert (found(folder).copies, found(folder).notes) == ((), ())
    before = path.read_text(encoding="utf-8")
    path.write_text(before.replace(old, new), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != before
    told = found(folder)
    assert told.is_sound
    [fault] = told.copies
    assert fault.startswith(f"R1/{path.name}: expected the SHA-256 ")


def test_a_copy_that_was_taken_away_is_no_fault(folder: Path) -> None:
    copy_of(folder, "slices.tsv").unlink()
    assert found(folder).copies == ()


def test_a_copy_of_an_older_version_is_said_to_be_covered_by_nothing(folder: Path) -> None:
    other = copy_of(folder, "review.json").with_name("case-2_review.json")
    other.write_text(json.dumps({"reader": "R1", "chain_head": ""}))
    assert found(folder).copies == ()
    assert found(folder).notes == ("R1/case-2_review.json: no event covers it, so a change of it is not noticed",)


def written(folder: Path, name: str) -> Path:
    """Write something of a review into the project and tell of it in the record."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"usable")
    with Store.open(folder, "R1") as store:
        store.tell_of_files(hashes_of([path]))
    return path


@pytest.mark.parametrize(
    "name",
    [
        f"reports/{STAMPED}.html",
        f"reports/{STAMPED}.pdf",
        f"exports/{STAMPED}_nifti/fused.json",
        f"exports/{STAMPED}_dicom/map.dcm",
        f"exports/{STAMPED}_lesions/lesions.tsv",
        f"exports/{STAMPED}_lesions/lesions_PET_dseg.nii.gz",
        f"exports/{STAMPED}_lesions/lesions_PET_dseg.tsv",
    ],
)
@pytest.mark.parametrize("folder_is", ["itself", "a link"])
def test_a_report_with_other_content_is_told(folder: Path, tmp_path: Path, name: str, folder_is: str) -> None:
    place = folder
    if folder_is == "a link":
        place = tmp_path / "link"
        place.symlink_to(folder)
    path = written(place, name)
    assert (found(folder).copies, found(folder).notes) == ((), ())
    path.write_bytes(b"not usable")
    assert len(found(folder).copies) == 1
    path.unlink()
    path.symlink_to("/dev/zero")
    assert found(folder).copies == ()


def test_an_exported_volume_with_other_voxels_is_told_by_the_record_beside_it(folder: Path) -> None:
    volume = folder / "exports" / f"{STAMPED}_nifti" / "fused.nii.gz"
    volume.parent.mkdir(parents=True)
    volume.write_bytes(b"voxels")
    record = volume.with_name("fused.json")
    record.write_text(json.dumps({"files": {volume.name: hashlib.sha256(b"voxels").hexdigest()}}), encoding="utf-8")
    with Store.open(folder, "R1") as store:
        store.tell_of_files(hashes_of([volume, record]))
    assert (found(folder).copies, found(folder).notes) == ((), ())
    volume.write_bytes(b"other voxels")
    [fault] = found(folder).copies
    assert fault.startswith(f"{volume.parent.name}/fused.nii.gz: expected the SHA-256 ")
    volume.unlink()
    assert found(folder).copies == ()


class Killed(BaseException):
    """The program ended."""


def exported(folder: Path, is_killed: bool = False) -> None:
    def tell(hashes: Mapping[Path, str]) -> None:
        store.tell_of_files(hashes)
        if is_killed:
            raise Killed

    project = open_project(folder)
    with Store.open(folder, "R1") as store:
        one = replay(store.events(RUN.case_id), RUN.run_id)
        of_case = RUN, one, coverage(one, (1,), ()), "R1", store.chain_head, 99
        export_review(project.exports, *of_case, tell=tell)


def test_a_copy_that_replaces_another_is_covered_and_so_is_the_one_before(folder: Path) -> None:
    before = copy_of(folder, "review.json").read_bytes()
    exported(folder)
    assert copy_of(folder, "review.json").read_bytes() != before
    assert found(folder).copies == ()
    copy_of(folder, "review.json").write_bytes(before)
    assert found(folder).copies == ()


def test_what_ends_between_telling_and_writing_accuses_nobody(folder: Path) -> None:
    before = copy_of(folder, "review.json").read_bytes()
    with pytest.raises(Killed):
        exported(folder, is_killed=True)
    assert copy_of(folder, "review.json").read_bytes() == before
    assert found(folder).copies == ()


def test_what_cannot_be_read_again_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="cannot be read again"):
        hashes_of([tmp_path / "none.html"])
    assert hashes_of([tmp_path / "none.nii.gz"]) == {}


def test_a_copy_from_another_computer_is_covered_once_its_record_is_merged(folder: Path, tmp_path: Path) -> None:
    other = shutil.copytree(folder, tmp_path / "copy")
    with Store.open(other, "R1") as store:
        store.append(RUN.case_id, RUN.run_id, "comment", at(2, text="elsewhere"))
    exported(other)
    shutil.copytree(other / "exports", folder / "exports", dirs_exist_ok=True)
    assert len(found(folder).copies) == 2  # nothing here says yet that it was written
    list(join(open_project(folder), open_project(other)))
    assert (found(folder).state, found(folder).copies) == ("sound", ())
