"""Looking into a reader's file before it is used: sound, damaged or altered, and what of it can be trusted."""

import errno
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Literal

from napari_refusion.record.copies import copied
from napari_refusion.record.database import Records
from napari_refusion.record.events import Event
from napari_refusion.record.faults import about_faults, counter_faults, rows_faults, trusted
from napari_refusion.record.reading import Chain, check_machine, is_sound, read_about, read_chain, read_rows
from napari_refusion.record.schema import NEWEST, OLDEST, TABLES, is_as_made, schema_faults, schema_of
from napari_refusion.record.seals import seals, uncovered
from napari_refusion.volume.finding import Finding, RefusedError, refuse

_TOLD: Final = 3
"""Faults that a sentence lists; `Inspection.faults` has all."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """What is in a reader's file."""

    state: Literal["sound", "damaged", "altered"]
    """``damaged``: no sound database, by a failing disk for instance. ``altered``: a sound database that does not hold
    what was recorded."""
    records: Records
    """All of it, or what can be read and trusted: the events before the first that is broken."""
    finding: Finding | None = None
    """What is wrong with an altered file."""
    faults: tuple[str, ...] = ()
    """Each as ``expected ..., found ...``."""
    uncovered: str = ""
    """What a file of format 1 holds without an event that covers it, in words."""


def inspect(path: Path, reader: str) -> Inspection:
    """Return what is in a file, which is not touched.

    Raises
    ------
    RefusedError
        If it cannot be read, or was written by a newer version.
    """
    try:
        with TemporaryDirectory(prefix="refusion-", ignore_cleanup_errors=True) as folder:
            return _copy_inspected(copied(path, Path(folder)), path, reader)
    except OSError as error:
        room = " Make room on the disk for temporary files." if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
        sentence = f"{path.name} cannot be read: {error.strerror or error}.{room}"
        raise refuse("review", sentence, path.name) from error


def _copy_inspected(copy: Path, path: Path, reader: str) -> Inspection:
    """Return what is in the copy of a file, whatever that is."""
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        connection.text_factory = lambda text: text.decode("utf-8", "replace")
        try:
            return _inspected(connection, path, reader)
        except RefusedError:
            raise
        except MemoryError as error:
            raise refuse("review", f"{path.name} cannot be checked: this computer has too little memory.") from error
        except Exception:  # whatever a broken file makes of SQLite and JSON: nothing of it can be read
            return Inspection("damaged", Records())


def _inspected(connection: sqlite3.Connection, path: Path, reader: str) -> Inspection:
    """Return what is in the copy of a file."""
    try:
        schema = schema_of(connection)
    except sqlite3.Error as error:
        check_machine(error)
        return Inspection("damaged", Records())
    about = read_about(connection, schema)
    chain = read_chain(connection, schema)
    version = _version(chain.events, about, path)
    rows = {table: read_rows(connection, schema, version, table) for table in TABLES}
    records = Records(tuple(chain.events), rows, version)
    if not any(is_as_made(schema, version, table) for table in (*TABLES, "events")):
        return Inspection("damaged", records)
    of_schema = schema_faults(schema, version)
    if not of_schema and not is_sound(connection):
        return Inspection("damaged", trusted(records))
    if not chain.events and about.get("schema_version", "") not in (str(OLDEST), str(NEWEST)):
        return Inspection("damaged", records)
    faults = (*chain.faults, *counter_faults(connection, schema))
    faults += (*about_faults(about, chain.events, reader, version), *rows_faults(records), *of_schema)
    records = trusted(records)
    if faults:
        return Inspection("altered", records, _altered(path, chain, faults, about, reader), faults)
    return Inspection("sound", records, uncovered=uncovered(rows, seals(chain.events)))


def _version(events: list[Event], about: Mapping[str, str], path: Path) -> int:
    """Return the format of a file, by its first event where that tells.

    Raises
    ------
    RefusedError
        If it is a newer one.
    """
    told = [event.payload["meta"] for event in events[:1] if event.kind == "born"]
    version, tool = (
        one.get(name, "") for one in [told[0] if told else about] for name in ("schema_version", "tool_version")
    )
    if version.isdecimal() and len(version) < 10 and int(version) > NEWEST:
        raise refuse("review", f"{path.name} was written by a newer version ({tool}): update this program.", version)
    return NEWEST if told or version == str(NEWEST) else OLDEST


def _altered(path: Path, chain: Chain, faults: tuple[str, ...], about: Mapping[str, str], reader: str) -> Finding:
    """Return the sentence about a file that was changed."""
    remedy = "restore a copy of the file, or choose another reader name"
    if about.get("reader", reader) != reader and not chain.faults:
        sentence = f"{path.name} belongs to the reader {about['reader']}: restore its file name. It is read-only."
        return Finding("block", "altered review", sentence, about["reader"])
    if chain.broken is not None:
        sentence = (
            f"Event {chain.broken + 1} in {path.name} is not as it was recorded: another program changed the file, or "
            f"the disk is failing. Earlier events can be read, nothing can be added: {remedy}."
        )
        return Finding("block", "altered review", sentence, f"event {chain.broken + 1}")
    told = "; ".join(faults[:_TOLD]) + (f"; and {len(faults) - _TOLD} more" if len(faults) > _TOLD else "")
    sentence = (
        f"{path.name} is not as it was recorded: {told}. Another program changed the file, or the disk is failing. "
        f"Nothing can be added: {remedy}."
    )
    return Finding("block", "altered review", sentence, f"{len(faults)} faults")
