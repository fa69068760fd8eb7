"""What exported copies, reports and summaries tell of readers' records: the newest event of their moment."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from napari_refusion.record.project import Project, is_reader
from napari_refusion.record.roster import Head

_END: Final = 2**16
"""Bytes at the end of a report that its record is in."""

_IN_REPORT: Final = re.compile(r'<h2>[^<]*Record</h2>.*?class="hash"[^>]*>\s*([0-9a-f]{64})\s*<', re.DOTALL)

_IN_SUMMARY: Final = re.compile(r'class="hash" data-reader="([A-Za-z0-9_-]{1,40})">\s*([0-9a-f]{64})\s*<')

_REPORT: Final = re.compile(r"case-[0-9a-f]{16}_(.+)_\d{8}T\d{6}\.html")

_LARGEST: Final = 2**24
"""Bytes of a copy or a summary that are read; none of this program is as long."""


def traces(project: Project) -> dict[str, list[Head]]:
    """Return who has exported copies or reports -> the newest events that these tell of."""
    found: dict[str, list[Head]] = {}
    for reader, head in (*_in_copies(project), *_in_reports(project)):
        found.setdefault(reader, []).append(head)
    return found


def _in_copies(project: Project) -> Iterator[tuple[str, Head]]:
    for path in sorted(project.exports.glob("*/*_review.json")):
        content = _json(path)
        reader, head = content.get("reader"), content.get("chain_head")
        if reader == path.parent.name and is_reader(path.parent.name) and isinstance(head, str) and head:
            yield path.parent.name, Head(head, f"{path.parent.name}/{path.name}")


def _in_reports(project: Project) -> Iterator[tuple[str, Head]]:
    for path in sorted(project.reports.glob("*.html")):
        if (named := _REPORT.fullmatch(path.name)) and is_reader(named[1]):
            for head in _IN_REPORT.findall(_text(path, from_end=True)):
                yield named[1], Head(head, path.name)
        elif path.name.startswith("summary_"):
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
