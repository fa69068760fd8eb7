"""What one reader recorded in a project, in one file that only this reader's program writes to."""

import json
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from napari_refusion.io.given_path import GivenPath, given_path
from napari_refusion.record.chain_end import ChainEnd
from napari_refusion.record.conflicts import conflicts
from napari_refusion.record.database import (
    SELECT_EVENTS,
    all_records,
    event_of,
    fill_file,
    write_database,
)
from napari_refusion.record.events import BOOKKEEPING, START, Event, Kind
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
from napari_refusion.record.sealed_rows import SealedRows
from napari_refusion.record.witness import Told, news_of_others, others_now, payload_of, readers_told
from napari_refusion.volume.finding import Finding, RefusedError

_BOOKKEEPING: Final = f"{SELECT_EVENTS} WHERE kind IN ('record', 'recover', 'merge', 'readers') ORDER BY seq"

_LEFT_AT: Final = (
    "SELECT kind, payload_json FROM events WHERE case_id = ? AND kind IN ('seen', 'again') ORDER BY seq DESC LIMIT 1"
)


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
        self._end = ChainEnd(path, reader, opened)
        kept = [event_of(row) for row in opened.connection.execute(_BOOKKEEPING)]
        self.rows = SealedRows(self._end, kept)
        """Cases, fusions and examinations that the events refer to."""
        self._is_merged = any(event.kind == "merge" for event in kept)
        self._told: Told = readers_told(kept)

    @classmethod
    def open(cls, folder: GivenPath, reader: str, read_only: bool = False) -> Self:
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
        folder = given_path(folder)
        path = database_path(folder, reader)
        if read_only:
            return cls(path, reader, open_to_read(path, reader, f"The review of {reader} was opened read-only."))
        check_spelling(folder.absolute(), reader)
        store = cls(path, reader, open_to_write(path, reader))
        if not store.is_read_only:
            store.findings = store.findings or store._shortened() or conflicts(path, reader, store.chain)
            roster = enrol(folder, reader, store.first_hash)
            mark_open(path)
            store._tell_of_others(roster)
        return store

    @property
    def is_read_only(self) -> bool:
        """Return whether nothing can be recorded here."""
        return self._end.is_read_only

    @property
    def only_read_because(self) -> str:
        """Return why nothing can be recorded here, in one or two sentences; empty where it can."""
        return self._end.only_read_because

    @property
    def first_hash(self) -> str:
        """Return the hash of the first event that is in the file, `events.START` where there is none."""
        first = self._connection.execute("SELECT hash FROM events ORDER BY seq LIMIT 1").fetchone()
        return first[0] if first else START

    @property
    def chain_head(self) -> str:
        """Return the hash of the newest event, `events.START` where there is none."""
        return self._end.head

    @property
    def unsaved(self) -> tuple[Event, ...]:
        """Return what the reader did that could not be written yet, oldest first."""
        return tuple(event for event in self._end.waiting if event.kind not in BOOKKEEPING)

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
        event = self._end.add(case_id, run_id, kind, payload)
        self._end.write()
        return event

    def chain(self) -> tuple[Event, ...]:
        """Return all events as they are in the file, `BOOKKEEPING` among them, with those not written yet."""
        rows = self._connection.execute(f"{SELECT_EVENTS} ORDER BY seq")
        return (*map(event_of, rows), *self._end.waiting)

    def events(self, case_id: str) -> tuple[Event, ...]:
        """Return what the reader did in a case, oldest first, with what could not be written yet."""
        if self._is_merged:
            return tuple(event for event in self.all_events() if event.case_id == case_id)
        rows = self._connection.execute(f"{SELECT_EVENTS} WHERE case_id = ? ORDER BY seq", (case_id,))
        return (*map(event_of, rows), *(event for event in self.unsaved if event.case_id == case_id))

    def all_events(self) -> tuple[Event, ...]:
        """Return everything that the reader did, oldest first, with what could not be written yet."""
        return acts(self.chain())

    def view(self, case_id: str) -> dict[str, Any] | None:
        """Return how a case was viewed last, ``{"axis", "index"}``, None where no slice was seen yet."""
        found = self._connection.execute(_LEFT_AT, (case_id,)).fetchone()
        if found is None or found[0] == "again":
            return None
        return {name: json.loads(found[1])[name] for name in ("axis", "index")}

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
            fill_file(temporary, self.reader, all_records(self._connection), self._end.statements)

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
            self._end.write()
        self._end.give_up()
        is_writing = self._lock is not None and self._lock.is_locked
        if is_writing:
            self._tell_of_others({})
            self._end.give_up()
        ended = self._ended() if is_writing else None
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
            self._end.add("", "", "readers", {"readers": news})
            with suppress(RefusedError):  # the next `append` tells
                self._end.write()

    def _ended(self) -> tuple[Head, str, bool] | None:
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
