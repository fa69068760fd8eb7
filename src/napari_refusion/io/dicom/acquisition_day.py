"""When the images of a DICOM series were acquired: read when it is asked for, and kept in no record."""

from datetime import date, datetime
from typing import Final

from napari_refusion.io.boundary import decoding
from napari_refusion.io.dicom.dataset import read_dataset
from napari_refusion.io.dicom.header import quiet, text
from napari_refusion.io.formats import DICOM, format_of
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.volume import Volume

_DATES: Final = ("AcquisitionDate", "AcquisitionDateTime", "SeriesDate", "StudyDate")
"""The most exact one first."""


@quiet()
def acquired_on(volume: Volume) -> date | None:
    """Return the day on which a volume was acquired; None where its file is no DICOM, or does not say."""
    path = next(iter(volume.origin.paths), None)
    if path is None or not path.is_file() or format_of(path) is not DICOM:
        return None
    try:
        with decoding(path):
            header = read_dataset(path, stop_before_pixels=True)
    except RefusedError:
        return None  # a date is no reason to refuse an image that was read
    days = (_day(text(header, keyword)) for keyword in _DATES)
    return next((one for one in days if one is not None), None)


def _day(written: str) -> date | None:
    """Return the day of a DICOM date or date and time, ``20240302``."""
    try:
        return datetime.strptime(written[:8], "%Y%m%d").date()
    except ValueError:
        return None
