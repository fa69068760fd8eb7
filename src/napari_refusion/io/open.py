"""From a path to a volume: the format decides which reader reads it."""

from dataclasses import replace
from pathlib import Path

from napari_refusion.io.formats import FORMATS, Format, ending, format_of
from napari_refusion.io.identify import check_modality
from napari_refusion.io.plausible import unreadable
from napari_refusion.volume.finding import refuse
from napari_refusion.volume.volume import Volume


def open_volume(
    path: Path, modality: str | None = None, series: str | None = None, volume: int | None = None
) -> Volume:
    """Return the volume in a file or a DICOM folder.

    Parameters
    ----------
    path
        A file of one of `formats.FORMATS`, or a folder of DICOM files.
    modality
        One of `volume.modality.MODALITIES`; wins over what file and name say, and chooses among the series of a DICOM
        folder. None leaves it to them.
    series
        Series Instance UID or Series Number, to choose among several series of a DICOM folder.
    volume
        Which of several volumes of a NIfTI file, from 0.

    Raises
    ------
    RefusedError
        If there is no such file, its format is not read, there is nothing to choose, or its reader refuses it.
    """
    chosen = check_modality(modality) if modality else None
    try:
        if not path.exists():
            raise refuse("file", f"{path} does not exist: check the name.", str(path))
        found = format_of(path)
    except OSError as error:
        raise unreadable(path, error) from error
    if found is None:
        known = " ".join(one for kind in FORMATS for one in kind.endings)
        suffix = ending(path)
        sentence = f"{path} has an unsupported format ({suffix}). Supported are {known} and DICOM folders."
        raise refuse("file", sentence, suffix)
    choice = {name: value for name, value in (("series", series), ("volume", volume)) if value is not None}
    _check_choice(path, found, choice)
    opened = found.reader()(path, modality=chosen, **choice)
    return replace(opened, origin=replace(opened.origin, opened=path))


def _check_choice(path: Path, found: Format, choice: dict[str, str | int]) -> None:
    """Refuse a choice that the format does not offer."""
    for name in choice:
        if name not in found.chooses:
            sentence = f"Leave out the {name}: {found.name} has none to choose from, in {path}."
            raise refuse("series" if name == "series" else "frames", sentence, str(choice[name]))
