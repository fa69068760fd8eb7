"""The tables of a reader's file, and whether a file still has exactly these.

Format 2 begins with an event that says what the file is, has an event for every row beside the events, and keeps no
rows that events do not cover. Files of format 1 are read and continued as they are.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from functools import cache
from typing import Final

OLDEST: Final = 1
"""Format of files whose first event is not ``born``."""

NEWEST: Final = 2
"""Format of files that are made."""

TABLES: Final[Mapping[str, tuple[str, ...]]] = {
    "cases": ("case_id", "created_utc", "record_json"),
    "runs": ("run_id", "case_id", "record_json", "started_utc"),
    "examinations": ("run_id", "content_json"),
}
"""Tables beside the events -> their columns, the key first."""

_VIEWS: Final = "CREATE TABLE views(case_id TEXT PRIMARY KEY REFERENCES cases(case_id), content_json TEXT NOT NULL);\n"
"""Of format 1, where each case was left: the last event of having seen a slice says that."""

_SCHEMA: Final = """
CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE cases(case_id TEXT PRIMARY KEY, created_utc TEXT NOT NULL, record_json TEXT NOT NULL);
CREATE TABLE runs(run_id TEXT PRIMARY KEY, case_id TEXT NOT NULL REFERENCES cases(case_id), record_json TEXT NOT NULL,
  started_utc TEXT NOT NULL);
CREATE TABLE examinations(run_id TEXT PRIMARY KEY REFERENCES runs(run_id), content_json TEXT NOT NULL);
-- No reference to cases or runs: an event is never held back for want of a record.
CREATE TABLE events(seq INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL UNIQUE, case_id TEXT NOT NULL,
  run_id TEXT NOT NULL, reader TEXT NOT NULL, utc TEXT NOT NULL, kind TEXT NOT NULL, payload_json TEXT NOT NULL,
  previous TEXT NOT NULL, hash TEXT NOT NULL);
CREATE INDEX events_of_a_case ON events(case_id);
CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
  BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER events_are_not_deleted BEFORE DELETE ON events
  BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;
CREATE TRIGGER events_are_not_replaced BEFORE INSERT ON events
  WHEN EXISTS (SELECT 1 FROM events WHERE seq = NEW.seq OR event_id = NEW.event_id)
  BEGIN SELECT RAISE(ABORT, 'events are never replaced'); END;
"""

_UNUSED: Final = ("user_version", "application_id")
"""Numbers in a database's header that this program leaves at 0."""

Schema = Mapping[tuple[str, str], str]
"""Type and name of something in a database (``table``, ``events``) -> how it was made."""


def schema_text(version: int) -> str:
    """Return the statements that make the tables of a format."""
    return _SCHEMA + (_VIEWS if version == OLDEST else "")


def schema_of(connection: sqlite3.Connection) -> Schema:
    """Return what is in a database.

    Raises
    ------
    sqlite3.DatabaseError
        If that cannot be read.
    """
    rows = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
    found = {(str(kind), str(name)): " ".join(f"{table}: {sql}".split()) for kind, name, table, sql in rows}
    for name in _UNUSED:
        [number] = connection.execute(f"PRAGMA {name}").fetchone()
        found |= {("number", name): str(number)} if number else {}
    return found


@cache
def expected_schema(version: int) -> Schema:
    """Return what is in a file of a format."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(schema_text(version))
        return schema_of(connection)


def schema_faults(found: Schema, version: int) -> list[str]:
    """Return how a database differs from a file of a format, in words that say what was expected and found."""
    expected = expected_schema(version)
    faults = [f"expected the {kind} {name}, found none" for kind, name in sorted(expected.keys() - found.keys())]
    faults += [f"expected no {kind} {name}, found one" for kind, name in sorted(found.keys() - expected.keys())]
    for one in sorted(expected.keys() & found.keys()):
        if expected[one] != found[one]:
            faults.append(f"expected the {one[0]} {one[1]} as this program makes it, found another")
    return faults


def is_as_made(found: Schema, version: int, table: str) -> bool:
    """Return whether a table is the one of a format, so that reading it does nothing else."""
    return found.get(("table", table)) == expected_schema(version)["table", table]
