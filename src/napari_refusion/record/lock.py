"""Who writes to a reader's file: one program at a time, found out by a lock that ends with the program."""

import json
import os
import platform
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from napari_refusion.io.write_json import write_json
from napari_refusion.record.database import now


def acquire_lock(database: Path) -> FileLock | None:
    """Return the lock on a database, None where another program has it; who takes it says so beside the database.

    The system frees the lock when its program ends, however it ends. The file of the lock stays.

    Raises
    ------
    OSError, RefusedError
        If nothing can be written beside the database.
    """
    lock = FileLock(database.with_suffix(".lock"), timeout=0, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        return None
    try:
        about = {"computer": platform.node(), "process": os.getpid(), "since": now()}
        write_json(about, _words_file(database), overwrite=True)
    except BaseException:
        lock.release()
        raise
    return lock


def release_lock(database: Path, lock: FileLock) -> None:
    """Free the lock on a database."""
    with suppress(OSError):  # words without a lock mean nothing
        _words_file(database).unlink(missing_ok=True)
    lock.release()


def lock_owner(database: Path) -> str:
    """Return who has the lock on a database, as ``computer X, process 123, since 2026-01-31 12:00 UTC``."""
    try:
        if not _words_file(database).is_file():  # reading a pipe would not end
            return "another program"
        about = json.loads(_words_file(database).read_text(encoding="utf-8"))
        since = str(about["since"])[:16].replace("T", " ")
        return f"computer {about['computer']}, process {about['process']}, since {since} UTC"
    except (OSError, ValueError, KeyError, TypeError):
        return "another program"  # which has only just begun, or whose words someone took away


def _words_file(database: Path) -> Path:
    """Return where the holder is named; filelock may empty the file of the lock itself."""
    return database.with_suffix(".holder")
