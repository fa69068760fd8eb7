"""A patient's name wherever a DICOM header has room for one, to look for it in whatever is written."""

from pydicom import Dataset
from pydicom._dicom_dict import DicomDictionary

CANARY = "CANARY^JANE"
UID = "2.25.815081508150815"
"""Begins every UID."""

GROUPS = (0x0008, 0x0010, 0x0018, 0x0020, 0x0028, 0x0032, 0x0038, 0x0040, 0x0054)
TEXTS = ("LO", "SH", "PN", "LT", "ST", "UT", "UC")
"""Value representations that hold free text."""


def plant(image: Dataset) -> Dataset:
    """Write the name into every attribute of an image's top level that holds text, and return the image."""
    for tag, (representation, multiplicity, _, retired, keyword) in DicomDictionary.items():
        if tag >> 16 in GROUPS and representation in TEXTS and not retired and multiplicity.startswith("1"):
            setattr(image, keyword, CANARY)
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID"):
        setattr(image, keyword, f"{UID}.{str(image[keyword].value).removeprefix('2.25.')}"[:64])
    if image.get("file_meta") is not None:
        image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
    return image


def found_in(text: str) -> list[str]:
    """Return which words of the patient a text holds, whatever their case."""
    return [word for word in ("canary", "jane", UID) if word in text.lower()]
