"""Lookup tables from stored numbers to values: the Modality LUT (PS3.3, C.11.1) and palettes (C.7.6.3.1.5 and 6).

pydicom counts entries in the type of the pixels or of the values, in which numbers run over, and takes the bytes of big
endian palettes in the wrong order.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from pydicom import Dataset
from pydicom.uid import ExplicitVRBigEndian

from napari_refusion.io.dicom.header import whole
from napari_refusion.io.dicom.stored import syntax_of

MOST_ENTRIES: Final = 2**16
"""Which a descriptor writes as 0."""


def modality_values(numbers: np.ndarray, header: Dataset) -> np.ndarray:
    """Return the values of stored numbers, which may have any shape, by the Modality LUT.

    Raises
    ------
    ValueError
        If the table is not there, or shorter than its descriptor says.
    """
    if not header.get("ModalityLUTSequence"):
        raise ValueError("its Modality LUT stands where it is not read")
    item = header.ModalityLUTSequence[0]
    return looked_up(numbers, item.LUTDescriptor, item.LUTData, header)


def looked_up(numbers: np.ndarray, descriptor: Sequence[int], data: object, header: Dataset) -> np.ndarray:
    """Return the entries of stored numbers; those beside the table have its first or last one.

    Parameters
    ----------
    descriptor
        How many entries there are, the first number that is mapped, and the bits of an entry.
    data
        The entries, as bytes or numbers.
    header
        Of the file, which tells whether its numbers have signs and in which order its bytes are.

    Raises
    ------
    ValueError
        If there are fewer entries than the descriptor says.
    """
    entries, first, bits = (int(one) for one in descriptor)
    entries = entries % MOST_ENTRIES or MOST_ENTRIES
    if whole(header, "PixelRepresentation") and first >= MOST_ENTRIES // 2:  # stored as unsigned
        first -= MOST_ENTRIES
    table = _table(data, entries, bits, ">" if syntax_of(header) == ExplicitVRBigEndian else "<")
    values: np.ndarray = table[np.clip(numbers.astype(np.int64) - first, 0, entries - 1)]
    return values


def _table(data: object, entries: int, bits: int, order: str) -> np.ndarray:
    """Return the entries of a table, of which two of 8 bits may share a word."""
    if not isinstance(data, bytes):
        table = np.atleast_1d(np.asarray(data))
    elif bits <= 8 and len(data) < 2 * entries:
        table = np.frombuffer(np.frombuffer(data, f"{order}u2").astype("<u2").tobytes(), np.uint8)
    else:
        table = np.frombuffer(data, f"{order}u2")
    if len(table) < entries:
        raise ValueError(f"a lookup table holds {len(table)} of {entries} entries")
    return table
