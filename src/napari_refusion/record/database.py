"""The tables of a reader's file, and how events become rows and rows become events."""

import errno
import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from napari_refusion import __version__
from napari_refusion.io.whole_files import REMEDIES, atomic, remedy_of
from napari_refusion.record.events import START, Event, new_event
from napari_refusion.record.schema import NEWEST, TABLES, schema_text
from napari_refusion.volume.finding import RefusedError, refuse

PATIENCE: Final = 1.0
"""Seconds to wait for another program, a backup for instance, that has locked the file."""

LONGEST_PATH: Final = 500
"""Bytes; SQLite opens no longer path on some systems (512 with its suffixes)."""

EVENT_COLUMNS: Final = ("event_id", "case_id", "run_id", "reader", "utc", "kind", "payload_json", "previous", "hash")

INSERT_EVENT: Final = (
    f"INSERT INTO events ({', '.join(EVENT_COLUMNS)}) SELECT {', '.join('?' * len(EVENT_COLUMNS))} "
    "WHERE NOT EXISTS (SELECT 1 FROM events WHERE event_id = ?)"
)
"""Says the same twice without harm: a commit that was reported as failed may have reached the disk all the same."""

SELECT_EVENTS: Final = f"SELECT {', '.join(EVENT_COLUMNS)} FROM events"

_WORDS: Final[Mapping[int, str]] = {
    sqlite3.SQLITE_FULL: REMEDIES[errno.ENOSPC],
    sqlite3.SQLITE_READONLY: REMEDIES[errno.EACCES],
    sqlite3.SQLITE_CANTOPEN: "it or its folder cannot be opened: check that the disk is connected and writable",
    sqlite3.SQLITE_IOERR: "the disk or the connection to it failed: check it, or choose another place",
    sqlite3.SQLITE_BUSY: "another program has locked it: close that program",
    sqlite3.SQLITE_LOCKED: "another program has locked it: close that program",
    sqlite3.SQLITE_CORRUPT: "it is damaged: open the review again to recover what can be read",
    sqlite3.SQLITE_NOTADB: "it is damaged: open the review again to recover what can be read",
}
"""Primary result code of SQLite -> what is wrong and what to do."""

Statement = tuple[str, tuple[str, ...]]
"""SQL, and the values for its question marks."""


@dataclass(frozen=True, slots=True)
class Records:
    """Everything in a reader's file."""

    events: tuple[Event, ...] = ()
    tables: Mapping[str, Sequence[tuple[Any, ...]]] | None = None
    """Name of a table of `TABLES` -> its rows."""
    version: int = NEWEST
    """Format of the file, see `schema`."""


