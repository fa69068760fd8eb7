"""What lies at a path: the DICOM series of a folder, and the files that belong to none; headers only."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from napari_refusion.io.boundary import bounded, decoding
from napari_refusion.io.dicom.files import Paths, files_at, title
from napari_refusion.io.dicom.header import quiet
from napari_refusion.io.dicom.image_file import slices_in
from napari_refusion.io.dicom.image_groups import series_of
from napari_refusion.io.dicom.series import Series
from napari_refusion.io.dicom.slice import Slice
from napari_refusion.io.formats import DICOM, PACKED, ending, format_by_name
from napari_refusion.volume.finding import Finding, RefusedError, blocking, refuse


@dataclass(frozen=True, slots=True)
class Scan:
    """What lies at a path."""

    series: tuple[Series, ...]
    """Sorted by series number."""
    others: tuple[Path, ...] = ()
    """Files that are no DICOM images."""
    damaged: tuple[Path, ...] = ()
    """DICOM files that could not be read."""
    lost: tuple[Path, ...] = ()
    """Files that are no DICOM images but are called like those beside them: emptied, or cut at their beginning."""
    missing: tuple[str, ...] = ()
    """Files that a DICOMDIR refers to and that are not there."""
    registrations: tuple[Path, ...] = ()
    """DICOM registrations, which are no images but may say how two series lie to each other."""
    faults: tuple[Finding, ...] = ()
    """Why each of `damaged` could not be read."""


def list_series(paths: Paths) -> list[Series]:
    """Return the series of a folder and the folders below it, of one file, or of whatever else `files_at` takes.

    Raises
    ------
    RefusedError
        Nothing there, no DICOM images, or more files than an examination has.
    """
    return list(scan(paths).series)


@bounded
def scan(paths: Paths) -> Scan:
    """Return the series at a path and the files that belong to none; see `list_series`."""
    files = files_at(paths)
    found = _series_in(tuple(map(_state, files.paths)))
    if not found.series:
        raise _nothing_found(paths, found)
    return replace(found, missing=files.missing)


def _state(file: Path) -> tuple[Path, int, int]:
    """Return a file with its size and the time of its last change."""
    try:
        status = file.stat()
    except OSError:
        return file, -1, -1
    return file, status.st_size, status.st_mtime_ns


@lru_cache(maxsize=2)
def _series_in(states: tuple[tuple[Path, int, int], ...]) -> Scan:
    """Return what `series_in` does; a folder that is listed and then read is not scanned twice."""
    return series_in(file for file, _, _ in states)


@quiet()
def series_in(files: Iterable[Path]) -> Scan:
    """Return the series that files hold, and which of them belong to none."""
    groups: dict[str, list[Slice]] = {}
    others: list[Path] = []
    foreign: list[Path] = []
    registrations: list[Path] = []
    damaged: list[Path] = []
    faults: list[Finding] = []
    for file in files:
        try:
            with decoding(file, _damaged):
                slices = slices_in(file)
        except RefusedError as error:
            damaged.append(file)
            faults += blocking(error.findings)
            continue
        if not isinstance(slices, list):
            {"foreign": foreign, "registration": registrations, "other": others}[slices].append(file)
            continue
        for image in slices:
            groups.setdefault(image.series_uid, []).append(image)
    series = series_of(groups)
    lost = _called_like_images(foreign, [file for one in series for file in one.files])
    others += [file for file in foreign if file not in lost]
    return Scan(tuple(series), tuple(others), tuple(damaged), lost, (), tuple(registrations), tuple(faults))


def _called_like_images(others: Sequence[Path], images: Iterable[Path]) -> tuple[Path, ...]:
    """Return the files that are numbered like images beside them, or have an ending that only DICOM has."""

    def pattern(file: Path) -> tuple[Path, str]:
        return file.parent, re.sub(r"\d+", "#", file.name)

    numbered = {pattern(file) for file in images} if others else set()
    return tuple(
        file
        for file in others
        if file.suffix.lower() in (".dcm", ".ima") or ("#" in pattern(file)[1] and pattern(file) in numbered)
    )


def _nothing_found(paths: Paths, found: Scan) -> RefusedError:
    name = title(paths)
    if found.faults:
        return RefusedError(found.faults[:1])
    if found.lost:
        return _damaged(found.lost[0])
    archives = [file for file in found.others if ending(file) in (".zip", *PACKED)]
    if archives:
        what = "unpack it" if ending(archives[0]) in PACKED else "open that archive, or unpack it"
        sentence = f"{name} holds no DICOM images but an archive, {archives[0].name}: {what} and open its folder."
        return refuse("DICOM files", sentence, archives[0].name)
    others = [file for file in found.others if format_by_name(file) not in (None, DICOM)]
    if others and not (isinstance(paths, Path) and paths.is_file()):
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        sentence = f"{name} holds no DICOM images, but {others[0].name}{more}: open such a file by itself."
        return refuse("DICOM files", sentence, others[0].name)
    alone = isinstance(paths, Path) and paths.is_file()
    looked = "it is another kind of file" if alone else f"none of the {len(found.others)} file(s) in it is one"
    return refuse("DICOM files", f"{name} holds no DICOM images: {looked}; choose the folder of an examination.")


def _damaged(path: Path, _error: BaseException | None = None) -> RefusedError:
    return refuse("DICOM files", f"{path.name} is a damaged DICOM file and cannot be read; send the series again.")
