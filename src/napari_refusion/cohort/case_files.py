"""The state of the files of a case: whether what was read of them is still what they hold."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from napari_refusion.cohort.work_case import WorkCase
from napari_refusion.io.formats import ending, format_by_name
from napari_refusion.volume.finding import RefusedError

_MEDIA: Final = "DICOMDIR"
"""The file that lists what lies in the folders beside it."""

FilesState = tuple[tuple[str, int, int], ...]
"""Path, size in bytes and time of the last change in ns of every file, by path."""


def files_state(case: WorkCase) -> FilesState:
    """Return the state of everything that the sources of a case are read from; of no file that cannot be looked at.

    Beside a file that is the description of the same name (``pet.json`` beside ``pet.nii.gz``, ``pet.img`` beside
    ``pet.hdr``), and the file that a header names.
    """
    found = set()
    for source in (case.first, case.second):
        with suppress(OSError):  # it is told when the case is read
            for file in source_files(source):
                state = file.stat()
                found.add((str(file), state.st_size, state.st_mtime_ns))
    return tuple(sorted(found))


def source_files(source: Path) -> Iterator[Path]:
    """Yield every file that a source is read from.

    Of a folder these are all in it, of a file those of the same name beside it, too, and the one that its header names.

    Raises
    ------
    OSError
        If it cannot be looked at.
    """
    if source.is_dir() or source.name.upper() == _MEDIA:
        folder = source if source.is_dir() else source.parent
        yield from (file for file in folder.rglob("*") if file.is_file())
        return
    stem = _stem(source)
    beside = {file for file in source.parent.iterdir() if _stem(file) == stem}
    yield from beside | _pointed_to(source)


def _stem(file: Path) -> str:
    """Return a name without its ending; UIDs, which name DICOM files, have dots of their own."""
    return file.name[: len(file.name) - len(ending(file))]


def _pointed_to(source: Path) -> set[Path]:
    """Return the file that holds the voxels of an NRRD or MetaImage header, whatever it is called."""
    found = format_by_name(source)
    if found is None or not found.points_to_voxels:
        return set()
    from napari_refusion.io.itk.read import LONGEST_HEADER, read_header

    with suppress(RefusedError):  # it is told when the case is read
        with source.open("rb") as file:
            first = file.read(LONGEST_HEADER)
        voxels = read_header(source, first).data_file
        return {voxels} if voxels.is_file() else set()
    return set()
