"""Unit and corrections of enhanced PET, which states them otherwise than single-frame PET (PS3.3, A.56 and C.8.22)."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from pydicom import Dataset

from napari_refusion.io.dicom.header import text
from napari_refusion.io.dicom.real_world import RealWorld, is_parametric_map, linear_mapping, only_line

CORRECTIONS: Final = {
    "AttenuationCorrected": "ATTN",
    "DecayCorrected": "DECY",
    "ScatterCorrected": "SCAT",
    "RandomsCorrected": "RAN",
    "DeadTimeCorrected": "DTIM",
}
"""Keyword of a flag -> its code in Corrected Image (0028,0051) of single-frame PET."""

RESCALE_TYPES: Final = ("BQML", "GML", "CNTS")
"""Rescale Types (0028,1054) that are Units of single-frame PET."""


def enhanced_corrections(header: Dataset) -> tuple[str, ...]:
    """Return the codes of the corrections that an enhanced image states by flags."""
    return tuple(code for keyword, code in CORRECTIONS.items() if text(header, keyword) == "YES")


def enhanced_units(groups: Sequence[Dataset]) -> str:
    """Return the Units (0054,1001) of a frame's values, empty where nothing states them.

    Parameters
    ----------
    groups
        Where its attributes may stand, its own functional groups first and the header last.
    """
    rescale = _first(groups, "PixelValueTransformationSequence") or (groups[-1] if groups else Dataset())
    if text(rescale, "RescaleType") in RESCALE_TYPES:
        return text(rescale, "RescaleType")
    mapping = linear_mapping(_first(groups, "RealWorldValueMappingSequence"))
    if mapping is None:
        return ""
    if is_parametric_map(groups[-1]):  # whose values are not the rescaled ones
        return mapping.units if only_line(groups) == (mapping.slope, mapping.intercept) else ""
    return mapping.units if _same_values(rescale, mapping) else ""


def _first(groups: Sequence[Dataset], macro: str) -> Dataset:
    return next((group[macro].value[0] for group in groups if group.get(macro)), Dataset())


def _same_values(rescale: Dataset, mapping: RealWorld) -> bool:
    """Return whether the rescale and the mapping to real-world values give the same numbers."""
    try:
        one = float(rescale.get("RescaleSlope", 1)), float(rescale.get("RescaleIntercept", 0))
    except (ValueError, TypeError):
        return False
    return bool(np.allclose(one, (mapping.slope, mapping.intercept), rtol=1e-6))
