"""What one reader recorded in a project, in one file that only this reader's program writes to."""

import json
import os
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import nullcontext, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from napari_refusion.record.database import (
    INSERT_EVENT,
    SELECT_EVENTS,
    Statement,
    all_records,
    event_of,
    event_row,
    fill_file,
    now,
    transaction,
    unwritten,
    write_database,
)
from napari_refusion.record.events import BOOKKEEPING, START, Event, Kind, new_event
from napari_refusion.record.lock import release_lock
from napari_refusion.record.merging import Placed, acts, wrapped
from napari_refusion.record.opening import Opened, open_to_read, open_to_write
from napari_refusion.record.roster import (
    Head,
    check_spelling,
    database_path,
    enrol,
    heads_beside,
    known_hashes,
    mark_open,
    write_head,
)
from napari_refusion.record.schema import TABLES
from napari_refusion.record.seals import seal_of, seals
from napari_refusion.record.signing import signature
from napari_refusion.record.witness import Told, news_of_others, others_now, payload_of, readers_told
from napari_refusion.volume.finding import Finding, RefusedError, blocking, refuse

if TYPE_CHECKING:
    from napari_refusion.record.run import Run

_KEPT: Final = " What is recorded is kept in memory until it can be written; it can also be saved elsewhere."

_PUT: Final[Mapping[str, str]] = {
    "cases": "INSERT INTO cases VALUES (?, ?, ?) ON CONFLICT(case_id) DO UPDATE SET record_json = excluded.record_json",
    "runs": "INSERT INTO runs VALUES (?, ?, ?, ?) ON CONFLICT(run_id) DO NOTHING",
    "examinations": (
        "INSERT INTO examinations VALUES (?, ?) ON CONFLICT(run_id) DO UPDATE SET content_json = excluded.content_json"
    ),
}
"""Table beside the events -> how to put a row."""

_BOOKKEEPING: Final = f"{SELECT_EVENTS} WHERE kind IN ('record', 'recover', 'merge', 'readers') ORDER BY seq"

