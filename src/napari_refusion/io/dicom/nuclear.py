"""Frames of nuclear medicine images, which state a place for the first one only (NM modules, PS3.3, C.8.4)."""

from typing import Final

import numpy as np
from pydicom import Dataset

from napari_refusion.io.dicom.header import Numbers, text
from napari_refusion.volume.finding import Finding

RECONSTRUCTED: Final = ("RECON TOMO", "RECON GATED TOMO")
"""Image Type (0008,0008), value 3, of images that are slices and not projections (C.8.4.9.1.1.3)."""

VECTORS: Final = {
    "EnergyWindowVector": "energy window",
    "RRIntervalVector": "R-R interval",
    "TimeSlotVector": "time slot",
}
"""Keyword -> what it numbers: the vectors of reconstructed images that tell frames at one place from each other."""


def is_reconstructed(image_type: tuple[str, ...]) -> bool:
    """Return whether the frames of a nuclear medicine image are slices."""
    return any(kind in image_type for kind in RECONSTRUCTED)


def frame_numbers(header: Dataset, frame: int) -> tuple[tuple[str, int], ...]:
    """Return what a frame is besides a slice: ``(("time slot", 3),)``; only what differs between frames of the file."""
    numbers = []
    for keyword, words in VECTORS.items():
        vector = _vector(header, keyword)
        if len(set(vector)) > 1 and frame < len(vector):
            numbers.append((words, vector[frame]))
    return tuple(numbers)


def frame_position(
    header: Dataset, first: Numbers | None, orientation: Numbers | None, between: float | None, frame: int
) -> Numbers | None:
    """Return the position of a frame of a reconstructed SPECT; None where the header does not tell it.

    Further slices follow Spacing Between Slices apart along the normal, against it where the spacing is negative.
    Slice Vector (0054,0080) tells which slice a frame is.

    Parameters
    ----------
    first
        Position of the first frame.
    between
        mm; negative in some files.
    """
    if not is_reconstructed(tuple(text(header, "ImageType").split("\\"))):
        return None
    if first is None or orientation is None or not between:
        return None
    order = _vector(header, "SliceVector")
    number = order[frame] - order[0] if frame < len(order) else frame
    across = np.cross(orientation[:3], orientation[3:])
    return tuple((np.asarray(first) + number * between * across).tolist())


def distance_finding(name: str, thickness: float | None) -> Finding:
    """Return what is said of a reconstructed SPECT without Spacing Between Slices, which is read where it can be."""
    lacks = f"{name} has no usable Spacing Between Slices (0018,0088)"
    if not thickness:
        sentence = (
            f"{lacks} and no Slice Thickness (0018,0050): the distance of its slices is unknown. Export the series "
            "again from the workstation that reconstructed it."
        )
        return Finding("block", "slice spacing", sentence)
    sentence = (
        f"{lacks}: its slices are taken to lie one Slice Thickness apart ({thickness:g} mm), the first one first along "
        "the normal. Compare the length of the volume with the scanner's console, and that its ends are not exchanged."
    )
    return Finding("warn", "slice spacing", sentence, f"{thickness:g} mm")


def _vector(header: Dataset, keyword: str) -> list[int]:
    """Return one number for each frame, empty where the header has none."""
    try:
        value = header[keyword].value
        return [value] if isinstance(value, int) else [int(one) for one in value or []]
    except (KeyError, ValueError, TypeError, NotImplementedError):
        return []
