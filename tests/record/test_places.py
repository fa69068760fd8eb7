"""Where a case was found: no folder is named, and it is found again."""

from pathlib import Path

import pytest

from napari_refusion.record.places import CasePlaces, place_mark, row_mark
from napari_refusion.record.project import Project

PROJECT = Project(Path("project"), "ab" * 32, 1)
HERE = ((Path("a/pet.nii"), ""), (Path("a/T1w.nii"), ""))
THERE = ((Path("b/pet.nii"), ""), (Path("b/T1w.nii"), ""))


def frames(number: int) -> tuple[tuple[Path, str], ...]:
    return (Path("pet.nii"), f"//{number}"), (Path("T1w.nii"), "")


def test_a_mark_names_no_folder_and_is_another_one_in_each_project() -> None:
    paths = [path for path, _ in HERE]
    mark = place_mark(PROJECT, paths)
    assert len(bytes.fromhex(mark)) == 32
    assert mark == place_mark(PROJECT, reversed(paths))
    assert mark != place_mark(Project(Path("project"), "cd" * 32, 1), paths)
    assert place_mark(PROJECT, ()) == row_mark(PROJECT, ()) == ""


def test_two_volumes_of_one_file_lie_in_one_place_and_are_told_apart() -> None:
    first, second = (CasePlaces.of(PROJECT, frames(number)) for number in (0, 1))
    assert first.place == second.place
    assert first.row != second.row
    assert first.is_elsewhere(second)
    assert not first.is_elsewhere(CasePlaces.of(PROJECT, frames(0)))


def test_where_a_case_was_before_is_kept_once() -> None:
    here, there = CasePlaces.of(PROJECT, HERE), CasePlaces.of(PROJECT, THERE)
    assert there.after(here).earlier == here.marks
    assert here.after(there.after(here)).earlier == there.marks
    assert here.after(here).earlier == ()
    assert CasePlaces.read(there.after(here).record()) == there.after(here)


@pytest.mark.parametrize("record", [{}, {"place": None, "earlier": "none"}])
def test_a_record_that_says_nothing_of_a_place_is_read(record: dict[str, object]) -> None:
    assert CasePlaces.read(record) == CasePlaces()


def test_a_record_from_before_rows_were_kept_is_known_by_its_place() -> None:
    old = CasePlaces.read({"place": CasePlaces.of(PROJECT, HERE).place})
    assert not CasePlaces.of(PROJECT, HERE).is_elsewhere(old)
    assert CasePlaces.of(PROJECT, THERE).is_elsewhere(old)


def test_images_of_no_file_lie_nowhere() -> None:
    assert CasePlaces().is_elsewhere(CasePlaces())


def test_a_case_is_the_same_one_however_its_path_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    whole = CasePlaces.of(PROJECT, [(tmp_path / path, asked) for path, asked in HERE])
    assert CasePlaces.of(PROJECT, [(".." / path, asked) for path, asked in HERE]) == whole
    monkeypatch.chdir(tmp_path)
    assert CasePlaces.of(PROJECT, HERE) == whole
