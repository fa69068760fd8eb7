"""The mapping of stored numbers to real-world values: beside a rescale, or of a parametric map instead of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from pydicom import Dataset
from pydicom.uid import ParametricMapStorage

from napari_refusion.io.dicom.functional_groups import Groups
from napari_refusion.io.dicom.header import text
from napari_refusion.io.dicom.stored import Rescale
from napari_refusion.numerics.intensity import Window
from napari_refusion.volume.acquisition import HeaderWindow
from napari_refusion.volume.finding import Finding

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
    return tuple(one for item in _items(groups) if (one := linear_mapping(item)))


def is_parametric_map(header: Dataset) -> bool:
    """Return whether an image's values are those of its mapping: its rescale changes nothing (PS3.3, A.75)."""
    return text(header, "SOPClassUID") == ParametricMapStorage


def map_rescale(groups: Groups, stated: Rescale, name: str, faults: list[Finding]) -> Rescale:
    """Return what turns stored numbers of a frame of a parametric map into its values.

    Parameters
    ----------
    groups
        As of `real_world_of`.
    stated
        The rescale, which counts where there is not one linear mapping; that is warned of.
    name
        What to call the image in a finding.
    faults
        What is wrong with the mapping is appended here.
    """
    if line := only_line(groups):
        return Rescale(*line, has_slope=True, has_intercept=True)
    several = sum(_line(item) is not None for item in _items(groups))
    value = f"{several} mappings" if several else "none of slope and intercept"
    sentence = (
        f"{name}: the Real World Value Mapping (0040,9096) of the parametric map holds {value}, so the stored numbers "
        "were read: they show where there is more and less, and may not be the values. Export it again from what "
        "computed it."
    )
    faults.append(Finding("warn", "values", sentence, value))
    return stated


def only_line(groups: Groups) -> tuple[float, float] | None:
    """Return slope and intercept of the mapping of a frame, whatever its unit; None where there is not one of them."""
    lines = {line for item in _items(groups) if (line := _line(item))}
    return next(iter(lines)) if len(lines) == 1 else None


def mapped_window(window: HeaderWindow, rescale: Rescale) -> HeaderWindow:
    """Return a window of a parametric map, which is one of stored numbers (PS3.3, C.11.2), in its values."""
    ends = (end * rescale.slope + rescale.intercept for end in (window.window.low, window.window.high))
    low, high = sorted(ends)
    return HeaderWindow(Window(low, high), window.words)


def _items(groups: Sequence[Dataset]) -> list[Dataset]:
    return next((list(found) for group in groups if (found := group.get("RealWorldValueMappingSequence"))), [])


def _line(item: Dataset) -> tuple[float, float] | None:
    """Return slope and intercept of a mapping, whatever its unit; None for a table and what is no number."""
    try:
        line = float(item.RealWorldValueSlope), float(item.RealWorldValueIntercept)
    except (AttributeError, ValueError, TypeError):
        return None
    return line if line[0] and np.isfinite(line).all() else None


def linear_mapping(item: Dataset) -> RealWorld | None:
    """Return what an item of Real World Value Mapping Sequence says; None for a table, or a unit that is not known."""
    codes = item.get("MeasurementUnitsCodeSequence") or [Dataset()]
    units = UNITS.get(text(codes[0], "CodeValue").lower(), "")
    line = _line(item)
    return RealWorld(units, *line) if units and line else None
