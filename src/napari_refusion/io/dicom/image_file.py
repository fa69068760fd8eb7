"""What a file is: DICOM images, a registration, another DICOM object, or no DICOM at all."""

from pathlib import Path
from typing import BinaryIO, Final, Literal

from pydicom import Dataset
from pydicom.uid import (
    UID,
    DeformableSpatialRegistrationStorage,
    MediaStorageDirectoryStorage,
    SpatialRegistrationStorage,
)

from napari_refusion.io.dicom.dataset import read_dataset
from napari_refusion.io.dicom.file_slices import slices_of
from napari_refusion.io.dicom.header import text, whole
from napari_refusion.io.dicom.slice import Slice

MOST_FRAMES: Final = 20_000
"""Frames of one file; more is a damaged header."""

REGISTRATIONS: Final = (SpatialRegistrationStorage, DeformableSpatialRegistrationStorage)
"""SOP classes of registrations."""


def slices_in(path: Path) -> list[Slice] | Literal["registration", "other", "foreign"]:
    """Return the images of a file, or what else it is, ``foreign`` for no DICOM; raises where it is damaged."""
    with path.open("rb") as file:
        if not _looks_like_dicom(file):
            return "foreign"
        header = read_dataset(file, stop_before_pixels=True)
        if not _is_image(header):
            return "registration" if text(header, "SOPClassUID") in REGISTRATIONS else "other"
        if not whole(header, "Rows") or not whole(header, "Columns") or whole(header, "NumberOfFrames") > MOST_FRAMES:
            raise ValueError("damaged header")
        return slices_of(path, header, file)


def _looks_like_dicom(file: BinaryIO) -> bool:
    """Return whether a file has the DICM mark, or begins like a data set without one (little endian, group 2 or 8)."""
    start = file.read(132)
    file.seek(0)
    if start[128:132] == b"DICM":
        return True
    return start[:2] in (b"\x02\x00", b"\x08\x00") and start[3:4] == b"\x00"


def _is_image(header: Dataset) -> bool:
    """Return whether a header belongs to an object with pixels; directories, reports and plans do not."""
    if not text(header, "SOPClassUID"):
        meta = getattr(header, "file_meta", Dataset())
        if header.preamble is not None and text(meta, "MediaStorageSOPClassUID") != MediaStorageDirectoryStorage:
            raise ValueError("the header ends early")
        return False
    # A header that was cut inside its class still has the class in the file meta information.
    meta = getattr(header, "file_meta", Dataset())
    classes = text(header, "SOPClassUID"), text(meta, "MediaStorageSOPClassUID")
    if "Rows" in header or any("Image Storage" in UID(one).name for one in classes if one):
        return True
    if UID(classes[0]).name == classes[0] and not text(header, "SeriesInstanceUID"):
        # of no class that is known and of no series, which every object of a patient has (PS3.3, C.7.3.1)
        raise ValueError("the header ends early")
    return False
