"""Rows beside the events, each sealed by an event that holds its hash: a row that was changed is found.

Payload of a ``record`` event: ``{"table", "key", "sha256"}``, of a ``recover`` event: ``{"kept", "lost"}`` with the
number of events that were left and ``[table, key]`` of each row that was not.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from napari_refusion.record.events import Event
from napari_refusion.record.run import case_digest, run_digest
from napari_refusion.record.schema import OLDEST, TABLES

Row = Sequence[Any]
"""The values of a row, in the order of `schema.TABLES`."""

Seals = Mapping[tuple[str, str], str]
"""Table and key of a row -> SHA-256 of its values."""


def row_digest(row: Row) -> str:
    """Return the SHA-256, in hexadecimal, of the values of a row."""
    return hashlib.sha256(json.dumps([str(value) for value in row]).encode()).hexdigest()


def seal_of(table: str, row: Row) -> dict[str, str]:
    """Return the payload of the event that seals a row."""
    return {"table": table, "key": str(row[0]), "sha256": row_digest(row)}


def seals(events: Iterable[Event]) -> dict[tuple[str, str], str]:
    """Return the seals that stand at the end of a chain: the newest one of each row that was not lost."""
    found: dict[tuple[str, str], str] = {}
    for event in events:
        if event.kind == "record":
            found[event.payload["table"], event.payload["key"]] = event.payload["sha256"]
        if event.kind == "recover":
            for table, key in event.payload["lost"]:
                found.pop((table, key), None)
    return found


def row_faults(table: str, row: Row, sealed: Seals, version: int) -> list[str]:
    """Return how a row differs from what was recorded, in words that say what was expected and found."""
    key, digest = str(row[0]), row_digest(row)
    expected = sealed.get((table, key))
    if expected is None:
        faults = [] if version == OLDEST else [f"{table[:-1]} {key}: expected none, found one"]
    else:
        words = f"{table[:-1]} {key}: expected the SHA-256 {expected[:12]}, found {digest[:12]}"
        faults = [] if digest == expected else [words]
    return faults + identity_faults(table, row)


def identity_faults(table: str, row: Row) -> list[str]:
    """Return whether the identities of a run, which follow from its content, are others."""
    if table != "runs":
        return []
    record = json.loads(row[2])
    expected = run_digest(record), case_digest(record["a"]["sha256"], record["b"]["sha256"])
    pairs = zip(expected, row[:2], strict=True)
    return [
        f"run {row[0]}: expected the identity {one} by its content, found {other}"
        for one, other in pairs
        if one != other
    ]


def missing_faults(tables: Mapping[str, Iterable[Row]], sealed: Seals) -> list[str]:
    """Return which rows that were recorded are not there."""
    there = {(table, str(row[0])) for table, rows in tables.items() for row in rows}
    return [f"{table[:-1]} {key}: expected one, found none" for table, key in sealed if (table, key) not in there]


def uncovered(tables: Mapping[str, Iterable[Row]], sealed: Seals) -> str:
    """Return in words which rows no event covers, as files of format 1 have them; empty for none."""
    counts = {table: sum((table, str(row[0])) not in sealed for row in tables.get(table, ())) for table in TABLES}
    words = [f"{count} {table[:-1] if count == 1 else table}" for table, count in counts.items() if count]
    return ", ".join(words)
