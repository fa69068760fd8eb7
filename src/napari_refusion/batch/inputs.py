"""The files of a case as they were when it was fused, so that a later run tells whether they changed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
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
    changed: int
    """When, ns."""
    sha256: str = ""
    """Of its content; empty where only size and time are known."""


def input_files(case: WorkCase, *, hashed: bool) -> tuple[InputFile, ...]:
    """Return the files of a case, by their marks.

    Raises
    ------
    OSError
        If one cannot be read.
    """
    found = {}
    for source, letter in ((case.first, "a"), (case.second, "b")):
        for file in source_files(source):
            state = file.stat()
            name = f"{letter}/{file.relative_to(source if source.is_dir() else source.parent).as_posix()}"
            mark = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
            found[mark] = InputFile(mark, state.st_size, state.st_mtime_ns, sha256_of(file) if hashed else "")
    return tuple(found[mark] for mark in sorted(found))


def are_the_same(known: Sequence[InputFile], case: WorkCase) -> bool:
    """Return whether the files of a case hold what they held.

    Sizes and times tell; where only a time differs, as after copying, the content is compared.

    Raises
    ------
    OSError
        If a file cannot be read.
    """
    now = input_files(case, hashed=False)
    if [(one.mark, one.size) for one in now] != [(one.mark, one.size) for one in known]:
        return False
    if [one.changed for one in now] == [one.changed for one in known]:
        return True
    return [one.sha256 for one in input_files(case, hashed=True)] == [one.sha256 for one in known]
