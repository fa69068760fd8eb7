"""Who recorded something in a project, and how far: kept apart from the readers' files, so that a loss is noticed.

The roster is in the project's settings. Beside each reader's file, ``<reader>.head`` says where its chain ended when
it was closed last, and the hash of its bytes then; what of the chain was not there any more at the next close is kept.
"""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from napari_refusion.io.one_pass import sha256_of
from napari_refusion.io.write_json import write_json
from napari_refusion.record.copies import LOG, beside
from napari_refusion.record.events import Event
from napari_refusion.record.inspection import inspect
from napari_refusion.record.merging import placed
from napari_refusion.record.names import check_reader, is_reader
from napari_refusion.record.project_folder import LARGEST, change_project, open_project
from napari_refusion.record.project_settings import SETTINGS
from napari_refusion.volume.finding import RefusedError, refuse

REVIEWS: Final = "reviews"
"""Folder of a project that the files of its readers are in."""

_SCHEMA: Final = "refusion-head/1"


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ended, as something else than the reader's file says it."""

    hash: str
    """Of the newest event then; empty where only the reader is named."""
    said_by: str
    """Which file says so, in the project's folder."""
    events: int | None = None
    """How many there were in the file; None where that is not said."""


def database_path(folder: Path, reader: str) -> Path:
    """Return where a reader's file is in a project's folder; refuse a name that is none."""
    return folder.absolute() / REVIEWS / f"{check_reader(reader)}.sqlite"


def readers_in(folder: Path) -> tuple[str, ...]:
    """Return who has a file in a project's folder, sorted; files that were put aside as damaged belong to no reader."""
    names = sorted(path.stem for path in (folder / REVIEWS).glob("*.sqlite"))
    return tuple(name for name in names if is_reader(name))


def readers_beyond(folder: Path, roster: Mapping[str, str]) -> tuple[str, ...]:
    """Return who has a file in a project's folder and is not on the roster, sorted.

    A file that holds the events of another reader, as a copy under a new name does, makes nobody a reader.
    """
    return tuple(one for one in readers_in(folder) if one not in roster and _is_own(folder, one))


def _is_own(folder: Path, reader: str) -> bool:
    with suppress(RefusedError):
        first = inspect(database_path(folder, reader), reader).records.events[:1]
        return all(event.reader == reader for event in first)
    return True


def check_spelling(folder: Path, reader: str) -> None:
    """Refuse a new reader whose name only capitals tell from another one of the project.

    It is one person who typed the name otherwise, and would count as two readers who agree; on Windows and macOS both
    have one file. Records that are there already under both go on.

    Raises
    ------
    RefusedError
        See above.
    """
    known: set[str] = set()
    with suppress(OSError, RefusedError):  # opening file and settings tells what cannot be read of them
        known |= {*readers_in(folder)}
        if (folder / SETTINGS).exists():
            project = open_project(folder, create=False)
            known |= {*project.roster, *project.readers.values()}
    alike = sorted(one for one in known if one.casefold() == reader.casefold())
    if alike and reader not in known:
        sentence = (
            f"Write the reader name as {alike[0]}, as this project has it, or choose another one: only capitals tell "
            f"{reader} from it, and both would count as two readers."
        )
        raise refuse("reader", sentence, reader)


def enrol(folder: Path, reader: str, first: str) -> Mapping[str, str]:
    """Put a reader on the roster, with whoever else has a file, and return it; nothing without a project.

    Parameters
    ----------
    first
        Hash of the first event, empty for none.
    """
    if not (folder / SETTINGS).exists():
        return {}
    project = None
    with suppress(RefusedError):
        project = open_project(folder, create=False)
        new = dict.fromkeys(readers_beyond(folder, project.roster), "")
        if not project.roster.get(reader):
            new[reader] = first
        if any(project.roster.get(one) != known for one, known in new.items()):
            project = change_project(project, roster=new)
    return project.roster if project else {}


def write_head(path: Path, reader: str, head: Head, own: str, is_continued: bool) -> None:
    """Write where the chain of a reader's file ends, if it can be written.

    What is there and cannot be read is a trace that something was changed or damaged: it stays.

    Parameters
    ----------
    own
        Hash of the newest event that every computer has after merging.
    is_continued
        Whether the event that was the newest one the last time is still there; else it is kept as lost.
    """
    before = read_head(path)
    if not before and head_path(path).exists():
        return
    lost = [*before.get("lost", [])]
    if before and not is_continued:
        lost.append({"events": before["events"], "head": before["head"]})
    content = {"schema": _SCHEMA, "reader": reader, "events": head.events, "head": head.hash, "lost": lost, "own": own}
    _write(path, content | {"sha256": file_sha256(path)}, before)


def mark_open(path: Path) -> None:
    """Write beside a reader's file that its bytes are about to change, if that can be written."""
    before = read_head(path)
    if before.get("sha256"):
        _write(path, before | {"sha256": ""}, before)


def _write(path: Path, content: dict[str, Any], before: Mapping[str, Any]) -> None:
    if content != before:
        with suppress(RefusedError):
            write_json(content, head_path(path), overwrite=True)


def file_sha256(path: Path) -> str:
    """Return the hash of a reader's file in hexadecimal; empty where it is not closed or cannot be read."""
    if beside(path, LOG).exists():
        return ""
    try:
        return sha256_of(path)
    except OSError:
        return ""


def read_head(path: Path) -> dict[str, Any]:
    """Return what was written beside a reader's file, see `write_head`; nothing where it is not there or not clear."""
    try:
        beside = head_path(path)
        if not beside.is_file() or beside.stat().st_size > LARGEST:  # reading a pipe would not end
            return {}
        found = json.loads(beside.read_text(encoding="utf-8"))
        entries = [found, *found["lost"]]
        clear = all(isinstance(one["head"], str) and isinstance(one["events"], int) for one in entries)
        return dict(found) if clear and found["schema"] == _SCHEMA else {}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}


def heads_beside(path: Path) -> list[Head]:
    """Return where the chain of a reader's file ended at some time, as the file beside it says."""
    found: Mapping[str, Any] = read_head(path)
    name = head_path(path).name
    return [Head(one["head"], name, one["events"]) for one in ([found, *found["lost"]] if found else [])]


def head_path(path: Path) -> Path:
    """Return the file beside a reader's file."""
    return path.with_suffix(".head")


def known_hashes(chain: Iterable[Event]) -> frozenset[str]:
    """Return the hashes of all events of a chain, those of other computers among them."""
    return frozenset(event.hash for _, _, event in placed(chain))
