"""A folder of results: there as a whole or not at all, as `io.whole_files.atomic` does it for one file."""

import contextlib
import errno
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from napari_refusion.io.whole_files import REMEDIES, remedy_of, unwritable
from napari_refusion.replacing import rename, sync_file, sync_folder, temporary_beside
from napari_refusion.volume.finding import RefusedError, refuse

LEFT_BEHIND: Final = 3600.0
"""Seconds after which a temporary file or folder that nothing was written to belongs to a run that was killed."""

_TEMPORARY: Final = re.compile(r"\.refusion-[0-9a-f]{32}(\.[A-Za-z0-9.]+)?")
"""The names that `replacing.temporary_beside` gives to what is not finished."""


@contextmanager
def whole_folder(path: Path, overwrite: bool = False) -> Iterator[Path]:
    """Yield a temporary folder to write files into; on leaving it becomes `path`, or disappears if anything went wrong.

    The files are forced to the disk before the folder gets its name. What a killed run left beside `path` more than
    `LEFT_BEHIND` seconds ago is removed on the way.

    Parameters
    ----------
    path
        The folder to make; its parent exists already.
    overwrite
        Whether a folder that is there is replaced as a whole. A program that is killed between the two renamings leaves
        none of this name.

    Raises
    ------
    RefusedError
        If `path` exists and is not to be replaced, or cannot be written; the sentence says why.
    """
    check_folder(path, overwrite)
    sweep(path.parent)
    temporary = temporary_beside(path)
    try:
        temporary.mkdir()
        yield temporary
        _sync(temporary)
        # A folder in the meantime, even an empty one, which the renaming would replace, is someone else's.
        check_folder(path, overwrite)
        with _aside(path):
            rename(temporary, path)
        sync_folder(path.parent)
    except OSError as error:
        raise _unwritable(path, error) from error
    except RefusedError as error:
        raise _by_its_name(error, temporary, path) from (error.__cause__ or error)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _by_its_name(error: RefusedError, temporary: Path, path: Path) -> RefusedError:
    """Return an error that names what was to be written as it would be called, and no hidden folder."""

    def named(text: str) -> str:
        return text.replace(str(temporary), str(path))

    return RefusedError(replace(one, sentence=named(one.sentence), value=named(one.value)) for one in error.findings)


@contextmanager
def _aside(path: Path) -> Iterator[None]:
    """Take a folder that is there out of the way; it comes back if what takes its place does not come."""
    former = temporary_beside(path)
    try:
        rename(path, former)
    except FileNotFoundError:
        yield
        return
    try:
        yield
    except BaseException:
        rename(former, path)
        raise
    shutil.rmtree(former, ignore_errors=True)


def check_folder(path: Path, overwrite: bool = False) -> None:
    """Refuse a folder that cannot be made: callers ask this before work whose result could not be kept.

    Parameters
    ----------
    overwrite
        Whether a folder that is there may be replaced.

    Raises
    ------
    RefusedError
        If something of that name exists, or its parent does not.
    """
    try:
        if os.path.lexists(path) and not (overwrite and path.is_dir() and not path.is_symlink()):
            raise refuse("output", f"Name a new folder; this already exists and was left as it is: {path}", str(path))
        if not path.parent.is_dir():
            remedy = REMEDIES[errno.ENOTDIR if path.parent.exists() else errno.ENOENT]
            raise unwritable(path, remedy)
    except OSError as error:
        raise _unwritable(path, error) from error


def sweep(parent: Path) -> tuple[Path, ...]:
    """Return the temporary files and folders in `parent` that killed runs left behind, after removing them.

    Only names that this package makes are touched, and only where nothing was written for `LEFT_BEHIND` seconds, so
    that another run that is still writing keeps its own. Links are never followed.
    """
    removed = []
    with contextlib.suppress(OSError):
        for entry in sorted(parent.iterdir()):
            if _TEMPORARY.fullmatch(entry.name) and _is_old(entry):
                _remove(entry)
                removed.append(entry)
    return tuple(entry for entry in removed if not os.path.lexists(entry))


def _is_old(entry: Path) -> bool:
    """Return whether nothing was written to a file, or to a folder and the files in it, for long enough."""
    written = [entry.lstat().st_mtime]
    if entry.is_dir() and not entry.is_symlink():
        written += [below.lstat().st_mtime for below in entry.rglob("*")]
    return time.time() - max(written) > LEFT_BEHIND


def _remove(entry: Path) -> None:
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            entry.unlink()


def _sync(folder: Path) -> None:
    """Force every file of a folder, and the folder itself, to the disk."""
    for file in folder.rglob("*"):
        if file.is_dir():
            sync_folder(file)
            continue
        sync_file(file)
    sync_folder(folder)


def _unwritable(path: Path, error: OSError) -> RefusedError:
    """Return the error for a folder that the system does not let be written."""
    return unwritable(path, remedy_of(error, path))
