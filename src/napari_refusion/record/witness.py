"""What a reader's chain tells of things outside of it: other readers' records, and files that were written.

Payload of a ``readers`` event: ``{"readers": {reader: hash}}``, the newest event of another reader when this one's file
was opened or closed, else the first, else nothing. It is never one of kind ``merge``, which other computers lack after
merging. Of a ``files`` event: ``{"files": {file: SHA-256}}``, see `name_of`.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from napari_refusion.record.events import Event
from napari_refusion.record.merging import placed
from napari_refusion.record.names import is_reader
from napari_refusion.record.roster import database_path, read_head, readers_beyond

Told = Mapping[str, frozenset[str]]
"""Reader or file -> hashes."""


def others_now(folder: Path, roster: Mapping[str, str], reader: str) -> dict[str, str]:
    """Return other readers of a project -> hash of the newest event that is known, or the first; empty for none."""
    names = {*roster, *readers_beyond(folder, roster)} - {reader}
    return {name: _newest(database_path(folder, name)) or roster.get(name, "") for name in sorted(names)}


def _newest(path: Path) -> str:
    found = str(read_head(path).get("own", ""))
    return found if re.fullmatch("[0-9a-f]{64}", found) else ""


def news_of_others(now: Mapping[str, str], told: Told) -> dict[str, str]:
    """Return which readers, and how far they went, a chain does not tell of yet."""
    return {name: one for name, one in now.items() if name not in told or (one and one not in told[name])}


def readers_told(events: Iterable[Event]) -> Told:
    """Return other readers -> the hashes that a chain tells of; empty for one whose words were shown."""
    chain = list(events)
    found = dict(_told(chain, "readers"))
    for _, _, event in placed(chain):
        names = event.payload.get("readers") if event.kind == "others" else None
        for name in names if isinstance(names, list) else ():
            if isinstance(name, str) and is_reader(name):
                found[name] = found.get(name, frozenset()) | {""}
    return found


def files_told(events: Iterable[Event]) -> Told:
    """Return files -> the hashes of what was written under that name at some time."""
    return _told(events, "files")


def _told(events: Iterable[Event], kind: str) -> Told:
    found: dict[str, frozenset[str]] = {}
    for _, _, event in placed(events):
        if event.kind == kind:
            for name, one in event.payload[kind].items():
                found[name] = found.get(name, frozenset()) | {one}
    return found


def payload_of(hashes: Mapping[Path, str]) -> dict[str, dict[str, str]]:
    """Return the payload of a ``files`` event."""
    return {"files": {name_of(path): one for path, one in hashes.items()}}


def name_of(path: Path) -> str:
    """Return what a file is called in a project: reports by their name, others with the folder that they are in."""
    return path.name if path.suffix in (".html", ".pdf") else f"{path.parent.name}/{path.name}"
