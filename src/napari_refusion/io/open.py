"""From a path to a volume: the format decides which reader reads it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from napari_refusion.io.boundary import bounded
from napari_refusion.io.choice import VolumeChoice
from napari_refusion.io.formats import DICOM, FORMATS, Format, ending, format_of, remedy_for
from napari_refusion.io.given_path import GivenPaths, given_paths
from napari_refusion.io.identify import check_modality
from napari_refusion.volume.finding import refuse
from napari_refusion.volume.origin import what_was_asked
from napari_refusion.volume.volume import Volume

Paths = Path | Sequence[Path]
"""A file, a folder, or several files of one examination."""


def open_volume(
    path: GivenPaths, modality: str | None = None, series: str | None = None, volume: VolumeChoice = None
) -> Volume:
    """Return one volume in a file or a DICOM folder.

    Parameters
    ----------
    path
        A file of one of `formats.FORMATS`, a folder of DICOM files, a DICOMDIR, a zip archive of DICOM files, or
        several DICOM files.
    modality
        One of `volume.modality.MODALITIES`; wins over what file and name say, and chooses among the series of a DICOM
        folder. None leaves it to them.
    series
        Series Number, Series Instance UID or Series Description, to choose among several series of a DICOM folder.
    volume
        Which of several volumes of a file or series: its number from 0 or its name, ``mean`` or ``sum`` of its frames,
        or the mean of those in a span of time, ``02:00-05:00``.

    Raises
    ------
    RefusedError
        If there is no such file, its format is not read, there is nothing to choose, or its reader refuses it.
    """
    chosen = check_modality(modality) if modality else None
    paths = given_paths(path)
    one, found = known_format(paths)
    choice = {name: value for name, value in (("series", series), ("volume", volume)) if value is not None}
    _check_choice(_first(paths), found, choice)
    opened = found.reader()(one, modality=chosen, **choice)
    return _with_place(opened, paths, what_was_asked(modality, series, volume))


def open_volumes(path: GivenPaths, modality: str | None = None, series: str | None = None) -> tuple[Volume, ...]:
    """Return every volume of one series or file, each with its `Acquisition.part`; see `open_volume`.

    Raises
    ------
    RefusedError
        As `open_volume`; also where none of them can be read.
    """
    chosen = check_modality(modality) if modality else None
    paths = given_paths(path)
    one, found = known_format(paths)
    choice: dict[str, Any] = {"series": series} if series is not None else {}
    _check_choice(_first(paths), found, choice)
    read_all = found.all_reader()
    volumes = (
        read_all(one, modality=chosen, **choice) if read_all else (found.reader()(one, modality=chosen, **choice),)
    )
    return tuple(_with_place(one, paths, what_was_asked(modality, series, one.acquisition.part)) for one in volumes)


@bounded
def known_format(paths: Paths) -> tuple[Any, Format]:
    """Return what is to be read, and its format; several files together are DICOM.

    Raises
    ------
    RefusedError
        If something does not exist or is of no format that is read.
    """
    if not isinstance(paths, Path):
        if len(paths) == 1:
            return known_format(paths[0])
        if not paths:
            raise refuse("file", "Choose a file or a folder: nothing was given to be opened.")
        formats = [known_format(one)[1] for one in paths]
        if any(one is not DICOM for one in formats):
            sentence = (
                f"Open {paths[0].name} and the {len(paths) - 1} other files one by one: they are no DICOM series."
            )
            raise refuse("file", sentence, f"{len(paths)} files")
        return tuple(paths), DICOM
    if not paths.exists():
        raise refuse("file", f"{paths} does not exist: check the name.", str(paths))
    if not (paths.is_file() or paths.is_dir()):  # a pipe or a device, also behind a link: reading need not end
        raise refuse("file", f"Choose a file or a folder: {paths} is a pipe or a device.", str(paths))
    found = format_of(paths)
    if found is None:
        suffix = ending(paths)
        known = " ".join(one for kind in FORMATS for one in kind.endings)
        sentence = f"{remedy_for(paths)}, for {suffix} is not read, but {known} and DICOM folders are: {paths}"
        raise refuse("file", sentence, suffix)
    return paths, found


def _first(paths: Paths) -> Path:
    return paths if isinstance(paths, Path) else paths[0]


def _with_place(volume: Volume, path: Paths, asked: str) -> Volume:
    """Return a volume that knows what was opened and asked for; of several files that are their names.

    Bytes of its name that are no UTF-8 become ``�``: a page, a layer and a database can hold that.
    """
    opened = path if isinstance(path, Path) else path[0] if len(path) == 1 else None
    origin = replace(volume.origin, opened=opened or volume.origin.opened, asked=asked)
    return replace(
        volume, name=volume.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace"), origin=origin
    )


def _check_choice(path: Path, found: Format, choice: dict[str, Any]) -> None:
    """Refuse a choice that the format does not offer."""
    for name in choice:
        if name not in found.chooses:
            sentence = f"Leave out the {name}: {found.name} has none to choose from, in {path}."
            raise refuse("series" if name == "series" else "frames", sentence, str(choice[name]))
