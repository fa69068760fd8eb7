"""The files of a case as they were when it was fused, so that a later run tells whether they changed.

A file whose size and times are what they were is taken to hold what it held; any other one is read again, and its
content tells. Beside the time that anyone may set (and that archives and copies keep) stands the one that the system
keeps for itself, so that a file that was exchanged for one of equal size and equal date is noticed. A file that was
touched or copied alone is the same file, and its new times are kept, so that it is read once only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from napari_refusion.cohort.case_files import source_files
from napari_refusion.io.one_pass import sha256_of

if TYPE_CHECKING:
    from napari_refusion.cohort.work_case import WorkCase


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file that a source is read from."""

    mark: str
    """Of its source and its name in it, not the name itself: that may be the patient's."""
    size: int
    """Bytes."""
    changed: int = field(compare=False)
    """When its content was changed, as the file says, ns."""
    sha256: str = ""
    """Of its content; empty where only size and times are known."""
    noted: int = field(default=0, compare=False)
    """When the system itself noted a change of it last (Windows: its making), ns; 0 where that is not known."""

    @property
    def times(self) -> tuple[int, int]:
        """Return what must be equal for a file that is not read again."""
        return self.changed, self.noted


def input_files(case: WorkCase) -> tuple[InputFile, ...]:
    """Return the files of a case, by their marks, with their content hashed.

    Raises
    ------
    OSError
        If one cannot be read.
    """
    return tuple(_hashed(one, file) for one, file in _found(case))


def same_files(known: Sequence[InputFile], case: WorkCase) -> tuple[InputFile, ...] | None:
    """Return the files of a case with the times that they have now, None where they do not hold what they held.

    Raises
    ------
    OSError
        If a file cannot be read.
    """
    now = _found(case)
    if [(one.mark, one.size) for one, _ in now] != [(one.mark, one.size) for one in known]:
        return None
    current = []
    for former, (one, file) in zip(known, now, strict=True):
        is_untouched = one.times == former.times and former.noted
        current.append(former if is_untouched else _hashed(one, file))
        if current[-1] != former:
            return None
    return tuple(current)


def _found(case: WorkCase) -> list[tuple[InputFile, Path]]:
    """Return each file of a case, by its mark, with where it lies; not hashed."""
    found = {one.mark: (one, file) for one, file in _looked_at(case)}
    return [found[mark] for mark in sorted(found)]


def _looked_at(case: WorkCase) -> Iterator[tuple[InputFile, Path]]:
    for source, letter in ((case.first, "a"), (case.second, "b")):
        for file in source_files(source):
            state = file.stat()
            name = f"{letter}/{file.relative_to(source if source.is_dir() else source.parent).as_posix()}"
            mark = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
            yield InputFile(mark, state.st_size, state.st_mtime_ns, noted=state.st_ctime_ns), file


def _hashed(one: InputFile, file: Path) -> InputFile:
    return replace(one, sha256=sha256_of(file))
