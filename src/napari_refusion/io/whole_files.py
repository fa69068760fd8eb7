"""Files that appear whole or not at all, alone or together, and never over something by accident.

Everything is written to a temporary file in the same folder, forced to the disk, and then renamed over its final
name. A crash, a full disk or Ctrl+C therefore leaves either the old file or the new one, never half of one.
"""

import errno
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from napari_refusion.io.formats import ending
from napari_refusion.io.given_path import GivenPath, given_path
from napari_refusion.replacing import replacing, replacing_together, temporary_beside, windows_error
from napari_refusion.volume.finding import RefusedError, refuse

REMEDIES: Final = {
    errno.ENOSPC: "the disk is full: make room or choose another place",
    errno.EDQUOT: "your disk quota is used up: make room or choose another place",
    errno.EACCES: "you have no permission to write there: choose another folder or ask for it",
    errno.EPERM: "you have no permission to write there: choose another folder or ask for it",
    errno.EROFS: "that disk is read-only: choose another folder",
    errno.ENOENT: "its folder does not exist: create it first",
    errno.ENOTDIR: "its folder is not a folder: choose another place",
    errno.ENAMETOOLONG: "its name is too long: choose a shorter one",
}
"""Number of a system's error -> what it means and what to do."""

_PATH_NOT_FOUND, _NAME_TOO_LONG = 3, 206

_ON_WINDOWS: Final = {
    5: (
        "it is in use, or you have no permission to write there: close the program that has it open, or choose another "
        "folder"
    ),
    32: "it is in use: close the program that has it open",
    33: "it is in use: close the program that has it open",
    _NAME_TOO_LONG: "its path is longer than the 260 characters that Windows takes: choose a folder nearer to the disk",
}
"""Number of an error of Windows, which says more than the system's number -> what it means and what to do."""


@contextmanager
def atomic(path: GivenPath, overwrite: bool = False, keep: Iterable[Path] = ()) -> Iterator[Path]:
    """Yield a temporary path to write to; on leaving, it becomes `path`, or disappears if anything went wrong.

    Parameters
    ----------
    path
        Where the result is to be; the temporary file lies in the same folder and has the same suffixes.
    overwrite
        Whether an existing file may be replaced.
    keep
        Files that are never replaced, whatever `overwrite` says: the sources.

    Raises
    ------
    RefusedError
        If the file exists, is one of `keep`, or cannot be written; the sentence says why.
    """
    path = given_path(path)
    check_target(path, overwrite, keep)
    with _in_words(path), replacing(path, ending(path), overwrite) as temporary:
        yield temporary


@contextmanager
def together(
    paths: Sequence[Path], overwrite: bool = False, keep: Iterable[Path] = (), stale: Sequence[Path] = ()
) -> Iterator[dict[Path, Path]]:
    """Yield a temporary path for each of several files; on leaving all of them appear or none, the last one last.

    Parameters
    ----------
    paths
        Where the results are to be, in one folder; the last one is the record of the others.
    overwrite
        Whether existing files may be replaced.
    keep
        Files that are never replaced, see `atomic`.
    stale
        Files of a former result that this one lacks; they disappear where `overwrite` allows it.

    Raises
    ------
    RefusedError
        See `atomic`, for any of `paths` and `stale`.
    """
    sources = tuple(keep)
    for path in (*paths, *stale):
        check_target(path, overwrite, sources)
    with (
        _in_words(paths[0]),
        replacing_together({path: ending(path) for path in paths}, overwrite, stale) as temporary,
    ):
        yield temporary


@contextmanager
def _in_words(path: Path) -> Iterator[None]:
    """Turn what the system says against a result into a refusal that names it."""
    try:
        yield
    except FileExistsError as error:
        raise _exists(Path(error.filename or path)) from error
    except OSError as error:
        raise unwritable(path, remedy_of(error, path)) from error


def remedy_of(error: OSError, path: Path) -> str:
    """Return what an error that the system raised about a path means and what to do, as in `REMEDIES`."""
    number = windows_error(error)
    if number == _PATH_NOT_FOUND and path.parent.is_dir():  # so it says of temporary names, which are longer
        number = _NAME_TOO_LONG
    known = _ON_WINDOWS.get(number) or REMEDIES.get(error.errno or 0)
    return known or f"{error.strerror or error}: choose another place"


def check_target(path: Path, overwrite: bool, keep: Iterable[Path]) -> None:
    """Refuse a target that must not be written over, or whose folder is missing.

    Callers ask this before work whose result could not be kept.

    Raises
    ------
    RefusedError
        If the file exists, is one of `keep` or lies in a folder of them, is a folder, or has no folder to lie in that
        can be written.
    """
    sources = tuple(keep)
    if "\0" in str(path):
        raise unwritable(path, "its name holds a character that no file has: choose another one")
    try:
        if path.is_dir():
            raise refuse("output", f"Name a file in this folder: {path}", str(path))
        if not path.parent.is_dir():
            remedy = REMEDIES[errno.ENOTDIR if path.parent.exists() else errno.ENOENT]
            raise unwritable(path, remedy)
        for source in sources:
            if path.exists() and source.exists() and path.samefile(source):
                raise refuse(
                    "output",
                    f"Choose another name: one of the sources, or of the files read, is never overwritten: {path}",
                )
            if source.is_dir() and path.resolve().is_relative_to(source.resolve()):
                raise refuse("output", f"Choose a folder outside the source {source} for the result, not {path}.")
        if path.exists() and not overwrite:
            raise _exists(path)
        # permissions do not tell: a disk can be read-only, a share can refuse
        trial = temporary_beside(path)
        trial.touch()
        trial.unlink()
    except OSError as error:
        raise unwritable(path, remedy_of(error, path)) from error


def _exists(path: Path) -> RefusedError:
    """Return the error for a result that is there already."""
    sentence = "Choose another name, or replace it with --overwrite (overwrite=True in Python)"
    return refuse("output", f"{sentence}; this already exists: {path}")


def unwritable(path: Path, remedy: str) -> RefusedError:
    """Return the error for a place that cannot be written, with the remedy first and the path last.

    Parameters
    ----------
    remedy
        What is wrong and, behind a colon, what to do, as in `REMEDIES`.
    """
    wrong, _, action = remedy.rpartition(": ")
    sentence = f"{action[:1].upper()}{action[1:]}: {wrong}, so this cannot be written: {path}"
    return refuse("output", sentence, str(path))
