"""Zip archives: unpacked into a temporary folder that lasts as long as the program, never beside the archive."""

import atexit
import re
import shutil
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Final

from napari_refusion.io.boundary import decoding, reason
from napari_refusion.io.reserved_names import is_reserved
from napari_refusion.volume.finding import RefusedError, refuse

MOST_MEMBERS: Final = 20_000
"""Files in one archive."""
MOST_BYTES: Final = 8 * 2**30
"""Bytes of all files of an archive, unpacked; more is no examination, or an archive made to fill disks."""
BOMB, MOST_COMPRESSION = 2**28, 100
"""Unpacked bytes from which an archive is refused that compressed them so many times; scans are 2 to 20 times."""
_CHUNK: Final = 2**20
_LONGEST: Final = 100
"""Characters of the name of a file or folder."""
_REFUSED: Final = re.compile(r'[<>:"|?*\x00-\x1f]')
"""What Windows takes in no name."""
_LOOKED_AT: Final = 30
"""Files of an archive that are inspected before it is left to other programs."""


def is_zip(path: Path) -> bool:
    """Return whether a file is a zip archive, by its signature."""
    with path.open("rb") as file:
        return file.read(4) in (b"PK\x03\x04", b"PK\x05\x06")


def holds_dicom(path: Path) -> bool:
    """Return whether one of the first files of an archive carries the signature of DICOM; damaged archives do not."""
    try:
        with decoding(path), zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            return any(_is_dicom(archive, member) for member in members[:_LOOKED_AT])
    except RefusedError:
        return False


def _is_dicom(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    with archive.open(member) as file:
        return file.read(132)[128:] == b"DICM"


def unpacked(path: Path) -> Path:
    """Return a folder with the files of an archive; the same one as long as the archive is not changed.

    Raises
    ------
    RefusedError
        If the archive is damaged, protected by a password, or too large.
    """
    status = path.stat()
    return _unpacked(path.resolve(), status.st_size, status.st_mtime_ns)


@cache
def _unpacked(path: Path, _size: int, _changed: int) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="napari-refusion-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    try:
        with decoding(path, _not_unpacked), zipfile.ZipFile(path) as archive:
            # of a file that was put in twice the last one counts, as for other programs
            members = list({member.filename: member for member in archive.infolist() if not member.is_dir()}.values())
            _check_size(path, members, folder)
            left = MOST_BYTES
            for member, name in zip(members, _names(members), strict=True):
                left -= _unpack(archive, member, folder / name, left)
                if left < 0:
                    raise _too_large(path)
    except RefusedError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


def _not_unpacked(path: Path, error: BaseException) -> RefusedError:
    sentence = f"{path.name} cannot be unpacked ({reason(error)}): unpack it yourself and open the folder."
    return refuse("DICOM files", sentence)


def _check_size(path: Path, members: list[zipfile.ZipInfo], folder: Path) -> None:
    stated = sum(member.file_size for member in members)
    if len(members) > MOST_MEMBERS or stated > MOST_BYTES:
        raise _too_large(path)
    if stated > BOMB and stated > path.stat().st_size * MOST_COMPRESSION:
        words = (
            f"Do not use {path.name}: its files are compressed more than {MOST_COMPRESSION} times, which no scan is."
        )
        raise refuse("DICOM files", words, f"{stated} bytes")
    free = shutil.disk_usage(folder).free
    if stated > free:
        sentence = (
            f"{path.name} needs {stated / 1e9:.1f} GB to be unpacked, and {free / 1e9:.1f} GB are free: make room."
        )
        raise refuse("DICOM files", sentence, f"{stated} bytes")


def _too_large(path: Path) -> Exception:
    sentence = (
        f"{path.name} holds more than {MOST_MEMBERS} files or {MOST_BYTES / 1e9:.0f} GB: unpack the examination that "
        "you need, and open its folder."
    )
    return refuse("DICOM files", sentence)


def _names(members: Iterable[zipfile.ZipInfo]) -> Iterator[str]:
    """Yield the path of each member below a folder, whatever its name says: one that every system takes.

    No two differ by capitals or the coding of an umlaut alone: on disks that do not tell them apart, a slice would be
    written over another one.
    """
    taken: set[str] = set()
    for number, member in enumerate(members):
        parts = PurePosixPath(member.filename.replace("\\", "/")).parts
        *folders, name = [_plain(part) for part in parts if part not in ("/", ".", "..")] or ["file"]
        path = "/".join((*folders, name))
        if _as_disks_compare(path) in taken:
            path = "/".join((*folders, f"{number}~{name}"))
        taken.add(_as_disks_compare(path))
        yield path


def _plain(part: str) -> str:
    """Return the name of a file or folder as every system takes it."""
    name = _REFUSED.sub("_", part)[:_LONGEST].rstrip(" .") or "_"
    return f"_{name}" if is_reserved(name) else name


def _as_disks_compare(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, most: int) -> int:
    """Write one member to a file and return its size; stops beyond `most` bytes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with archive.open(member) as source, target.open("wb") as file:
        while written <= most and (chunk := source.read(_CHUNK)):
            file.write(chunk)
            written += len(chunk)
    return written
