"""Grey values that are stored as colours: by a palette of greys, or as red, green and blue that are equal."""

from typing import Final

import numpy as np
from pydicom import Dataset

from napari_refusion.io.dicom.header import text
from napari_refusion.io.dicom.lookup_table import looked_up

TABLES: Final = tuple(f"{colour}PaletteColorLookupTable" for colour in ("Red", "Green", "Blue"))
"""Keywords of the tables of a palette, without ``Data`` and ``Descriptor``."""


def is_grey_palette(header: Dataset) -> bool:
    """Return whether a header has a palette whose three tables are equal; only tables that are not segmented count."""
    if text(header, "PhotometricInterpretation") != "PALETTE COLOR":
        return False
    tables = [_table(header, name) for name in TABLES]
    return None not in tables and tables[0] == tables[1] == tables[2]


def palette_greys(indices: np.ndarray, header: Dataset) -> np.ndarray:
    """Return the greys that a palette of greys shows for stored indices, in the shape of these."""
    red = TABLES[0]
    return looked_up(indices, header[red + "Descriptor"].value, header[red + "Data"].value, header)


def equal_colours(colours: np.ndarray) -> np.ndarray | None:
    """Return the one channel of a picture, (rows, columns, 3), whose three are equal everywhere; else None."""
    red = colours[..., 0]
    if np.array_equal(red, colours[..., 1]) and np.array_equal(red, colours[..., 2]):
        return red
    return None


def _table(header: Dataset, name: str) -> tuple[tuple[int, ...], bytes] | None:
    """Return descriptor and content of a table, None where it is missing or unreadable."""
    try:
        descriptor = tuple(int(number) for number in header[name + "Descriptor"].value)
        content = header[name + "Data"].value
    except (KeyError, ValueError, TypeError, NotImplementedError):
        return None
    return (descriptor, content) if isinstance(content, bytes) and content else None
