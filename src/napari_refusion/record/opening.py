"""Opening a reader's file: to write where that can be done, to read otherwise, and never two programs to write."""

import sqlite3
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from napari_refusion.record.database import (
    Records,
    connect,
    connect_for_writing,
    create_file,
    fill,
    unwritten,
)
from napari_refusion.record.inspection import inspect
from napari_refusion.record.lock import acquire_lock, lock_owner, release_lock
from napari_refusion.record.recover import count_acts, recover
from napari_refusion.volume.finding import Finding, RefusedError

if TYPE_CHECKING:
    from filelock import FileLock


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that was opened."""

    connection: sqlite3.Connection
    findings: tuple[Finding, ...] = ()
    """What was noticed."""
    lock: "FileLock | None" = None
    """None where the file is only read."""
    lock_owner: str = ""
    """Which other program writes to it."""
    only_read_because: str = ""
    """One or two sentences; empty where it is written to."""


def open_to_write(path: Path, reader: str) -> Opened:
    """Return a file opened to be written to, made or recovered if need be; to be read where writing is not possible.

    Raises
    ------
    RefusedError
        If it is not there and cannot be made, if it cannot be read, or if a newer version wrote it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = acquire_lock(path)
    except (OSError, RefusedError) as error:
        return _after_failure(path, reader, error)
    if lock is None:
        holds = lock_owner(path)
        sentence = (
            f"The review of {reader} is open elsewhere ({holds}), so it is read-only here. To continue here, close it "
            f"there and open it again."
        )
        return open_to_read(path, reader, sentence, (Finding("warn", "open elsewhere", sentence, holds),), holds)
    try:
        opened = _open_alone(path, reader, lock)
    except BaseException as error:
        release_lock(path, lock)
        if isinstance(error, (OSError, sqlite3.Error)):
            return _after_failure(path, reader, error)
        raise
    if opened.lock is None:
        release_lock(path, lock)
    return opened


def open_to_read(
    path: Path, reader: str, because: str, findings: tuple[Finding, ...] = (), lock_owner: str = ""
) -> Opened:
    """Return a file as it is now, in memory; empty where it is not there.

    Raises
    ------
    RefusedError
        If it cannot be read, or if a newer version wrote it.
    """
    if not path.exists():
        return Opened(_in_memory(reader, Records()), findings, None, lock_owner, because)
    found = inspect(path, reader)
    if found.finding:
        findings = (*findings, found.finding)
    if found.state == "damaged":
        opened = _damaged(path, reader, found.records, because)
        return replace(opened, findings=(*findings, *opened.findings), lock_owner=lock_owner, only_read_because=because)
    return Opened(_in_memory(reader, found.records), findings, None, lock_owner, because)


def _open_alone(path: Path, reader: str, lock: "FileLock") -> Opened:
    """Return a file that no other program writes to."""
    findings: tuple[Finding, ...] = ()
    if not path.exists():
        create_file(path, reader)
    else:
        found = inspect(path, reader)
        if found.finding:
            sentence = found.finding.sentence
            return Opened(_in_memory(reader, found.records), (found.finding,), only_read_because=sentence)
        if found.state == "damaged":
            try:
                findings = (recover(path, reader, found.records),)
            except RefusedError as error:
                return _damaged(path, reader, found.records, str(error))
    return Opened(connect_for_writing(path), findings, lock)


def _damaged(path: Path, reader: str, records: Records, why: str) -> Opened:
    """Return what can be read of a damaged file that stays as it is."""
    count = count_acts(records)
    sentence = f"{path.name} is damaged: {count} event{'' if count == 1 else 's'} of it can be read. {why}"
    found = Finding("warn", "damaged review", sentence, f"{count} readable")
    return Opened(_in_memory(reader, records), (found,), only_read_because=sentence)


def _after_failure(path: Path, reader: str, error: Exception) -> Opened:
    """Return a file that can only be read because it cannot be written to."""
    why = error if isinstance(error, RefusedError) else unwritten(error, path)  # type: ignore[arg-type]
    try:
        is_there = path.exists()
    except OSError:  # its name is too long, for instance
        is_there = False
    if not is_there:
        raise why from error
    sentence = f"{why} The review of {reader} is read-only."
    return open_to_read(path, reader, sentence, (Finding("warn", "read only", sentence),))


def _in_memory(reader: str, records: Records) -> sqlite3.Connection:
    connection = connect(":memory:")
    connection.execute("PRAGMA foreign_keys = OFF")  # of a damaged file, some records may be missing
    fill(connection, reader, records)
    return connection
