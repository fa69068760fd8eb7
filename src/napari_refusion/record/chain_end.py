"""The end of a reader's chain: what is added there waits, and counts, until it is on the disk."""

import os
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from napari_refusion.record.copies import LOG, beside
from napari_refusion.record.database import INSERT_EVENT, Statement, begin_log, event_row, transaction, unwritten
from napari_refusion.record.events import START, Event, Kind, new_event
from napari_refusion.record.opening import Opened
from napari_refusion.record.schema import TABLES
from napari_refusion.volume.finding import refuse

KEPT: Final = " What is recorded is kept in memory until it can be written; it can also be saved elsewhere."
"""Said beside why something cannot be written, as long as the file is open."""

_PUT: Final[Mapping[str, str]] = {
    "cases": "INSERT INTO cases VALUES (?, ?, ?) ON CONFLICT(case_id) DO UPDATE SET record_json = excluded.record_json",
    "runs": "INSERT INTO runs VALUES (?, ?, ?, ?) ON CONFLICT(run_id) DO NOTHING",
    "examinations": (
        "INSERT INTO examinations VALUES (?, ?) ON CONFLICT(run_id) DO UPDATE SET content_json = excluded.content_json"
    ),
}
"""Table beside the events -> how to put a row."""

TableRow = tuple[str, tuple[str, ...]]
"""A table beside the events, and the values of a row of it."""


@dataclass(frozen=True, slots=True)
class _Writing:
    """An event that is to be written, in one transaction with the row that it seals."""

    event: Event
    row: TableRow | None

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Return what is to be executed."""
        put = [(_PUT[self.row[0]], self.row[1])] if self.row else []
        return (*put, (INSERT_EVENT, event_row(self.event)))


class ChainEnd:
    """Where events are added to an open file, in order, each written whole with the row that it seals or not at all."""

    def __init__(self, path: Path, reader: str, opened: Opened) -> None:
        self.connection = opened.connection
        self._path = path
        self._reader = reader
        self.only_read_because = opened.only_read_because
        """Why nothing can be added here, in one or two sentences; empty where it can."""
        self._lock_owner = opened.lock_owner
        self._inode, self._log = _inode(path), _inode(beside(path, LOG))
        self._waiting: list[_Writing] = []
        newest = opened.connection.execute("SELECT hash FROM events ORDER BY seq DESC LIMIT 1").fetchone()
        self.head: str = newest[0] if newest else START
        """Hash of the newest event, `events.START` where there is none."""

    @property
    def is_read_only(self) -> bool:
        """Return whether nothing can be added."""
        return bool(self.only_read_because)

    @property
    def waiting(self) -> tuple[Event, ...]:
        """Return the events that are not written yet, oldest first."""
        return tuple(one.event for one in self._waiting)

    @property
    def statements(self) -> list[Statement]:
        """Return what writes all that waits."""
        return [statement for one in self._waiting for statement in one.statements]

    def check_writable(self) -> None:
        """Refuse where the file can only be read."""
        if self.is_read_only:
            raise refuse("review", f"{self.only_read_because} Nothing you do is recorded.", self._lock_owner)

    def add(
        self, case_id: str, run_id: str, kind: Kind, payload: Mapping[str, Any], row: TableRow | None = None
    ) -> Event:
        """Return a new event that waits to be written, with the row that it seals.

        Raises
        ------
        RefusedError
            If the file can only be read.
        ValueError
            If the payload holds something that JSON cannot.
        """
        self.check_writable()
        event = new_event(self.head, case_id, run_id, self._reader, kind, payload)
        self._waiting.append(_Writing(event, row))
        self.head = event.hash
        return event

    def row(self, table: str, key: str) -> tuple[str, ...] | None:
        """Return a row by its key, also one that could not be written yet; None where there is none."""
        for one in reversed(self._waiting):
            if one.row and one.row[0] == table and one.row[1][0] == key:
                return one.row[1]
        statement = f"SELECT * FROM {table} WHERE {TABLES[table][0]} = ?"
        return self.connection.execute(statement, (key,)).fetchone()

    def write(self) -> None:
        """Write what waits, each event in a transaction of its own; what was written waits no longer.

        Raises
        ------
        RefusedError
            If it cannot be written, or if the file was taken away.
        """
        try:
            while self._waiting:
                self._check_place()
                with transaction(self.connection):
                    for statement, values in self._waiting[0].statements:
                        self.connection.execute(statement, values)
                del self._waiting[0]
        except sqlite3.ProgrammingError:
            raise
        except (sqlite3.Error, OSError) as error:
            raise unwritten(error, self._path, KEPT) from error

    def give_up(self) -> None:
        """Forget what could not be written."""
        self._waiting.clear()

    def _check_place(self) -> None:
        """Refuse to write to a file that was taken away: it would be gone with the program."""
        if _inode(self._path) != self._inode:
            sentence = f"{self._path.name} was moved or deleted while it was open: put it back.{KEPT}"
            raise refuse("review", sentence, self._path.name)
        if _inode(beside(self._path, LOG)) != self._log:
            self._begin_log()

    def _begin_log(self) -> None:
        """Go on in a new log: the one before was taken away, and what is written to it is gone with the program.

        Whatever uses SQLite (a viewer of databases, a backup) takes the log away when it closes a file that nobody
        seems to use, after it has put what is in it into the file. That this program uses it is not seen any more once
        it has looked into the file: POSIX drops the locks of a process with the first descriptor that it closes.
        """
        self.connection.execute("PRAGMA journal_mode = DELETE")
        begin_log(self.connection)
        self._log = _inode(beside(self._path, LOG))


def _inode(path: Path) -> int | None:
    """Return which file a path names, None for none; 0 on Windows, where an open file cannot be taken away."""
    if os.name == "nt":
        return 0
    try:
        return path.stat().st_ino
    except OSError:
        return None
