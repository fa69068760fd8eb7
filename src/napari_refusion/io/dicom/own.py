"""What this program writes into DICOM objects, by which it knows them again."""

from typing import Final

from pydicom import Dataset

from napari_refusion.io.dicom.header import element_of, text
from napari_refusion.notice import SERIES_TITLE

MANUFACTURER: Final = "napari-refusion"
"""Manufacturer (0008,0070) of every exported object."""
CODING_SCHEME: Final = "99REFUSION"
"""Of the codes that no standard has."""


def is_own(header: Dataset) -> bool:
    """Return whether an object is a fused image that this program wrote, also after it went through an archive."""
    if text(header, "Manufacturer") == MANUFACTURER or text(header, "SeriesDescription").startswith(SERIES_TITLE):
        return True
    if element_of(header, "DerivationCodeSequence") is None:
        return False
    return any(text(code, "CodingSchemeDesignator") == CODING_SCHEME for code in header.DerivationCodeSequence)
