"""The state of the files of a case: whether what was read of them is still what they hold."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from napari_refusion.cohort.work_case import WorkCase

FilesState = tuple[tuple[str, int, int], ...]
"""Path, size in bytes and time of the last change in ns of every file, by path."""


def files_state(case: WorkCase) -> FilesState:
    """Return the state of everything that the sources of a case are read from; of no file that cannot be looked at.

    Beside a file that is the description of the same name (``pet.json`` beside ``pet.nii.gz``, ``pet.img`` beside
    ``pet.hdr``).
    """
    found = set()
    for source in (case.first, case.second):
        with suppress(OSError):  # it is told when the case is read
            for file in source_files(source):
                state = file.stat()
                found.add((str(file), state.st_size, state.st_mtime_ns))
    return tuple(sorted(found))


def source_files(source: Path) -> Iterator[Path]:
    """Yield every file of a folder, or a file and those of the same name beside it.

    Raises
    ------
    OSError
        If it cannot be looked at.
    """
    if source.is_dir():
        yield from (file for file in source.rglob("*") if file.is_file())
    else:
        stem = source.name.split(".", 1)[0]
        yield from (file for file in source.parent.iterdir() if file.name.split(".", 1)[0] == stem)