_LEFT_AT: Final = (
    "SELECT kind, payload_json FROM events WHERE case_id = ? AND kind IN ('seen', 'again') ORDER BY seq DESC LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class _Writing:
    """An event that is to be written, in one transaction with the row that it seals."""

    event: Event
    row: Statement | None = None

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Return what is to be executed."""
        return (*([self.row] if self.row else []), (INSERT_EVENT, event_row(self.event)))


class Store:
    """A reader's file: events that are only ever added, and beside them what they refer to.

    `append` returns when the event is on the disk. Whatever could not be written waits, counts all the same, and is
    written by the next `append`, by `close` or by `save_elsewhere`. To be used in the thread that opened it.
    """

    def __init__(self, path: Path, reader: str, opened: Opened) -> None:
        self.path = path
        self.reader = reader
        self.findings = opened.findings
        """What was noticed at opening; after a blocking one the file must not be relied upon."""
        self.lock_owner = opened.lock_owner
        """Which program writes to the file, where it is another one; empty otherwise."""
        self._connection = opened.connection
        self._lock = opened.lock
        self._only_read_because = opened.only_read_because
        self._inode = _inode(path)
        self._waiting: list[_Writing] = []
        newest = opened.connection.execute("SELECT hash FROM events ORDER BY seq DESC LIMIT 1").fetchone()
        self._head: str = newest[0] if newest else START
        kept = [event_of(row) for row in opened.connection.execute(_BOOKKEEPING)]
        self._seals = seals(kept)
        self._is_merged = any(event.kind == "merge" for event in kept)
        self._told: Told = readers_told(kept)

    @classmethod
    def open(cls, folder: Path, reader: str, read_only: bool = False) -> Self:
        """Return a reader's store, made if it is not there yet.

        It can only be read where another program writes to it, where nothing can be written, and where its events are
        not those that were recorded: it then shows the file as it is now. A damaged file is copied aside and replaced
        by one with all events that could be recovered; `findings` says so.

        Parameters
        ----------
        folder
            Of the project.
        reader
            What the reader calls himself or herself; it is not checked. See `names.check_reader`.
        read_only
            To look at another reader's file, which stays open to be written to.

        Raises
        ------
        RefusedError
            If the name is none or that of another reader but for capitals, if the file cannot be made or read, or was
            written by a newer version.
        """
        path = database_path(folder, reader)
        if read_only:
            return cls(path, reader, open_to_read(path, reader, f"The review of {reader} was opened read-only."))
        check_spelling(folder.absolute(), reader)
        store = cls(path, reader, open_to_write(path, reader))
        if not store.is_read_only:
            store.findings = store.findings or store._shortened()
            roster = enrol(folder, reader, store.first_hash)
            mark_open(path)
            store._tell_of_others(roster)
        return store

    @property
    def is_read_only(self) -> bool:
        """Return whether nothing can be recorded here."""
        return bool(self._only_read_because)

    @property
    def only_read_because(self) -> str:
        """Return why nothing can be recorded here, in one or two sentences; empty where it can."""
        return self._only_read_because

    @property
    def first_hash(self) -> str:
        """Return the hash of the first event that is in the file, `events.START` where there is none."""
        first = self._connection.execute("SELECT hash FROM events ORDER BY seq LIMIT 1").fetchone()
        return first[0] if first else START

    @property
    def chain_head(self) -> str:
        """Return the hash of the newest event, `events.START` where there is none."""
        return self._head

    @property
    def unsaved(self) -> tuple[Event, ...]:
        """Return what the reader did that could not be written yet, oldest first."""
        return tuple(one.event for one in self._waiting if one.event.kind not in BOOKKEEPING)

    def append(self, case_id: str, run_id: str, kind: Kind, payload: Mapping[str, Any]) -> Event:
        """Return a new event; it is on the disk then.

        Raises
        ------
        RefusedError
            If the store can only be read: then there is no event. If it cannot be written: then there is one all the
            same, see `unsaved`.
        ValueError
            If the payload holds something that JSON cannot.
        """
        self._check_writable()
        event = new_event(self._head, case_id, run_id, self.reader, kind, payload)
        self._queue(_Writing(event))
        self._write_waiting()
        return event

    def chain(self) -> tuple[Event, ...]:
        """Return all events as they are in the file, `BOOKKEEPING` among them, with those not written yet."""
        rows = self._connection.execute(f"{SELECT_EVENTS} ORDER BY seq")
        return (*map(event_of, rows), *(one.event for one in self._waiting))

    def events(self, case_id: str) -> tuple[Event, ...]:
        """Return what the reader did in a case, oldest first, with what could not be written yet."""
        if self._is_merged:
            return tuple(event for event in self.all_events() if event.case_id == case_id)
        rows = self._connection.execute(f"{SELECT_EVENTS} WHERE case_id = ? ORDER BY seq", (case_id,))
        return (*map(event_of, rows), *(event for event in self.unsaved if event.case_id == case_id))

    def all_events(self) -> tuple[Event, ...]:
        """Return everything that the reader did, oldest first, with what could not be written yet."""
        return acts(self.chain())

    def remember_case(self, case_id: str, record: Mapping[str, Any]) -> None:
        """Keep what a case is, in place of what was kept before.

        Where the disk refuses, this and all other records wait for the next `append`, which tells.
        """
        self._check_writable()
        known = self._row("cases", case_id)
        self._seal("cases", (case_id, known[1] if known else now(), _text(record)))

    def remember_run(self, run: "Run") -> None:
        """Keep what a fusion was made of; that never changes, since its identity follows from it."""
        self._check_writable()
        if self._row("cases", run.case_id) is None:
            self.remember_case(run.case_id, {})
        known = self._row("runs", run.run_id)
        self._seal("runs", known or (run.run_id, run.case_id, _text(asdict(run)), now()))

    def remember_examination(self, run_id: str, content: Mapping[str, Any]) -> None:
        """Keep what the examination of a remembered fusion found, in place of what was kept before."""
        self._check_writable()
        if self._row("runs", run_id) is None:
            raise ValueError(f"Record the case or the run first: {run_id} is not known here.")
        self._seal("examinations", (run_id, _text(content)))

    def cases(self) -> dict[str, dict[str, Any]]:
        """Return identities of cases -> what was kept of them, in the order in which they came."""
        rows = self._connection.execute("SELECT case_id, record_json FROM cases ORDER BY created_utc, rowid")
        return {case_id: json.loads(record) for case_id, record in rows}

    def run(self, run_id: str) -> dict[str, Any]:
        """Return the plain values of a remembered fusion, see `run.Run`; nothing of one that is not known."""
        row = self._row("runs", run_id)
        return json.loads(row[2]) if row else {}

    def examination(self, run_id: str) -> dict[str, Any] | None:
        """Return what the examination of a fusion found, None where none was kept."""
        row = self._row("examinations", run_id)
        return json.loads(row[1]) if row else None

    def view(self, case_id: str) -> dict[str, Any] | None:
        """Return how a case was viewed last, ``{"axis", "index"}``, None where no slice was seen yet."""
        found = self._connection.execute(_LEFT_AT, (case_id,)).fetchone()
        if found is None or found[0] == "again":
            return None
        return {name: json.loads(found[1])[name] for name in ("axis", "index")}

    def sign(self, key: Path, public: str = "") -> str:
        """Sign everything up to here with the private key in a file, see `signing`, and return the public key.

        Parameters
        ----------
        public
            The key that it must be; empty for any.

        Raises
        ------
        RefusedError
            If there is no such key, or see `append`.
        """
        self._check_writable()
        payload = signature(key, self.reader, self.chain())
        if public and payload["key"] != public:
            sentence = f"{self.reader} signs with the key {public[:12]}, and {key.name} is another one: use that key."
            raise refuse("review", sentence, payload["key"][:12])
        self.append("", "", "sign", payload)
        return payload["key"]

    def adopt(self, table: str, row: tuple[str, ...]) -> None:
        """Keep a row of the same reader's file on another computer, unless there is one of that key."""
        self._check_writable()
        if self._row(table, row[0]) is None:
            self._seal(table, row)

    def tell_of_files(self, hashes: Mapping[Path, str]) -> None:
        """Record the SHA-256 of files outside of the record that say what is in it; see `append` for what it raises."""
        self.append("", "", "files", payload_of(hashes))

    def take_over(self, one: Placed) -> None:
        """Record an event of the same reader on another computer, as it is; see `append` for what it raises."""
        event = one[2]
        self._is_merged = True
        self.append(event.case_id, event.run_id, "merge", wrapped(one))

    def save_elsewhere(self, path: Path) -> None:
        """Write everything, with what could not be written so far, to a file that is not there yet.

        As ``reviews/<reader>.sqlite`` in the folder of a project, it is that reader's store there.

        Raises
        ------
        RefusedError
            If that cannot be written either.
        """

        def write(temporary: Path) -> None:
            waiting = [statement for one in self._waiting for statement in one.statements]
            fill_file(temporary, self.reader, all_records(self._connection), waiting)

        write_database(path.absolute(), write, keep=self.path)

    def close(self, discard: bool = False) -> None:
        """Write what is waiting, and let other programs write to the file.

        Parameters
        ----------
        discard
            Whether to close even if something cannot be written, which is lost then if it was not saved elsewhere.

        Raises
        ------
        RefusedError
            If something cannot be written; then the store stays open.
        """
        with suppress(RefusedError) if discard else nullcontext():
            self._write_waiting()
        self._waiting.clear()
        is_writing = self._lock is not None and self._lock.is_locked
        if is_writing:
            self._tell_of_others({})
            self._waiting.clear()
        ended = self._end() if is_writing else None
        self._connection.close()
        if is_writing and self._lock is not None:
            if ended is not None:
                write_head(self.path, self.reader, *ended)
            release_lock(self.path, self._lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.close()
        except RefusedError:
            self.close(discard=True)
            raise

    def _tell_of_others(self, roster: Mapping[str, str]) -> None:
        """Record how far other readers went, if that is new: their loss is noticed as long as this file is left."""
        now_there = others_now(self.path.parent.parent, roster, self.reader)
        news = news_of_others(now_there, self._told)
        if news:
            self._told = {**self._told, **{name: self._told.get(name, frozenset()) | {news[name]} for name in news}}
            self._queue(_Writing(new_event(self._head, "", "", self.reader, "readers", {"readers": news})))
            with suppress(RefusedError):  # the next `append` tells
                self._write_waiting()

    def _end(self) -> tuple[Head, str, bool] | None:
        """Return where the chain ends, its own newest event, and whether its last end is in it; None for no chain."""
        found = self._connection.execute("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1").fetchone()
        if found is None:
            return None
        before = [head.hash for head in heads_beside(self.path)[:1]]
        return Head(found[1], "", found[0]), self._own_newest(), all(map(self._knows, before))

    def _shortened(self) -> tuple[Finding, ...]:
        """Return a warning if the event that the file was closed with is gone: nothing in the file itself tells."""
        before = [head for head in heads_beside(self.path)[:1] if head.hash and not self._knows(head.hash)]
        if not before:
            return ()
        last = f"the event {before[0].hash[:12]}, the last of {before[0].events}"
        sentence = (
            f"Check what you said before: {self.path.name} was closed with {last}, which it does not hold any more. It "
            "is an older copy, or another program wrote it anew. review verify tells more."
        )
        return (Finding("warn", "altered review", sentence, before[0].hash[:12]),)

    def _own_newest(self) -> str:
        """Return the hash of the newest event that merging takes along, empty for none."""
        statement = "SELECT hash FROM events WHERE kind != 'merge' ORDER BY seq DESC LIMIT 1"
        found = self._connection.execute(statement).fetchone()
        return found[0] if found else ""

    def _knows(self, digest: str) -> bool:
        """Return whether an event of that hash is in the file."""
        there = self._connection.execute("SELECT 1 FROM events WHERE hash = ?", (digest,)).fetchone() is not None
        return there or (self._is_merged and digest in known_hashes(self.chain()))

    def _check_writable(self) -> None:
        if self._only_read_because:
            raise refuse("review", f"{self._only_read_because} Nothing you do is recorded.", self.lock_owner)

    def _seal(self, table: str, row: tuple[str, ...]) -> None:
        """Put a row with the event that seals it, unless it is there and sealed already."""
        payload = seal_of(table, row)
        if self._seals.get((table, row[0])) == payload["sha256"]:
            return
        self._seals[table, row[0]] = payload["sha256"]
        event = new_event(self._head, "", "", self.reader, "record", payload)
        self._queue(_Writing(event, (_PUT[table], row)))
        with suppress(RefusedError):  # the next `append` tells
            self._write_waiting()

    def _queue(self, writing: _Writing) -> None:
        self._waiting.append(writing)
        self._head = writing.event.hash

    def _row(self, table: str, key: str) -> tuple[str, ...] | None:
        """Return a row by its key, also one that could not be written yet; None where there is none."""
        for one in reversed(self._waiting):
            if one.row and one.row[0] == _PUT[table] and one.row[1][0] == key:
                return one.row[1]
        statement = f"SELECT * FROM {table} WHERE {TABLES[table][0]} = ?"
        return self._connection.execute(statement, (key,)).fetchone()

    def _write_waiting(self) -> None:
        """Write what waits, each event in a transaction of its own; what was written waits no longer."""
        try:
            while self._waiting:
                self._check_place()
                with transaction(self._connection):
                    for statement, values in self._waiting[0].statements:
                        self._connection.execute(statement, values)
                del self._waiting[0]
        except sqlite3.ProgrammingError:
            raise
        except (sqlite3.Error, OSError) as error:
            raise unwritten(error, self.path, _KEPT) from error

    def _check_place(self) -> None:
        """Refuse to write to a file that was taken away: it would be gone with the program."""
        if _inode(self.path) != self._inode:
            sentence = f"{self.path.name} was moved or deleted while it was open: put it back.{_KEPT}"
            raise refuse("review", sentence, self.path.name)


def merge(stores: Iterable[Store]) -> tuple[Event, ...]:
    """Return the events of several stores, each once, in the order of their times, of their readers, of their places.

    A reader's own order stays, also where the clock was put back meanwhile: an event counts as no older than those
    before it.

    Raises
    ------
    RefusedError
        If a store has a blocking finding, or if two stores hold different events under one identity.
    """
    found: dict[str, tuple[tuple[str, str, int], Event]] = {}
    for store in stores:
        if blocking(store.findings):
            raise RefusedError(store.findings)
        newest = ""
        for place, event in enumerate(store.all_events()):
            newest = max(newest, event.utc)
            _, known = found.setdefault(event.event_id, ((newest, event.reader, place), event))
            if known != event:
                sentence = f"An event of {event.reader} differs between two files: {event.event_id}. One was altered."
                raise refuse("altered review", sentence, event.event_id)
    return tuple(event for _, event in sorted(found.values(), key=lambda entry: entry[0]))


def _inode(path: Path) -> int | None:
    """Return which file a path names, None for none; 0 on Windows, where an open file cannot be taken away."""
    if os.name == "nt":
        return 0
    try:
        return path.stat().st_ino
    except OSError:
        return None


def _text(content: Mapping[str, Any]) -> str:
    """Return plain values as JSON; NaN and other things that it lacks are a ValueError."""
    try:
        return json.dumps(content, allow_nan=False)
    except TypeError as error:
        raise ValueError(str(error)) from error
