"""Room for volumes: in memory or in a file, which no caller can tell apart."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from napari_refusion.numerics import room as room_module
from napari_refusion.numerics.room import LARGEST, check_free, room


def test_what_fits_is_an_array_in_memory_and_what_does_not_has_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LARGEST, "0.001")
    small, large = room((10, 5, 5)), room((11, 5, 5))
    assert not isinstance(small, np.memmap)
    assert isinstance(large, np.memmap)


def test_by_itself_it_depends_on_the_memory_that_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(LARGEST, raising=False)
    assert not isinstance(room((4, 4)), np.memmap)
    monkeypatch.setattr(room_module, "SHARE", 0.0)
    assert isinstance(room((4, 4)), np.memmap)


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.bool_])
def test_both_begin_with_zeros_and_keep_what_is_written(dtype: type, monkeypatch: pytest.MonkeyPatch) -> None:
    for megabytes in ("1", "0"):
        monkeypatch.setenv(LARGEST, megabytes)
        data = room((3, 4, 5), dtype)
        assert data.dtype == dtype
        assert data.shape == (3, 4, 5)
        assert not data.any()
        data[1] = 1
        assert data.sum() == 20


def test_the_file_is_gone_with_its_array(tmp_path: Path) -> None:
    code = f"""
import os, tempfile
tempfile.tempdir = {str(tmp_path)!r}
from napari_refusion.numerics.room import room
data = room((100, 100))
data[:] = 1
print(len(os.listdir({str(tmp_path)!r})))
os.kill(os.getpid(), 9)
"""
    environment = {**os.environ, LARGEST: "0"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.strip() in ("0", "1"), done.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_would_take_more_memory_than_is_free_is_told_before_it_does() -> None:
    check_free(1e6)
    with pytest.raises(MemoryError, match=r"^1000000\.0 GB are needed, and \d+\.\d GB are free$"):
        check_free(1e15)


def test_a_full_disk_is_lack_of_memory_and_is_told_before_anything_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_file: int, _size: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setenv(LARGEST, "0")
    monkeypatch.setattr(room_module, "_take", full)
    with pytest.raises(MemoryError, match="fit neither into memory nor into"):
        room((2, 2))
