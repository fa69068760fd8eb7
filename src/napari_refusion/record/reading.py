"""Reading a reader's file of which nothing is known: as far as it can be read, and nothing that does more than that."""

import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from napari_refusion.record.bookkeeping import first_unclear, is_clear
from napari_refusion.record.database import SELECT_EVENTS, event_of, event_row
from napari_refusion.record.events import BOOKKEEPING, Event, first_broken
from napari_refusion.record.schema import NEWEST, TABLES, Schema, is_as_made
from napari_refusion.volume.finding import refuse

_OF_MACHINE: Final = frozenset(
    {sqlite3.SQLITE_FULL, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR}
)
"""Primary result codes of SQLite that a copy of a file gives for want of room or memory."""


@dataclass(frozen=True, slots=True)
class Chain:
    """The events of a file as they were found."""

    events: list[Event]
    """Those before the first that is broken."""
    faults: tuple[str, ...]
    broken: int | None
    """Place of the first that is broken."""


def check_machine(error: Exception) -> None:
    """Refuse where this computer lacks room or memory to look into a file: that says nothing about the file."""
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in _OF_MACHINE:
        sentence = f"A record cannot be checked: {error}. Make room on the disk for temporary files, or free memory."
        raise refuse("review", sentence) from error


def read_about(connection: sqlite3.Connection, schema: Schema) -> dict[str, str]:
    """Return what a database says about itself; nothing where it cannot be read."""
    if not is_as_made(schema, NEWEST, "meta"):
        return {}
    try:
        return {str(name): str(value) for name, value in connection.execute("SELECT name, value FROM meta")}
    except sqlite3.Error as error:
        check_machine(error)
        return {}


def is_sound(connection: sqlite3.Connection) -> bool:
    """Return whether SQLite finds no fault in the structure of a database, the indices among it."""
    try:
        return bool(connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)])
    except sqlite3.Error as error:
        check_machine(error)
        return False


def read_chain(connection: sqlite3.Connection, schema: Schema) -> Chain:
    """Return the events up to the first that is not as it was recorded."""
    if not is_as_made(schema, NEWEST, "events"):
        return Chain([], ("expected the events, found none",), None)
    events: list[Event] = []
    numbers: list[object] = []
    is_whole = True
    try:
        for number, *row in connection.execute(f"{SELECT_EVENTS.replace('event_id', 'seq, event_id', 1)} ORDER BY seq"):
            events.append(_read(row, events))
            numbers.append(number)
    except (sqlite3.Error, ValueError, RecursionError) as error:
        check_machine(error)
        is_whole = False
    of_chain, unclear = first_broken(events), first_unclear(events)
    places = [one for one in (of_chain, unclear, None if is_whole else len(events)) if one is not None]
    broken = min(places, default=None)
    faults: tuple[str, ...] = ()
    if broken is not None and broken != of_chain and broken == unclear:
        faults = (f"event {broken + 1}: expected what this program writes of the file, found something else",)
    elif broken is not None:
        faults = (_broken_words(events, broken),)
    elif numbers != list(range(1, len(events) + 1)):
        faults = (f"expected events numbered from 1 to {len(events)}, found other numbers",)
    return Chain(events[:broken], faults, broken)


def read_kinds(connection: sqlite3.Connection, schema: Schema, kinds: Iterable[str]) -> list[Event]:
    """Return the events of some kinds that can be read, book-keeping that can be understood, whatever others are."""
    if not is_as_made(schema, NEWEST, "events"):
        return []
    wanted = tuple(kinds)
    statement = f"{SELECT_EVENTS} WHERE kind IN ({', '.join('?' * len(wanted))}) ORDER BY seq"
    found: list[Event] = []
    try:
        for row in connection.execute(statement, wanted):
            with suppress(ValueError, RecursionError):  # the look into the whole chain tells
                found.append(event_of(row))
    except sqlite3.Error as error:
        check_machine(error)
    return [one for place, one in enumerate(found) if one.kind not in BOOKKEEPING or is_clear(one, place)]


def _read(row: list[Any], before: list[Event]) -> Event:
    """Return the event of a row; in a new file, its text must be the one that this program writes, too."""
    event = event_of(row)
    if (before or [event])[0].kind == "born" and event_row(event) != (*row, row[0]):
        raise ValueError("The text of an event was written by another program.")
    return event


def _broken_words(events: list[Event], place: int) -> str:
    """Return what is wrong with the first event that does not fit the chain."""
    if place == len(events):
        return f"expected an event at place {place + 1}, found something that cannot be read"
    before = events[place - 1].hash if place else ""
    if events[place].previous != before:
        found = events[place].previous[:12] or "none"
        return f"event {place + 1}: expected to follow {before[:12] or 'nothing'}, found that it follows {found}"
    return f"event {place + 1}: expected the content with the SHA-256 {events[place].hash[:12]}, found another content"


def read_rows(connection: sqlite3.Connection, schema: Schema, version: int, table: str) -> list[tuple[Any, ...]]:
    """Return the rows of a table, as far as they can be read."""
    rows: list[tuple[Any, ...]] = []
    if not is_as_made(schema, version, table):
        return rows
    try:
        for row in connection.execute(f"SELECT {', '.join(TABLES[table])} FROM {table}"):
            rows.append(row)
    except sqlite3.Error as error:
        check_machine(error)
    return rows
