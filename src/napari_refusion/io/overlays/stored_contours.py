"""The contours of one region of an RT Structure Set, as the file holds them."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.dataelem import DataElement, RawDataElement

from napari_refusion.io.dicom.header import element_of, text
from napari_refusion.volume.affine import LPS_TO_RAS

CLOSED: Final = ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR")
"""Contour Geometric Types (3006,0042) that enclose something."""

MOST_POINTS: Final = 2**23
"""Of one region; the outline of a whole body has a hundred thousand."""


@dataclass(frozen=True, slots=True, eq=False)
class Contours:
    """What a region consists of."""

    closed: tuple[NDArray[np.float64], ...]
    """(n, 3) each, n at least 3, RAS mm."""
    other: tuple[str, ...] = ()
    """Contour Geometric Type of each that encloses nothing, ``OPEN_PLANAR``, ``POINT``."""
    damaged: int = 0
    """Contours that are not three and more points of three finite numbers."""


def contours_of(item: Dataset) -> Contours:
    """Return the contours of an item of ROI Contour Sequence (3006,0039)."""
    closed: list[NDArray[np.float64]] = []
    other: list[str] = []
    damaged = points = 0
    for contour in item.get("ContourSequence") or []:
        kind = text(contour, "ContourGeometricType") or "no type"
        if kind not in CLOSED:
            other.append(kind)
            continue
        numbers = _numbers(element_of(contour, "ContourData"))
        points += len(numbers) // 3
        if len(numbers) < 9 or len(numbers) % 3 or not np.isfinite(numbers).all() or points > MOST_POINTS:
            damaged += 1
            continue
        closed.append(numbers.reshape(-1, 3) @ LPS_TO_RAS[:3, :3])
    return Contours(tuple(closed), tuple(other), damaged)


def _numbers(element: RawDataElement | DataElement | None) -> NDArray[np.float64]:
    """Return Contour Data (3006,0050), empty where it cannot be read; pydicom would make an object of every number."""
    value = None if element is None else element.value
    if value is None:
        return np.zeros(0)
    try:
        if isinstance(value, bytes):
            return np.array(value.strip(b" \0").split(b"\\")).astype(np.float64)
        return np.array([float(one) for one in value])
    except (ValueError, TypeError):
        return np.zeros(0)
