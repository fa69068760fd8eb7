"""Files that appear whole or not at all, whatever happens to the program or the disk while they are written."""

import contextlib
import errno
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import uuid4

HELD: Final = (5, 32, 33)
"""What Windows says of a file that a program has open: access denied, sharing violation, lock violation."""

_MOMENTS: Final = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds between attempts to rename what is held."""


def temporary_beside(path: Path, ending: str = "") -> Path:
    """Return a name in the same folder that no one else uses, as ``.refusion-3f9a...`` with an ending."""
    return path.with_name(f".refusion-{uuid4().hex}{ending}")


@contextmanager
def replacing(path: Path, ending: str = "", overwrite: bool = True) -> Iterator[Path]:
    """Yield a temporary path to write to; on leaving, it replaces `path`, or disappears if anything went wrong.

    The content is forced to the disk before the file gets its name, and then the name.

    Parameters
    ----------
    ending
        Of the temporary name, for writers that look at it (``.nii.gz``).
    overwrite
        Whether a file that is there by then may be replaced.

    Raises
    ------
    FileExistsError
        If a file is there that must not be replaced.
    OSError
        If it cannot be written; a former file is then still there.
    """
    temporary = temporary_beside(path, ending)
    try:
        yield temporary
        sync_file(temporary)
        if not overwrite and path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        rename(temporary, path)
        sync_folder(path.parent)
    finally:
        with contextlib.suppress(OSError):  # what went wrong before is what must be reported
            temporary.unlink(missing_ok=True)


@contextmanager
def replacing_together(
    endings: Mapping[Path, str], overwrite: bool = True, stale: Sequence[Path] = ()
) -> Iterator[dict[Path, Path]]:
    """Yield a temporary path for each of several files of one folder; on leaving all of them appear, or none does.

    The last one vouches for the others: where it is replaced, the old one goes first and the new one comes last. A
    program that is killed between two renamings leaves files without it, never beside one that belongs to others.

    Parameters
    ----------
    endings
        The files, and the endings of their temporary names.
    overwrite
        Whether files that are there by then may be replaced.
    stale
        Files of a former set that the new one lacks; they go where the others are replaced.

    Raises
    ------
    FileExistsError
        If a file is there that must not be replaced.
    OSError
        If one cannot be written; the former files are then all there.
    """
    temporary = {path: temporary_beside(path, ending) for path, ending in endings.items()}
    try:
        yield temporary
        for one in temporary.values():
            sync_file(one)
        for path in (*temporary, *stale):
            if not overwrite and path.exists():
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        _exchange(temporary, stale)
    finally:
        for one in temporary.values():
            with contextlib.suppress(OSError):  # what went wrong before is what must be reported
                one.unlink(missing_ok=True)


def _exchange(temporary: Mapping[Path, Path], stale: Sequence[Path]) -> None:
    """Give files their names, and take the former files of these names and the stale ones away; or change nothing.

    Before a name may be missing or changed that another one relies upon, those before it are forced to the disk: a
    power cut can undo renamings in any order.
    """
    aside: dict[Path, Path] = {}
    placed: list[Path] = []
    *_, last = temporary
    try:
        for path in (*reversed(list(temporary)), *stale):
            if path.exists():
                aside[path] = temporary_beside(path)
                rename(path, aside[path])
                if path == last:
                    sync_folder(path.parent)
        for path, one in temporary.items():
            if path == last:
                sync_folder(path.parent)
            placed.append(path)
            rename(one, path)
    except BaseException:
        for path in placed:
            path.unlink(missing_ok=True)
        for path, former in reversed(list(aside.items())):
            if former.exists():
                rename(former, path)
        raise
    finally:
        for folder in {path.parent for path in temporary}:
            sync_folder(folder)
    for former in aside.values():
        with contextlib.suppress(OSError):  # the new files stand; a hidden former one is swept later
            former.unlink()


def rename(source: Path, target: Path) -> None:
    """Give a file or a folder its name; a file of that name is replaced.

    Windows renames nothing that a program has open, nor a folder with such a file, and virus scanners and indexes open
    for a moment what was just written: there it is tried again for a second and a half.

    Raises
    ------
    OSError
        If it cannot be renamed.
    """
    for seconds in _MOMENTS:
        try:
            source.replace(target)
        except OSError as error:
            if windows_error(error) not in HELD:
                raise
            time.sleep(seconds)
        else:
            return
    source.replace(target)


def windows_error(error: OSError) -> int:
    """Return the number that Windows gives an error, 0 on other systems."""
    return getattr(error, "winerror", None) or 0


def sync_file(path: Path) -> None:
    """Force a file's content to the disk."""
    with path.open("rb+") as written:
        os.fsync(written.fileno())


def sync_folder(folder: Path) -> None:
    """Force the renaming to the disk where the system can (not on Windows)."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
