"""One door to DICOM: the files that a folder, a file, a list of files, a DICOMDIR or a zip archive stand for."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from pydicom import Dataset

from napari_refusion.io.boundary import decoding
from napari_refusion.io.dicom.dataset import read_dataset
from napari_refusion.io.dicom.header import quiet, text
from napari_refusion.io.dicom.zipped import is_zip, unpacked
from napari_refusion.volume.finding import RefusedError, refuse

MOST_FILES: Final = 20_000
"""Files that are inspected in one folder; more is an archive, not an examination."""

Paths = Path | Sequence[Path]
"""What is opened: a path, or several files of one examination."""


@dataclass(frozen=True, slots=True)
class Files:
    """The files that something stands for."""

    paths: tuple[Path, ...]
    missing: tuple[str, ...] = ()
    """Names of files that a DICOMDIR refers to and that are not there."""


def files_at(paths: Paths) -> Files:
    """Return the files that are meant, each once, in a fixed order.

    Raises
    ------
    RefusedError
        Nothing there, more files than an examination has, or an archive that cannot be unpacked.
    """
    several = [paths] if isinstance(paths, Path) else list(paths)
    found: list[Path] = []
    missing: list[str] = []
    for path in several:
        one = _at(path, len(several) == 1)
        found += one.paths
        missing += one.missing
        if len(found) > MOST_FILES:
            words = f"{title(path)} holds more than {MOST_FILES} files; choose the folder of one examination."
            raise refuse("DICOM files", words, f"{MOST_FILES} files")
    return Files(tuple(dict.fromkeys(found)), tuple(missing))


def title(paths: Paths) -> str:
    """Return what a sentence calls what was opened."""
    if isinstance(paths, Path):
        return paths.name or paths.resolve().name or str(paths)  # the current folder has no name of its own
    return title(paths[0]) if len(paths) == 1 else f"{paths[0].name} and {len(paths) - 1} more"


def as_path(paths: Paths) -> Path:
    """Return the one path that names what was opened: the first of several files."""
    return paths if isinstance(paths, Path) else paths[0]


def _at(path: Path, is_alone: bool) -> Files:
    if path.is_file():
        if is_directory_record(path):
            return _listed(path)
        # Slices that are given one by one are not opened only to see that they are no archives.
        may_be_zip = path.suffix.lower() == ".zip" or (is_alone and path.suffix.lower() not in (".dcm", ".ima"))
        return Files(tuple(_below(unpacked(path)))) if may_be_zip and is_zip(path) else Files((path,))
    if not path.is_dir():
        raise refuse("DICOM files", f"{path.name} does not exist or is not a folder; choose another one.")
    return Files(tuple(_below(path)))


def _below(path: Path) -> Iterator[Path]:
    """Yield the regular files below a folder in a fixed order; links to folders are not followed (they may circle)."""
    seen = 0
    for folder, below, names in os.walk(path):
        below.sort()
        for name in sorted(names):
            # Of a DICOMDIR its images lie beside it; names with a dot are notes of file systems (``._IM0001``).
            if name.startswith(".") or name.upper() == "DICOMDIR" or not (file := Path(folder, name)).is_file():
                continue
            seen += 1
            yield file
            if seen > MOST_FILES:
                return


def is_directory_record(path: Path) -> bool:
    """Return whether a file is the directory of a medium, by its name (PS3.10, 8.6)."""
    return path.name.upper() == "DICOMDIR"


def _listed(path: Path) -> Files:
    """Return the files that a DICOMDIR refers to."""
    with decoding(path, _damaged), quiet():
        records = read_dataset(path, force=False).DirectoryRecordSequence
        names = [text(record, "ReferencedFileID") for record in records if _is_image(record)]
    found = [(name.replace("\\", "/"), _beside(path.parent, name.split("\\"))) for name in names if name]
    there = tuple(file for _, file in found if file is not None)
    missing = tuple(name for name, file in found if file is None)
    if not there:
        sentence = (
            f"None of the {len(names)} image(s) that {path.name} lists are there ({', '.join(missing[:3])}...): copy "
            "the whole disc, and open the copy."
        )
        raise refuse("DICOM files", sentence, f"{len(names)} missing")
    return Files(there, missing)


def _damaged(path: Path, _error: BaseException) -> RefusedError:
    sentence = f"{path.name} is damaged and cannot be read: open the folder {path.parent.name} instead."
    return refuse("DICOM files", sentence)


def _is_image(record: Dataset) -> bool:
    return text(record, "DirectoryRecordType") in ("IMAGE", "")


def _beside(root: Path, parts: Sequence[str]) -> Path | None:
    """Return a file of a medium by its components, in capitals or, as some systems copy discs, in small letters."""
    if any(part in ("", ".", "..") or "/" in part or PurePosixPath(part).is_absolute() for part in parts):
        return None
    for names in (parts, [part.lower() for part in parts]):
        file = root.joinpath(*names)
        if file.is_file():
            return file
    return None
