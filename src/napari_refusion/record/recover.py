"""Recovering what can be read of a damaged file."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from napari_refusion.io.whole_files import atomic
from napari_refusion.record.copies import LOG, beside
from napari_refusion.record.database import Records, born, fill_file, write_database
from napari_refusion.record.events import BOOKKEEPING, new_event
from napari_refusion.record.seals import seals
from napari_refusion.volume.finding import Finding


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
        if beside(path, ending).exists():
            with atomic(beside(aside, ending)) as temporary:
                shutil.copyfile(beside(path, ending), temporary)
    kept = _with_what_was_lost(records, reader, aside.name)

    def write(temporary: Path) -> None:
        fill_file(temporary, reader, kept)
        # Before the new file has its name: SQLite would apply the old log to it.
        for ending in (LOG, "-shm"):
            beside(path, ending).unlink(missing_ok=True)

    write_database(path, write, overwrite=True)
    count = count_acts(records)
    words = f"{count} event{'' if count == 1 else 's'} could be recovered" if count else "No event could be recovered"
    sentence = f"{path.name} was damaged. {words}; the damaged file is kept as {aside.name}. Check the last slices."
    return Finding("warn", "damaged review", sentence, f"{count} recovered")


def count_acts(records: Records) -> int:
    """Return how many events tell what the reader did."""
    return sum(event.kind not in BOOKKEEPING for event in records.events)


def _with_what_was_lost(records: Records, reader: str, aside: str) -> Records:
    """Return records with one event more, which says that the file was damaged and what is missing since then."""
    if not records.events:  # rows that no event tells of are worth nothing
        records = Records((born(reader),))
    events = records.events
    sealed, tables = seals(events), records.tables or {}
    there = {(table, str(row[0])) for table, rows in tables.items() for row in rows}
    lost = [list(one) for one in sealed if one not in there]
    payload = {"kept": len(events), "lost": lost, "aside": aside}
    return replace(records, events=(*events, new_event(events[-1].hash, "", "", reader, "recover", payload)))
