"""What Windows says where a file is open in another program, as Python passes it on."""

import errno
import os
from pathlib import Path

import pytest

from napari_refusion import replacing


def of_windows(number: int, code: int) -> OSError:
    """Return an error of Windows by its number and the system's number that Python gives it."""
    error = OSError(code, os.strerror(code))
    error.winerror = number  # type: ignore[attr-defined]  # elsewhere errors have none
    return error


def held(monkeypatch: pytest.MonkeyPatch, number: int, times: int) -> list[float]:
    """Let the first renamings fail as on Windows; return how long was waited between them, as it comes."""
    waited: list[float] = []
    left, rename = [times], Path.replace

    def replace(path: Path, target: Path) -> Path:
        if left[0]:
            left[0] -= 1
            raise of_windows(number, errno.EACCES)
        return rename(path, target)

    monkeypatch.setattr(Path, "replace", replace)
    monkeypatch.setattr(replacing.time, "sleep", waited.append)
    return waited
