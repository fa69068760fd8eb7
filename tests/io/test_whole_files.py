"""A file is there whole or not at all, and nothing is written over by accident."""

import errno
import json
import os
import sys
import time
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path

import nibabel
import numpy as np
import pytest

from napari_refusion.io.nifti.read import read_nifti
from napari_refusion.io.whole_files import atomic, together
from napari_refusion.io.write import write_nifti
from napari_refusion.io.write_json import write_json
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.volume import Volume
from tests.nifti_files import save
from tests.windows_errors import held, of_windows

IPL_AFFINE = np.array([[0, 0, -2, 8], [0, -3, 0, 15], [-4, 0, 0, 54], [0, 0, 0, 1]], dtype=np.float64)
"""Head to foot, front to back, right to left; 4 x 3 x 2 mm."""


def volume(**changes: object) -> Volume:
    data = np.random.default_rng(3).random((7, 6, 5), dtype=np.float32)
    return replace(Volume(data, IPL_AFFINE, stored_axes=("R", "A", "S")), **changes)  # type: ignore[arg-type]


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(".refusion-")]


# --- NIfTI ----------------------------------------------------------------------------------------------------------


def write_for_ever(path: Path, begun: Event) -> None:
    begun.set()
    while True:
        write_json({"x": "y" * 1_000_000}, path, overwrite=True)


def test_an_existing_file_is_kept_unless_told_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "a.nii"
    path.write_text("precious")
    with pytest.raises(RefusedError, match=r"^Choose another name, or replace it with --overwrite .* exists: "):
        write_nifti(volume(), path)
    assert path.read_text() == "precious"
    write_nifti(volume(), path, overwrite=True)
    assert nibabel.load(path).shape == (5, 6, 7)
    assert leftovers(tmp_path) == []


def test_a_file_that_appears_meanwhile_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    with pytest.raises(RefusedError, match="already exists"), atomic(path) as temporary:  # noqa: PT012
        temporary.write_text("mine")
        path.write_text("another's")
    assert path.read_text() == "another's"
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("alias", ["same", "link", "hard link"])
def test_a_source_is_never_overwritten(tmp_path: Path, alias: str) -> None:
    source = save(tmp_path / "source.nii")
    before, target = source.read_bytes(), tmp_path / "target.nii"
    if alias == "same":
        target = tmp_path / "." / "source.nii"
    elif alias == "link":
        target.symlink_to(source)
    else:
        os.link(source, target)
    with pytest.raises(RefusedError, match="one of the sources"):
        write_nifti(volume(), target, overwrite=True, keep=[source])
    assert source.read_bytes() == before


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, ValueError, MemoryError])
def test_an_exception_leaves_the_old_file_and_no_temporary_one(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "a.json"
    path.write_text("old")
    with pytest.raises(error), atomic(path, overwrite=True) as temporary:  # noqa: PT012
        temporary.write_text("half")
        raise error
    assert path.read_text() == "old"
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EDQUOT, "quota"),
        (errno.EROFS, "read-only"),
        (errno.EIO, "Input/output"),
    ],
)
def test_a_failing_disk_is_named_and_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    path = tmp_path / "a.nii"
    path.write_text("old")

    def fail(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(RefusedError, match=words):
        write_nifti(volume(), path, overwrite=True)
    assert path.read_text() == "old"
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("no/such/a.nii", "folder does not exist"),
        ("file/a.nii", "not a folder"),
        ("x" * 300 + ".nii", "too long"),
        ("folder.nii", "in this folder"),
        ("a\0b.nii", "a character that no file has"),
    ],
)
def test_a_place_where_nothing_can_be_written_is_named(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder.nii").mkdir()
    with pytest.raises(RefusedError, match=words):
        write_nifti(volume(), tmp_path / name)


def test_a_real_full_disk_is_named(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    path = tmp_path / "a.nii"
    with pytest.raises(RefusedError, match="disk is full"), atomic(path) as temporary:  # noqa: PT012
        temporary.symlink_to("/dev/full")
        with temporary.open("wb") as file:
            file.write(bytes(100_000))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_locked_folder_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(RefusedError, match="no permission"):
        write_nifti(volume(), tmp_path / "a.nii")


def test_names_with_spaces_umlauts_and_a_length_of_255_work(tmp_path: Path) -> None:
    for name in ("a b.nii.gz", "ä猫.nii", "x" * 251 + ".nii"):
        write_nifti(volume(), tmp_path / name)
        assert read_nifti(tmp_path / name).shape == (7, 6, 5)


def test_new_files_have_the_usual_rights(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    write_nifti(volume(), tmp_path / "a.nii")
    assert (tmp_path / "a.nii").stat().st_mode == (tmp_path / "usual").stat().st_mode


@pytest.mark.skipif(sys.platform == "win32", reason="needs processes that fork, for speed")
def test_a_killed_writer_never_leaves_half_a_file(tmp_path: Path) -> None:
    path, context = tmp_path / "a.json", get_context("fork")
    for attempt in range(10):
        writer = context.Process(target=write_for_ever, args=(path, begun := context.Event()))
        writer.start()
        assert begun.wait(60)
        time.sleep(0.02 * (attempt + 1))
        writer.kill()
        writer.join()
        if path.exists():
            assert len(json.loads(path.read_text())["x"]) == 1_000_000


@pytest.mark.parametrize(
    ("number", "words"), [(32, "it is in use, so"), (5, "it is in use, or you have no permission")]
)
def test_a_table_that_is_open_in_excel_is_not_called_a_lack_of_permission_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    path = tmp_path / "lesions.tsv"
    path.write_text("former")
    held(monkeypatch, number, times=1000)
    with pytest.raises(RefusedError, match=rf"^Close the program that has it open.*: {words}.*lesions\.tsv$"):  # noqa: SIM117
        with atomic(path, overwrite=True) as temporary:
            temporary.write_text("new")
    assert path.read_text() == "former"
    assert leftovers(tmp_path) == []


def test_of_several_files_of_which_one_is_open_in_another_program_all_former_ones_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [tmp_path / "fused.nii", tmp_path / "fused.json"]
    for path in paths:
        path.write_text("former")
    monkeypatch.setattr(time, "sleep", lambda _: None)
    rename = Path.replace

    def replace(path: Path, target: Path) -> Path:
        if path == paths[0]:
            raise of_windows(5, errno.EACCES)
        return rename(path, target)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(RefusedError, match=r"^Close the program"), together(paths, overwrite=True) as temporary:  # noqa: PT012
        for one in temporary.values():
            one.write_text("new")
    assert [path.read_text() for path in paths] == ["former", "former"]
    assert leftovers(tmp_path) == []


def test_a_path_that_is_too_long_for_windows_is_not_called_a_folder_that_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def touch(_path: Path) -> None:
        raise of_windows(3, errno.ENOENT)

    monkeypatch.setattr(Path, "touch", touch)
    with pytest.raises(RefusedError, match=r"^Choose a folder nearer to the disk: its path is longer than the 260"):  # noqa: SIM117
        with atomic(tmp_path / "a.json"):
            pass
