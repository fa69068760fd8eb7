"""Looking into a reader's file before it is used, and recovering what can be read of a damaged one.

It is inspected in a copy, since SQLite changes a file that it opens after a crash, and since a file that another
program writes to, perhaps on another computer, cannot be shared safely.
"""

import json
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Literal

from napari_refusion.io.write import atomic
from napari_refusion.record.database import (
    SCHEMA_VERSION,
    SELECT_EVENTS,
    TABLES,
    Records,
    event_of,
    fill_file,
    write_database,
)
from napari_refusion.record.events import Event, first_broken
from napari_refusion.volume.finding import Finding, refuse

LOG: Final = "-wal"
"""What SQLite adds to a file's name for its write-ahead log."""

_ATTEMPTS: Final = 5
"""A file that another program writes to is copied again if it changed meanwhile."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """What is in a reader's file."""

    state: Literal["sound", "damaged", "altered"]
    """``damaged``: no sound database, by a failing disk for instance. ``altered``: a sound database whose events are
    not those that were recorded."""
    records: Records
    """All of it, or what can be read and trusted: the events before the first that is broken."""
    finding: Finding | None = None
    """What is wrong with an altered file."""


def inspect(path: Path, reader: str) -> Inspection:
    """Return what is in a file, which is not touched.

    Raises
    ------
    RefusedError
        If it cannot be read, or was written by a newer version.
    """
    with TemporaryDirectory(prefix="refusion-") as folder:
        try:
            copy = _copied(path, Path(folder))
        except OSError as error:
            raise refuse("review", f"{path.name} cannot be read: {error.strerror or error}.", path.name) from error
        with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
            connection.text_factory = lambda text: text.decode("utf-8", "replace")
            return _inspected(connection, path, reader)


def recover(path: Path, reader: str, records: Records) -> Finding:
    """Return what was done: the damaged file copied as it is, and a new one with what could be read in its place.

    Raises
    ------
    RefusedError
        If either cannot be written.
    """
    when = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    aside = path.with_name(f"{reader}.damaged-{when}.sqlite")
    for ending in ("", LOG):
        if _beside(path, ending).exists():
            with atomic(_beside(aside, ending)) as temporary:
                shutil.copyfile(_beside(path, ending), temporary)

    def write(temporary: Path) -> None:
        fill_file(temporary, reader, records)
        # Before the new file has its name: SQLite would apply the old log to it.
        for ending in (LOG, "-shm"):
            _beside(path, ending).unlink(missing_ok=True)

    write_database(path, write, overwrite=True)
    count = len(records.events)
    kept = f"{count} event{'' if count == 1 else 's'} could be recovered" if count else "No event could be recovered"
    sentence = f"{path.name} was damaged. {kept}; the damaged file is kept as {aside.name}. Check the last slices."
    return Finding("warn", "damaged review", sentence, f"{count} recovered")


def _copied(path: Path, folder: Path) -> Path:
    """Return the copy of a database and its log in a folder, taken while neither changed if that can be had."""
    copy = folder / "copy.sqlite"
    for _ in range(_ATTEMPTS):
        before = _stamp(path)
        shutil.copyfile(path, copy)
        log = _beside(copy, LOG)
        log.unlink(missing_ok=True)
        if _beside(path, LOG).exists():
            shutil.copyfile(_beside(path, LOG), log)
        if _stamp(path) == before:
            break
    return copy


def _stamp(path: Path) -> list[tuple[int, int] | None]:
    """Return sizes and times of a database and its log."""
    files = [_beside(path, ending) for ending in ("", LOG)]
    return [(file.stat().st_size, file.stat().st_mtime_ns) if file.exists() else None for file in files]


def _beside(path: Path, ending: str) -> Path:
    """Return the path of one of the files that belong to a database."""
    return path.with_name(path.name + ending)


def _inspected(connection: sqlite3.Connection, path: Path, reader: str) -> Inspection:
    """Return what is in the copy of a file."""
    about = _about(connection)
    version = about.get("schema_version", "")
    if version.isdecimal() and int(version) > SCHEMA_VERSION:
        sentence = f"{path.name} was written by a newer version ({about.get('tool_version', '')}): update this program."
        raise refuse("review", sentence, version)
    events, is_whole = _events(connection)
    broken = first_broken(events)
    records = Records(tuple(events[:broken]), {table: _rows(connection, table) for table in TABLES})
    if not _is_sound(connection) or version != str(SCHEMA_VERSION):
        return Inspection("damaged", records)
    if broken is None and not is_whole:
        broken = len(events)
    if broken is not None:
        sentence = (
            f"Event {broken + 1} in {path.name} is not as it was recorded: another program changed the file, or the "
            "disk is failing. Earlier events can be read, nothing can be added: restore a copy of the file, or choose "
            "another reader name."
        )
        return _altered(records, sentence, f"event {broken + 1}")
    if (missing := _recorded(connection) - len(events)) > 0:
        sentence = (
            f"{path.name} holds {len(events)} events, but {len(events) + missing} were recorded: the others "
            f"were removed. Nothing can be added: restore a copy of the file, or choose another reader name."
        )
        return _altered(records, sentence, f"{missing} missing")
    if about.get("reader") != reader:
        sentence = f"{path.name} belongs to the reader {about.get('reader')}: restore its file name. It is read-only."
        return _altered(records, sentence, about.get("reader", ""))
    return Inspection("sound", records)


def _altered(records: Records, sentence: str, value: str) -> Inspection:
    return Inspection("altered", records, Finding("block", "altered review", sentence, value))


def _about(connection: sqlite3.Connection) -> Mapping[str, str]:
    """Return what a database says about itself; nothing where it cannot be read."""
    try:
        return {str(name): str(value) for name, value in connection.execute("SELECT name, value FROM meta")}
    except sqlite3.DatabaseError:
        return {}


def _is_sound(connection: sqlite3.Connection) -> bool:
    """Return whether SQLite finds no fault in the structure of a database."""
    try:
        return bool(connection.execute("PRAGMA quick_check").fetchall() == [("ok",)])
    except sqlite3.DatabaseError:
        return False


def _events(connection: sqlite3.Connection) -> tuple[list[Event], bool]:
    """Return the events up to the first that cannot be read, and whether these are all."""
    events: list[Event] = []
    try:
        for row in connection.execute(f"{SELECT_EVENTS} ORDER BY seq"):
            events.append(event_of(row))
    except (sqlite3.DatabaseError, ValueError):
        return events, False
    return events, True


def _rows(connection: sqlite3.Connection, table: str) -> list[tuple[Any, ...]]:
    """Return the rows of a table, as far as they can be read."""
    rows: list[tuple[Any, ...]] = []
    holds_json = [column.endswith("_json") for column in TABLES[table]]
    try:
        for row in connection.execute(f"SELECT {', '.join(TABLES[table])} FROM {table}"):
            if all(_is_json(value) for value, should in zip(row, holds_json, strict=True) if should):
                rows.append(row)
    except sqlite3.DatabaseError:
        return rows
    return rows


def _is_json(value: object) -> bool:
    try:
        return isinstance(value, str) and isinstance(json.loads(value), dict)
    except ValueError:
        return False


def _recorded(connection: sqlite3.Connection) -> int:
    """Return how many events were ever recorded: SQLite counts them apart from the events."""
    found = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'events'").fetchone()
    return int(found[0]) if found else 0