def now() -> str:
    """Return the time in UTC, ISO 8601 to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def connect(path: Path | str) -> sqlite3.Connection:
    """Return a connection in which every statement is its own transaction unless one is begun."""
    connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def connect_for_writing(path: Path) -> sqlite3.Connection:
    """Return a connection whose commits are on the disk when they return (write-ahead log, each forced to the disk).

    It is exclusive: then SQLite needs no shared memory, which programs on two computers do not share.
    """
    connection = connect(path)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA synchronous = FULL")
        begin_log(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def begin_log(connection: sqlite3.Connection) -> None:
    """Make the write-ahead log, which is there from the first change on."""
    connection.execute("PRAGMA journal_mode = WAL")
    with transaction(connection):  # finds out now whether the file may be written to
        connection.execute("UPDATE meta SET value = value WHERE name = 'schema_version'")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit what is done inside, all of it or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def create_file(path: Path, reader: str) -> None:
    """Write a new database, whole or not at all; its first event says what it is.

    Raises
    ------
    RefusedError
        If it cannot be written, or exists.
    """
    write_database(path, lambda temporary: fill_file(temporary, reader, Records((born(reader),))))


def born(reader: str) -> Event:
    """Return the first event of a new file, which holds what `meta` holds: neither is changed any more."""
    return new_event(START, "", "", reader, "born", {"meta": _about(reader, NEWEST)})


def _about(reader: str, version: int) -> dict[str, str]:
    return {"schema_version": str(version), "reader": reader, "tool_version": __version__}


def all_records(connection: sqlite3.Connection) -> Records:
    """Return everything in a sound database."""
    rows = {name: connection.execute(f"SELECT {', '.join(TABLES[name])} FROM {name}").fetchall() for name in TABLES}
    [version] = connection.execute("SELECT value FROM meta WHERE name = 'schema_version'").fetchone()
    return Records(tuple(map(event_of, connection.execute(f"{SELECT_EVENTS} ORDER BY seq"))), rows, int(version))


def write_database(
    path: Path, write: Callable[[Path], None], overwrite: bool = False, keep: Path | None = None
) -> None:
    """Let `write` make a database at a temporary path, then give it its name; errors of SQLite become refusals."""
    with atomic(path, overwrite, [keep] if keep else []) as temporary:
        try:
            write(temporary)
        except sqlite3.Error as error:
            raise unwritten(error, path) from error


def fill_file(path: Path, reader: str, records: Records, more: Iterable[Statement] = ()) -> None:
    """Make a database at a path where nothing is yet, see `fill`, and execute some more statements."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = MEMORY")  # no second file: half of this one is never seen
        fill(connection, reader, records)
        for statement, values in more:
            connection.execute(statement, values)


def fill(connection: sqlite3.Connection, reader: str, records: Records) -> None:
    """Make the tables in an empty database, and put some records in.

    References are not checked, and what fits no table is left out, beside the events: of a damaged file, some records
    may be missing that others refer to.
    """
    connection.executescript(f"BEGIN; {schema_text(records.version)}")
    told = [event.payload["meta"] for event in records.events[:1] if event.kind == "born"]
    about = told[0] if told else _about(reader, records.version)
    connection.executemany("INSERT INTO meta VALUES (?, ?)", about.items())
    for table, rows in (records.tables or {}).items():
        connection.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({', '.join('?' * len(TABLES[table]))})", rows)
    connection.executemany(INSERT_EVENT, [event_row(event) for event in records.events])
    connection.execute("COMMIT")


def event_row(event: Event) -> tuple[str, ...]:
    """Return the values of `INSERT_EVENT`."""
    return (*(str(getattr(event, name)) for name in EVENT_COLUMNS[:6]), *_rest(event), event.event_id)


def _rest(event: Event) -> tuple[str, str, str]:
    return json.dumps(dict(event.payload), allow_nan=False), event.previous, event.hash


def event_of(row: Sequence[Any]) -> Event:
    """Return the event of a row of `SELECT_EVENTS`.

    Raises
    ------
    ValueError
        If the row holds something else.
    """
    if not all(isinstance(value, str) for value in row):
        raise ValueError("An event must consist of texts.")
    event_id, case_id, run_id, reader, utc, kind, payload, previous, found = row
    content = json.loads(payload)
    if not isinstance(content, dict):
        raise ValueError("The payload of an event must have names and values.")
    return Event(event_id, case_id, run_id, reader, utc, kind, content, previous, found)


def unwritten(error: sqlite3.Error | OSError, path: Path, more: str = "") -> RefusedError:
    """Return the refusal for a database that could not be written, `more` added to its sentence."""
    return refuse("review", f"{path.name} cannot be written: {_words(error, path)}.{more}", path.name)


def _words(error: sqlite3.Error | OSError, path: Path) -> str:
    """Return what is wrong, and what to do."""
    if isinstance(error, OSError):
        return remedy_of(error, path)
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the higher bits only tell details
    if code == sqlite3.SQLITE_CANTOPEN and len(os.fsencode(path)) > LONGEST_PATH:
        return "its path is too long: choose another place"
    return _WORDS.get(code, f"{error}: choose another place")
