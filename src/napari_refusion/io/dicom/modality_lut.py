"""The Modality LUT, a table from stored numbers to values (PS3.3, C.11.1).

pydicom counts entries in the type of the pixels, in which signed numbers run over, and reads no packed table of 8 bits.
"""

import numpy as np
from pydicom import Dataset
from pydicom.uid import ExplicitVRBigEndian

from napari_refusion.io.dicom.header import whole
from napari_refusion.io.dicom.stored import syntax_of

MOST_ENTRIES = 2**16
"""Which a descriptor writes as 0."""


def looked_up(numbers: np.ndarray, header: Dataset) -> np.ndarray:
    """Return the values of stored numbers, which may have any shape; those beside the table have its first or last one.

    Raises
    ------
    ValueError
        If the table is not there, or shorter than its descriptor says.
    """
    if not header.get("ModalityLUTSequence"):
        raise ValueError("its Modality LUT stands where it is not read")
    item = header.ModalityLUTSequence[0]
    entries, first, bits = (int(one) for one in item.LUTDescriptor)
    entries = entries % MOST_ENTRIES or MOST_ENTRIES
    if whole(header, "PixelRepresentation") and first >= MOST_ENTRIES // 2:  # stored as unsigned
        first -= MOST_ENTRIES
    table = _table(item.LUTData, entries, bits, ">" if syntax_of(header) == ExplicitVRBigEndian else "<")
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
        raise ValueError(f"its Modality LUT holds {len(table)} of {entries} entries")
    return table
