"""Paths as a script or a notebook gives them, as text or as a `Path`; inside, there are `Path` alone."""

from collections.abc import Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import TypeAlias

from napari_refusion.volume.finding import refuse

GivenPath: TypeAlias = str | PathLike[str]
"""A file or a folder."""

GivenPaths: TypeAlias = GivenPath | Sequence[GivenPath]
"""A file, a folder, or several files of one examination."""


def given_path(given: object) -> Path:
    """Return what was given as a path.

    Raises
    ------
    RefusedError
        If it is nothing, or no path: a notebook may give anything.
    """
    if isinstance(given, str) and not given.strip():
        raise refuse("file", "Choose a file or a folder: nothing was given to be opened.")
    path = fspath(given) if isinstance(given, str | PathLike) else None
    if not isinstance(path, str):
        raise refuse("file", f"Name a file or a folder, as text or as a Path: {given!r} is none.", str(given))
    return Path(path)


def given_paths(given: object) -> Path | tuple[Path, ...]:
    """Return one path, or several where a sequence of them was given; text is one path, not a sequence of letters.

    Raises
    ------
    RefusedError
        As `given_path`.
    """
    if isinstance(given, str | bytes | PathLike) or not isinstance(given, Sequence):
        return given_path(given)
    return tuple(given_path(one) for one in given)
