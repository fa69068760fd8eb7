"""Unit and corrections of enhanced PET, which states them otherwise than single-frame PET (PS3.3, A.56 and C.8.22)."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from pydicom import Dataset

from napari_refusion.io.dicom.header import text

CORRECTIONS: Final = {
    "AttenuationCorrected": "ATTN",
    "DecayCorrected": "DECY",
    "ScatterCorrected": "SCAT",
    "RandomsCorrected": "RAN",
    "DeadTimeCorrected": "DTIM",
}
"""Keyword of a flag -> its code in Corrected Image (0028,0051) of single-frame PET."""

UNITS: Final = {"bq/ml": "BQML", "g/ml{suvbw}": "GML", "{suvbw}g/ml": "GML", "{counts}": "CNTS"}
"""UCUM code of Real World Value Mapping, lower case -> Units (0054,1001) of single-frame PET."""

RESCALE_TYPES: Final = ("BQML", "GML", "CNTS")
"""Rescale Types (0028,1054) that are Units of single-frame PET."""


def enhanced_corrections(header: Dataset) -> tuple[str, ...]:
    """Return the codes of the corrections that an enhanced image states by flags."""
    return tuple(code for keyword, code in CORRECTIONS.items() if text(header, keyword) == "YES")


def enhanced_units(groups: Sequence[Dataset]) -> str:
    """Return the Units (0054,1001) of a frame's rescaled values, empty where nothing states them.

    Parameters
    ----------
    groups
        Where its attributes may stand, its own functional groups first and the header last.
    """
    rescale = _first(groups, "PixelValueTransformationSequence") or (groups[-1] if groups else Dataset())
    if text(rescale, "RescaleType") in RESCALE_TYPES:
        return text(rescale, "RescaleType")
    real_world = _first(groups, "RealWorldValueMappingSequence")
    codes = real_world.get("MeasurementUnitsCodeSequence") or [Dataset()]
    return UNITS.get(text(codes[0], "CodeValue").lower(), "") if _same_values(rescale, real_world) else ""


def _first(groups: Sequence[Dataset], macro: str) -> Dataset:
    return next((group[macro].value[0] for group in groups if group.get(macro)), Dataset())


def _same_values(rescale: Dataset, real_world: Dataset) -> bool:
    """Return whether the rescale and the mapping to real-world values give the same numbers."""
    try:
        one = float(rescale.get("RescaleSlope", 1)), float(rescale.get("RescaleIntercept", 0))
        other = float(real_world.RealWorldValueSlope), float(real_world.RealWorldValueIntercept)
    except (AttributeError, ValueError, TypeError):
        return False
    return bool(np.allclose(one, other, rtol=1e-6))
