"""How a reader's file differs from what was recorded, each fault as ``expected ..., found ...``."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from napari_refusion.record.database import Records
from napari_refusion.record.events import Event
from napari_refusion.record.reading import check_machine
from napari_refusion.record.schema import NEWEST, OLDEST, TABLES, Schema, is_as_made
from napari_refusion.record.seals import missing_faults, row_faults, seals


def _faults_of(table: str, row: tuple[Any, ...], sealed: Mapping[tuple[str, str], str], version: int) -> list[str]:
    """Return what is wrong with a row; one that is no row of this program cannot be understood."""
    try:
        if not all(isinstance(value, str) for value in row):
            raise ValueError("A row must consist of texts.")
        for name, value in zip(TABLES[table], row, strict=True):
            if name.endswith("_json") and not isinstance(json.loads(value), dict):
                raise ValueError("A record must have names and values.")
        return row_faults(table, row, sealed, version)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return [f"{table[:-1]} {str(row[0])[:40]}: expected what was recorded, found something that cannot be read"]


def rows_faults(records: Records) -> list[str]:
    """Return what is wrong with the rows beside the events."""
    sealed, tables = seals(records.events), records.tables or {}
    faults = [
        fault
        for table, rows in tables.items()
        for row in rows
        for fault in _faults_of(table, tuple(row), sealed, records.version)
    ]
    return faults + missing_faults(tables, sealed)


def trusted(records: Records) -> Records:
    """Return records without the rows that are not as they were recorded."""
    sealed = seals(records.events)
    tables = {
        table: [row for row in rows if not _faults_of(table, tuple(row), sealed, records.version)]
        for table, rows in (records.tables or {}).items()
    }
    return replace(records, tables=tables)


def about_faults(about: Mapping[str, str], events: list[Event], reader: str, version: int) -> list[str]:
    """Return how what a file says about itself differs from its first event, its format and its reader."""
    told = [dict(event.payload["meta"]) for event in events[:1] if event.kind == "born"]
    expected = told[0] if told else {"schema_version": str(version), "reader": reader}
    if version != OLDEST and not told:
        return ["expected a first event that says what the file is, found none"]
    faults = [
        f"expected {name} {value}, found {about.get(name, 'none')}"
        for name, value in expected.items()
        if about.get(name) != value
    ]
    if not told:
        expected |= {"tool_version": about.get("tool_version", "")}
    faults += [f"expected nothing called {name[:40]}, found it" for name in sorted(about.keys() - expected.keys())]
    others = {event.reader for event in events} - {reader}
    return faults + [f"expected events of {reader}, found events of {other[:40]}" for other in sorted(others)]


def counter_faults(connection: sqlite3.Connection, schema: Schema) -> list[str]:
    """Return whether SQLite, which counts events apart from them, counted others."""
    if not is_as_made(schema, NEWEST, "events"):
        return []
    try:
        counted = {str(name): number for name, number in connection.execute("SELECT name, seq FROM sqlite_sequence")}
        [there] = connection.execute("SELECT count(*) FROM events").fetchone()
    except sqlite3.Error as error:
        check_machine(error)
        return ["expected the count of events, found none that can be read"]
    if set(counted) - {"events"}:
        return ["expected the count of events alone, found others"]
    recorded = counted.get("events", 0)
    return [] if recorded == there else [f"expected {recorded} events, found {there}"]
