"""Where the files of a session lie: noted when it is saved, looked for when it is opened."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from napari_refusion.session.saved.layer import Place

if TYPE_CHECKING:
    from napari_refusion.volume.origin import Origin

_LOOKED_INTO: Final = 2000
"""Folders below a chosen one that are searched for a name."""


def place_of(origin: Origin, folder: Path) -> Place | None:
    """Return where the files of a volume lie, seen from a session's folder; None for a volume of no file."""
    opened = (origin.opened,) if origin.opened is not None else origin.paths
    return place_of_files(opened, folder) if opened else None


def place_of_files(files: Sequence[Path], folder: Path) -> Place:
    """Return where some files or folders lie, seen from a session's folder."""
    paths = [path.absolute() for path in files]
    common = paths[0].parent if len(paths) == 1 else Path(os.path.commonpath([path.parent for path in paths]))
    try:
        beside = Path(os.path.relpath(common, folder.absolute())).as_posix()
    except ValueError:  # another drive
        beside = ""
    return Place(str(common), beside, tuple(path.relative_to(common).as_posix() for path in paths))


def candidates(place: Place, folder: Path, asked: Sequence[Path] = ()) -> Iterator[tuple[Path, ...]]:
    """Yield where the files of a source are now, the likely place first; all of them are there.

    Parameters
    ----------
    folder
        Of the session, as it lies now.
    asked
        Folders that the user chose; what lies in folders below them is found as well.
    """
    seen: set[tuple[Path, ...]] = set()
    for base in _bases(place, folder, asked):
        paths = tuple(base / name for name in place.names)
        if paths not in seen and all(map(_is_there, paths)):
            yield paths
        seen.add(paths)


def title_of(place: Place) -> str:
    """Return what to call the files of a source: the first name."""
    more = f" and {len(place.names) - 1} more" if len(place.names) > 1 else ""
    return f"{PurePosixPath(place.names[0]).name}{more}"


def _bases(place: Place, folder: Path, asked: Sequence[Path]) -> Iterator[Path]:
    """Yield folders in which the names of a place may be."""
    if place.beside:
        yield Path(os.path.normpath(folder / place.beside))
    yield Path(place.folder)
    yield folder
    yield folder.parent
    for chosen in asked:
        yield chosen
        yield chosen.parent  # the source's own folder was chosen
        for number, (below, folders, _) in enumerate(os.walk(chosen)):
            if number >= _LOOKED_INTO:
                break
            folders.sort()
            yield Path(below)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that no system takes
        return False
