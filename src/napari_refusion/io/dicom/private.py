"""Numbers in the private attributes of vendors, whatever value representation they were stored with."""

import struct
from collections.abc import Sequence
from typing import Any, Final

from pydicom import Dataset
from pydicom.datadict import private_dictionary_VR
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.tag import BaseTag

_BLOCKS: Final = range(0x10, 0x14)
"""Blocks of a private group that are looked through; scanners reserve the first ones (PS3.5, 7.8)."""
_BINARY: Final = {"FD": "d", "FL": "f", "SL": "i", "UL": "I", "SS": "h", "US": "H"}
"""Value representation -> code of `struct`."""


def private_numbers(header: Dataset, group: int, creator: str, element: int) -> tuple[float, ...]:
    """Return the numbers of a private attribute, none where it is missing or holds something else.

    Parameters
    ----------
    creator
        What reserved the block.
    element
        Number inside the block, the last two digits of the tag.
    """
    for block in _BLOCKS:
        owner = header.get_item(BaseTag(group << 16 | block))
        if owner is None:
            continue
        name = owner.value.decode("ascii", "replace") if isinstance(owner.value, bytes) else str(owner.value)
        if name.strip(" \0").upper() == creator.upper():
            found = header.get_item(BaseTag(group << 16 | block << 8 | element))
            return _numbers(found, creator) if isinstance(found, RawDataElement | DataElement) else ()
    return ()


def _numbers(found: RawDataElement | DataElement, creator: str) -> tuple[float, ...]:
    value = found.value
    try:
        if isinstance(found, RawDataElement) and isinstance(value, bytes):
            kind = _kind(found, creator)
            if kind in _BINARY:
                count = len(value) // struct.calcsize(_BINARY[kind])
                order = "<" if found.is_little_endian else ">"
                return tuple(map(float, struct.unpack(f"{order}{count}{_BINARY[kind]}", value)))
            return tuple(float(part) for part in value.decode("ascii").strip(" \0").split("\\") if part.strip())
        parts: Sequence[Any] = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
        return tuple(float(part) for part in parts)
    except (ValueError, TypeError, struct.error):
        return ()


def _kind(found: RawDataElement, creator: str) -> str:
    """Return the value representation, from pydicom's list of private attributes where the file names none."""
    if found.VR not in (None, "UN"):
        return str(found.VR)
    try:
        return private_dictionary_VR(found.tag, creator)
    except KeyError:
        return "UN"
