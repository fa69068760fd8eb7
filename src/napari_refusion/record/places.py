"""Where a case lay when a reader opened it: keyed hashes, which find the case again and name no folder."""

import hashlib
import hmac
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from napari_refusion.record.project import Project


def place_mark(project: Project, paths: Iterable[Path]) -> str:
    """Return a keyed hash of where two sources lie, empty for none."""
    return _hash(project, [_whole(path) for path in paths])


def row_mark(project: Project, sources: Iterable[tuple[Path, str]]) -> str:
    """Return a keyed hash of where two sources lie and what was asked for there, empty for none.

    It tells the cases of one place apart: several volumes of one file, several series of one folder.

    Parameters
    ----------
    sources
        Path of each, and `Origin.asked`.
    """
    return _hash(project, [f"{_whole(path)}\0{asked}" for path, asked in sources])


@dataclass(frozen=True, slots=True)
class CasePlaces:
    """Where a reader found a case, as it is kept of it."""

    place: str = ""
    """`place_mark` when it was opened last; empty for images of no file."""
    row: str = ""
    """`row_mark` then; empty in records from before it was kept."""
    earlier: tuple[str, ...] = ()
    """Marks of both kinds of where it was opened before, each once."""

    @classmethod
    def of(cls, project: Project, sources: Iterable[tuple[Path, str]]) -> Self:
        """Return the place of two sources that are open, see `row_mark`."""
        both = list(sources)
        return cls(place_mark(project, (path for path, _ in both)), row_mark(project, both))

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> Self:
        """Return what a reader's file holds of a case, see `Store.rows`."""
        earlier = record.get("earlier", ())
        known = (str(mark) for mark in earlier) if isinstance(earlier, list) else ()
        return cls(str(record.get("place") or ""), str(record.get("row") or ""), tuple(known))

    @property
    def marks(self) -> tuple[str, ...]:
        """Return the marks of where it was opened last."""
        return tuple(filter(None, (self.place, self.row)))

    def after(self, before: Self) -> "CasePlaces":
        """Return this place for a case that was found in another one before, or in this one."""
        known = dict.fromkeys((*before.earlier, *before.marks))
        return CasePlaces(self.place, self.row, tuple(mark for mark in known if mark not in self.marks))

    def record(self) -> dict[str, Any]:
        """Return what is kept, see `read`."""
        return {"place": self.place, "row": self.row, "earlier": list(self.earlier)}

    def is_elsewhere(self, other: Self) -> bool:
        """Return whether another case lay in another place, or was another volume or series of the same one."""
        if not self.place or self.place != other.place:
            return True
        return bool(self.row and other.row and self.row != other.row)


def _whole(path: Path) -> str:
    """Return a path from the root on: the same place however it is written, from whichever folder.

    One that begins at the root is as it was marked by earlier versions.
    """
    return str(path) if path.is_absolute() else os.path.normpath(path.absolute())


def _hash(project: Project, names: Iterable[str]) -> str:
    text = "\n".join(sorted(names))
    return hmac.new(bytes.fromhex(project.key), text.encode(), hashlib.sha256).hexdigest() if text else ""
