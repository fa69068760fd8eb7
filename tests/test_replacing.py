import errno
import os
from pathlib import Path

import pytest

from napari_refusion import replacing as replacing_module
from napari_refusion.replacing import rename, replacing
from tests.windows_errors import held


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    with replacing(tmp_path / "a.nii.gz", ".nii.gz") as temporary:
        temporary.write_bytes(b"whole")
        assert names(tmp_path) == [temporary.name]
        assert temporary.name.endswith(".nii.gz")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a.nii.gz": b"whole"}


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, MemoryError])
def test_an_exception_leaves_the_former_file_and_nothing_else(tmp_path: Path, error: type[BaseException]) -> None:
    (tmp_path / "a").write_bytes(b"former")
    with pytest.raises(error), replacing(tmp_path / "a") as temporary:  # noqa: PT012
        temporary.write_bytes(b"half")
        raise error
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"former"}


def test_a_full_disk_leaves_the_former_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (tmp_path / "a").write_bytes(b"former")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"), replacing(tmp_path / "a") as temporary:
        temporary.write_bytes(b"new")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"former"}


def test_a_file_that_appears_meanwhile_is_kept_where_it_must_not_be_replaced(tmp_path: Path) -> None:
    with pytest.raises(FileExistsError), replacing(tmp_path / "a", overwrite=False) as temporary:  # noqa: PT012
        temporary.write_bytes(b"mine")
        (tmp_path / "a").write_bytes(b"another's")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"another's"}


def test_two_writers_do_not_share_a_temporary_name(tmp_path: Path) -> None:
    with replacing(tmp_path / "a") as first, replacing(tmp_path / "a") as second:
        first.write_bytes(b"1")
        second.write_bytes(b"2")
    assert (tmp_path / "a").read_bytes() == b"1", "the outer one finishes last"


@pytest.mark.parametrize("number", [5, 32])
def test_what_a_virus_scanner_of_windows_holds_for_a_moment_gets_its_name_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    (tmp_path / "a").write_bytes(b"former")
    waited = held(monkeypatch, number, times=3)
    with replacing(tmp_path / "a") as temporary:
        temporary.write_bytes(b"new")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"new"}
    assert len(waited) == 3


def test_what_stays_held_is_told_after_two_seconds_at_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"former")
    waited = held(monkeypatch, 5, times=1000)
    with pytest.raises(PermissionError), replacing(tmp_path / "a") as temporary:
        temporary.write_bytes(b"new")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"former"}
    assert 1 < sum(waited) < 2


def test_another_fault_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replacing_module.time, "sleep", lambda _: pytest.fail("it was waited"))
    (tmp_path / "folder").mkdir()
    (tmp_path / "a").write_bytes(b"")
    with pytest.raises(OSError, match="folder"):
        rename(tmp_path / "a", tmp_path / "folder")
