import errno
import os
from pathlib import Path

import pytest

from napari_refusion.replacing import replacing


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
