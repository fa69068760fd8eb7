"""What was measured in a lesion in the words of a DICOM measurement report: names of measures, and units by UCUM."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from napari_refusion.io.dicom.export.measured import Row
from napari_refusion.lesion.measured import Measured
from napari_refusion.lesion.measures import MEASURES
from napari_refusion.volume.preset import PLAIN_SUV, SUL, SUV

UCUM: Final[Mapping[str, str]] = MappingProxyType(
    {SUV: "{SUVbw}g/ml", SUL: "{SUVlbm}g/ml", PLAIN_SUV: "g/ml", "HU": "[hnsf'U]", "Bq/ml": "Bq/ml", "a.u.": "1"}
)
"""Unit of a source -> its UCUM code; another unit stands for itself, as an annotation."""

QUANTITIES: Final[Mapping[str, str]] = MappingProxyType({SUV: "SUV", SUL: "SUL", "HU": "HU "})
"""Unit -> the beginning of the names that `measure_codes.MEASURES` has for it; other units have names of our own."""

_HOW: Final[Mapping[str, str]] = MappingProxyType(
    {"maximum": "max", "peak": "peak", "mean": "mean", "sd": "SD", "minimum": "min"}
)

_SIZES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {"volume": ("volume", "ml"), "tlg": ("TLG", "g"), "diameter": ("longest diameter", "mm")}
)
"""Measures of a unit of their own; total lesion glycolysis is g/ml times ml."""


def dicom_rows(measured: Measured) -> tuple[Row, ...]:
    """Return what was measured, without measures that have no value."""
    rows = []
    for name, value in measured.values.items():
        if not np.isfinite(value):
            continue
        if name in _SIZES:
            words, unit = _SIZES[name]
        else:
            of = QUANTITIES.get(measured.unit)
            words = MEASURES[name].title if of is None else f"{of}{_HOW[name]}"
            unit = UCUM.get(measured.unit, f"{{{measured.unit}}}")
        rows.append((words, float(value), unit))
    return tuple(rows)
