"""From a path to a volume: the only place that decides which reader reads a file."""

from pathlib import Path
from typing import Final

from napari_refusion.io.modality import check_modality, suffix
from napari_refusion.io.plausible import unreadable
from napari_refusion.volume.finding import refuse
from napari_refusion.volume.volume import Volume

NIFTI: Final = (".nii", ".nii.gz", ".hdr", ".img")
ITK: Final = (".nrrd", ".nhdr", ".mha", ".mhd")
PICTURES: Final = (".png", ".tif", ".tiff", ".jpg", ".jpeg")
DICOM: Final = (".dcm", ".ima", "")
"""Endings of file names, lower case; a folder is DICOM, too."""


def open_volume(path: Path, modality: str | None = None) -> Volume:
    """Return the volume in a file or a DICOM folder.

    Parameters
    ----------
    path
        NIfTI, NRRD, MetaImage, PNG, TIFF, JPEG, a DICOM file, or a folder of DICOM files.
    modality
        ``MR``, ``CT``, ``PT``, ``NM`` or ``OT``; wins over what file and name say, and chooses among the series of a
        DICOM folder. None leaves it to them.

    Raises
    ------
    RefusedError
        If there is no such file, its format is not read, or its reader refuses it.
    """
    chosen = check_modality(modality) if modality else None
    try:
        is_folder = path.is_dir()
        if not is_folder and not path.exists():
            raise refuse("file", f"{path} does not exist: check the name.", str(path))
        is_dicom = (
            is_folder
            or suffix(path) in DICOM
            or (suffix(path) not in NIFTI + ITK + PICTURES and has_dicom_signature(path))
        )
    except OSError as error:
        raise unreadable(path, error) from error
    if is_dicom:
        from napari_refusion.io.dicom.read import read_dicom

        return read_dicom(path, modality=chosen)
    return _read_file(path, chosen)


def _read_file(path: Path, modality: str | None) -> Volume:
    """Return the volume in a file that is not DICOM; readers are imported when they are needed."""
    if suffix(path) in NIFTI:
        from napari_refusion.io.nifti.read import read_nifti

        return read_nifti(path, modality)
    if suffix(path) in ITK:
        from napari_refusion.io.itk.read import read_itk

        return read_itk(path, modality)
    if suffix(path) in PICTURES:
        from napari_refusion.io.picture.read import read_image

        return read_image(path, modality)
    known = " ".join((*NIFTI, *ITK, *PICTURES, *(ending for ending in DICOM if ending)))
    sentence = f"{path} is of a kind that is not read ({suffix(path)}). Files that are read: {known}, DICOM folders."
    raise refuse("file", sentence, suffix(path))


def has_dicom_signature(path: Path) -> bool:
    """Return whether a file carries the signature of DICOM; scanners name files by their UID, which has dots in it."""
    with path.open("rb") as file:
        return file.read(132)[128:] == b"DICM"
