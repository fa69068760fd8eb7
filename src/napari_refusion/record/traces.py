"""What other files of a project tell of readers' records: that there was one, and the newest event of their moment."""

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from napari_refusion.record.copies import copied
from napari_refusion.record.names import is_reader
from napari_refusion.record.project import Project
from napari_refusion.record.reading import read_kinds
from napari_refusion.record.roster import REVIEWS, Head, database_path, readers_in
from napari_refusion.record.schema import schema_of
from napari_refusion.record.witness import name_of, readers_told
from napari_refusion.record.written import written_files

_END: Final = 2**16
"""Bytes at the end of a report that its record is in."""

_IN_REPORT: Final = re.compile(r'<h2>[^<]*Record</h2>.*?class="hash"[^>]*>\s*([0-9a-f]{64})\s*<', re.DOTALL)

_IN_SUMMARY: Final = re.compile(r'class="hash" data-reader="([A-Za-z0-9_-]{1,40})">\s*([0-9a-f]{64})\s*<')

_LARGEST: Final = 2**24
"""Bytes of a copy or a summary that are read; none of this program is as long."""


def traces(project: Project) -> dict[str, list[Head]]:
    """Return everybody of whom another file than their own tells -> what these tell."""
    found: dict[str, list[Head]] = {}
    for reader, head in (
        *_in_names(project),
        *_in_records(project),
        *_in_copies(project),
        *_in_summaries(project),
    ):
        found.setdefault(reader, []).append(head)
    return found


def _in_names(project: Project) -> Iterator[tuple[str, Head]]:
    """Yield who has something that is called after a reader, whatever is in it."""
    for path in sorted((project.folder / REVIEWS).iterdir() if (project.folder / REVIEWS).is_dir() else ()):
        reader = path.name.split(".")[0]
        if path.suffix in (".head", ".sqlite") and is_reader(reader) and path != database_path(project.folder, reader):
            yield reader, Head("", path.name)
    for reader in project.keys:
        yield reader, Head("", "the project's list of keys")


def _in_records(project: Project) -> Iterator[tuple[str, Head]]:
    """Yield how far other readers went, as a reader's file tells."""
    for witness in readers_in(project.folder):
        path = database_path(project.folder, witness)
        for reader, hashes in _told_in(path).items():
            yield from ((reader, Head(one, path.name)) for one in sorted(hashes))


def _told_in(path: Path) -> Mapping[str, frozenset[str]]:
    try:
        with (
            TemporaryDirectory(prefix="refusion-", ignore_cleanup_errors=True) as folder,
            closing(sqlite3.connect(copied(path, Path(folder)), isolation_level=None)) as connection,
        ):
            connection.text_factory = lambda text: text.decode("utf-8", "replace")
            return readers_told(read_kinds(connection, schema_of(connection), ("readers", "others", "merge")))
    except Exception:  # whatever a broken file makes of SQLite: `inspection`, which looks into it as well, tells
        return {}


def _in_copies(project: Project) -> Iterator[tuple[str, Head]]:
    """Yield what exported copies, reports and exported volumes tell."""
    for reader, path in written_files(project):
        heads: list[str] = []
        if path.name.endswith("_review.json"):
            head = _json(path).get("chain_head")
            heads = [head] if isinstance(head, str) else []
        elif path.suffix == ".html":
            heads = _IN_REPORT.findall(_text(path, from_end=True))
        yield from ((reader, Head(one, name_of(path))) for one in heads or [""])


def _in_summaries(project: Project) -> Iterator[tuple[str, Head]]:
    for path in sorted(project.reports.glob("summary_*.html")):
        for reader, head in _IN_SUMMARY.findall(_text(path)):
            yield reader, Head(head, path.name)


def _json(path: Path) -> Mapping[str, object]:
    """Return the named values of a file; nothing for another one."""
    try:
        found = json.loads(_text(path))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _text(path: Path, from_end: bool = False) -> str:
    """Return the text of a regular file, or the end of it; nothing where it cannot be read."""
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            if from_end:
                file.seek(max(0, path.stat().st_size - _END))
            return file.read(_LARGEST).decode("utf-8", "replace")
    except OSError:
        return ""
