"""The mapping of stored numbers to real-world values that a header may state beside its rescale."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pydicom import Dataset

from napari_refusion.io.dicom.header import text

UNITS: Final = {"bq/ml": "BQML", "g/ml{suvbw}": "GML", "{suvbw}g/ml": "GML", "{counts}": "CNTS"}
"""UCUM code of a mapping, lower case -> Units (0054,1001) of single-frame PET."""


@dataclass(frozen=True, slots=True)
class RealWorld:
    """A linear mapping (PS3.3, C.7.6.16.2.11): slope x stored number + intercept."""

    units: str
    """As Units (0054,1001) of PET says it: ``BQML``, ``GML``, ``CNTS``."""
    slope: float
    intercept: float


def real_world_of(groups: Sequence[Dataset]) -> tuple[RealWorld, ...]:
    """Return the linear mappings of one image to units that are known.

    Parameters
    ----------
    groups
        Where attributes of a frame may stand, its own functional groups first and the header last.
    """
    items = next((list(found) for group in groups if (found := group.get("RealWorldValueMappingSequence"))), [])
    return tuple(one for item in items if (one := linear_mapping(item)))


def linear_mapping(item: Dataset) -> RealWorld | None:
    """Return what an item of Real World Value Mapping Sequence says; None for a table, or a unit that is not known."""
    codes = item.get("MeasurementUnitsCodeSequence") or [Dataset()]
    units = UNITS.get(text(codes[0], "CodeValue").lower(), "")
    try:
        slope, intercept = float(item.RealWorldValueSlope), float(item.RealWorldValueIntercept)
    except (AttributeError, ValueError, TypeError):  # a table instead, or nothing that is a number
        return None
    return RealWorld(units, slope, intercept) if units else None
