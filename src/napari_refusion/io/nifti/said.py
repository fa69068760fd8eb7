"""What the header of a NIfTI file that was saved from a layer says of it: the format itself has no place for that."""

import re
from typing import Final

from napari_refusion.volume.modality import MODALITIES

_SAID: Final = re.compile(r"DICOM Modality (?P<modality>[A-Z]{2})(?:, unit (?P<unit>\S+))?")


def say(modality: str, unit: str) -> str:
    """Return the header field ``descrip`` of an image of a modality in a unit, empty where no modality is known."""
    in_unit = f", unit {unit}" if unit else ""
    return f"DICOM Modality {modality}{in_unit}" if modality else ""


def said(description: str) -> tuple[str, str]:
    """Return the modality and the unit that `say` wrote, both empty for the words of any other program."""
    found = _SAID.fullmatch(description.strip("\0 "))
    if found is None or found["modality"] not in MODALITIES:
        return "", ""
    return found["modality"], found["unit"] or ""
