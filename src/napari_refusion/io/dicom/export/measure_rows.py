"""From what was measured in a source, by the names of `lesion.measures`, to the rows of a report."""

from collections.abc import Mapping
from math import isfinite
from typing import Final

from napari_refusion.io.dicom.export.measured import Row
from napari_refusion.volume.preset import PLAIN_SUV, SUL, SUV

_OF_UNIT: Final = {
    SUV: ("SUV", "{SUVbw}g/ml"),
    PLAIN_SUV: ("uptake ", "g/ml"),  # by which size of the body is not known
    SUL: ("SUL", "{SUVlbm}g/ml"),
    "HU": ("HU ", "[hnsf'U]"),
    "Bq/ml": ("activity ", "Bq/ml"),
}
"""Unit of the source's values -> how the names of its measures begin in `measure_codes.MEASURES`, and its UCUM code."""

_HOW: Final = {"maximum": "max", "minimum": "min", "mean": "mean", "median": "median", "sd": "SD", "peak": "peak"}

_SIZES: Final = {"volume": ("volume", "ml"), "tlg": ("TLG", "g"), "diameter": ("longest diameter", "mm")}
"""Glycolysis is a mass: uptake in g/ml times ml."""


def rows_of(values: Mapping[str, float], unit: str, modality: str = "") -> tuple[Row, ...]:
    """Return the rows of a lesion; a value that is no number has none.

    Parameters
    ----------
    values
        Name of a measure -> its value, volumes in ml and lengths in mm.
    unit
        Of the source's values, as `Volume.unit`; anything but SUV, HU and Bq/ml is written without a unit.
    modality
        DICOM Modality of the source.
    """
    begins, code = _OF_UNIT.get(unit, ("MR " if modality == "MR" else "value ", "1"))
    rows = []
    for name, value in values.items():
        if not isfinite(value):
            continue
        if name in _SIZES:
            title, size = _SIZES[name]
            rows.append((title, float(value), size))
        else:
            rows.append((f"{begins}{_HOW.get(name, name)}", float(value), code))
    return tuple(rows)
