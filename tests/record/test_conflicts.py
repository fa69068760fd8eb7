"""What two computers recorded at once into folders that a program keeps alike is not lost without a word."""

import shutil
from pathlib import Path

import pytest

from napari_refusion.record.joining import join_file
from napari_refusion.record.project_folder import open_project
from napari_refusion.record.store import Store
from napari_refusion.record.verify import Verified, verify_project
from napari_refusion.volume.finding import RefusedError
from tests.record.test_joining import computers, said, work

NAMES = ["R1 (conflicted copy 2026-11-28).sqlite", "R1-PC.sqlite", "R1.sync-conflict-20261128.sqlite", "R1 (1).sqlite"]
"""As four programs call it."""


def verified(folder: Path, reader: str = "R1") -> Verified:
    return next(one for one in verify_project(open_project(folder, create=False)) if one.reader == reader)


def conflict(folder: Path, name: str) -> tuple[Path, Path]:
    """Return a project into which two computers wrote at once, and the file that holds what the other one wrote."""
    (here,) = computers(folder, 1)
    work(here, "R1", "first")
    there = shutil.copytree(here, folder / "there")
    work(here, "R1", "here")
    work(there, "R1", "there", "and there")
    return here, Path(shutil.copy(there / "reviews" / "R1.sqlite", here / "reviews" / name))


@pytest.mark.parametrize("name", NAMES)
def test_what_another_computer_wrote_at_once_is_told_at_opening_and_by_verify(tmp_path: Path, name: str) -> None:
    folder, _ = conflict(tmp_path, name)
    with Store.open(folder, "R1") as store:
        (found,) = store.findings
    assert (found.level, found.value) == ("warn", "2 elsewhere")
    assert name in found.sentence
    assert [note for note in verified(folder).notes if name in note and "2 events of R1" in note]


@pytest.mark.parametrize("name", NAMES)
def test_it_is_taken_over_by_naming_the_file_and_told_no_longer(tmp_path: Path, name: str) -> None:
    folder, other = conflict(tmp_path, name)
    assert join_file(open_project(folder), other) == "R1: 2 new events"
    assert [one.payload["text"] for one in said(folder)] == ["first", "here", "there", "and there"]
    assert verified(folder).is_sound
    assert not verified(folder).notes
    assert join_file(open_project(folder), other) == "R1: 0 new events"
    other.unlink()
    assert [one.reader for one in verify_project(open_project(folder))] == ["R1"]


def test_an_older_copy_of_the_file_is_no_conflict_nor_is_that_of_a_reader_whose_name_begins_alike(
    tmp_path: Path,
) -> None:
    (folder,) = computers(tmp_path, 1)
    work(folder, "R1", "first")
    shutil.copy(folder / "reviews" / "R1.sqlite", folder / "reviews" / "R1 backup.sqlite")
    work(folder, "R1", "second")
    work(folder, "R10", "of another")
    (folder / "reviews" / "R1 notes.sqlite").write_text("no database")
    assert not verified(folder).notes
    with Store.open(folder, "R1") as store:
        assert not store.findings


@pytest.mark.parametrize("kind", ["of another project", "damaged", "no record", "its own file"])
def test_a_file_that_is_no_sound_record_of_this_project_is_not_taken_over(tmp_path: Path, kind: str) -> None:
    folder, other = conflict(tmp_path / "one", "R1 (1).sqlite")
    if kind == "of another project":
        (elsewhere,) = computers(tmp_path / "two", 1)
        work(elsewhere, "R1", "else")
        other = elsewhere / "reviews" / "R1.sqlite"
    elif kind == "its own file":
        other = folder / "reviews" / "R1.sqlite"
    else:
        other.write_bytes(other.read_bytes()[:5000] if kind == "damaged" else b"text")
    with pytest.raises(RefusedError, match=r"^Name a copy of the whole project instead"):
        join_file(open_project(folder), other)
    assert [one.payload["text"] for one in said(folder)] == ["first", "here"]


@pytest.mark.parametrize("kind", ["unreadable", "gone"])
def test_a_record_of_another_reader_that_cannot_be_read_is_in_nobodys_way(tmp_path: Path, kind: str) -> None:
    folder, other = conflict(tmp_path, "R1 (1).sqlite")
    in_the_way = folder / "reviews" / "A.sqlite"
    in_the_way.mkdir() if kind == "unreadable" else in_the_way.symlink_to("nowhere")
    assert join_file(open_project(folder), other) == "R1: 2 new events"


def test_a_file_that_cannot_be_read_says_so_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, other = conflict(tmp_path, "R1 (1).sqlite")

    def copied(path: Path, into: Path) -> Path:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("napari_refusion.record.inspection.copied", copied)
    with pytest.raises(RefusedError, match=r"^R1 \(1\)\.sqlite cannot be read: Permission denied"):
        join_file(open_project(folder), other)
