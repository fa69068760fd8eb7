"""Copies of a reader's file to look into: SQLite changes a file that it opens after a crash.

A file that another program writes to, perhaps on another computer, cannot be shared safely either.
"""

import errno
import shutil
from pathlib import Path
from typing import Final

LOG: Final = "-wal"
"""What SQLite adds to a file's name for its write-ahead log."""

_ATTEMPTS: Final = 5
"""A file that another program writes to is copied again if it changed meanwhile."""


def beside(path: Path, ending: str) -> Path:
    """Return the path of one of the files that belong to a database."""
    return path.with_name(path.name + ending)


def copied(path: Path, folder: Path) -> Path:
    """Return the copy of a database and its log in a folder, taken while neither changed if that can be had.

    Raises
    ------
    OSError
        If they cannot be read, or are no files: a device would be copied for ever.
    """
    for part in (path, beside(path, LOG)):
        if part.exists() and not part.is_file():
            raise OSError(errno.EINVAL, f"{part.name} is not a file")
    copy = folder / "copy.sqlite"
    for _ in range(_ATTEMPTS):
        before = _stamp(path)
        shutil.copyfile(path, copy)
        log = beside(copy, LOG)
        log.unlink(missing_ok=True)
        if beside(path, LOG).exists():
            shutil.copyfile(beside(path, LOG), log)
        if _stamp(path) == before:
            break
    return copy


def _stamp(path: Path) -> list[tuple[int, int] | None]:
    """Return sizes and times of a database and its log."""
    files = [beside(path, ending) for ending in ("", LOG)]
    return [(file.stat().st_size, file.stat().st_mtime_ns) if file.exists() else None for file in files]
