"""From a path to a volume: the format decides which reader reads it."""

from dataclasses import replace
from pathlib import Path

from napari_refusion.io.formats import FORMATS, ending, format_of
from napari_refusion.io.identify import check_modality
from napari_refusion.io.plausible import unreadable
from napari_refusion.volume.finding import refuse
from napari_refusion.volume.volume import Volume


def open_volume(path: Path, modality: str | None = None) -> Volume:
    """Return the volume in a file or a DICOM folder.

    Parameters
    ----------
    path
        A file of one of `formats.FORMATS`, or a folder of DICOM files.
    modality
        One of `volume.modality.MODALITIES`; wins over what file and name say, and chooses among the series of a DICOM
        folder. None leaves it to them.

    Raises
    ------
    RefusedError
        If there is no such file, its format is not read, or its reader refuses it.
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
        sentence = (
            f"{path} is of a kind that is not read ({ending(path)}). Files that are read: {known}, DICOM folders."
        )
        raise refuse("file", sentence, ending(path))
    volume = found.reader()(path, modality=chosen)
    return replace(volume, origin=replace(volume.origin, opened=path))
