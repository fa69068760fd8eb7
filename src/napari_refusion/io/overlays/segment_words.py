"""What a DICOM Segmentation object says of its segments: number, name, colour, and how each was drawn."""

from dataclasses import dataclass

import numpy as np
from pydicom import Dataset

from napari_refusion.io.dicom.header import text, whole
from napari_refusion.io.overlays.overlay import Colour
from napari_refusion.volume.finding import refuse


@dataclass(frozen=True, slots=True)
class Described:
    """One item of Segment Sequence (0062,0002)."""

    number: int
    name: str
    method: str
    colour: Colour | None


def described(dataset: Dataset, name: str) -> dict[int, Described]:
    """Return segment number -> what is said of it, in the file's order.

    Raises
    ------
    RefusedError
        If nothing is said of any segment, or two have one number.
    """
    found: dict[int, Described] = {}
    for item in dataset.get("SegmentSequence") or []:
        number = whole(item, "SegmentNumber")
        if number < 1:  # 0 is the background of a label map
            continue
        if number in found:
            sentence = f"Export {name} again: two of its segments have the number {number}."
            raise refuse("volume of interest", sentence, str(number))
        found[number] = Described(number, _name(item, number), _method(item), _colour(item))
    if not found:
        raise refuse("volume of interest", f"Export {name} again: it describes no segment.", "0 segments")
    return found


def _name(item: Dataset, number: int) -> str:
    meaning = next((text(one, "CodeMeaning") for one in item.get("SegmentedPropertyTypeCodeSequence") or []), "")
    return text(item, "SegmentLabel") or text(item, "SegmentDescription") or meaning or f"Segment {number}"


def _method(item: Dataset) -> str:
    algorithm, kind = text(item, "SegmentAlgorithmName"), text(item, "SegmentAlgorithmType").lower()
    return ", ".join(word for word in ("DICOM SEG", kind, algorithm) if word)


def _colour(item: Dataset) -> Colour | None:
    """Return the colour that the segment should be shown in (C.10.7.1.1), from CIELab in unsigned 16 bit."""
    from skimage.color import lab2rgb

    try:
        lightness, red, blue = (int(value) for value in item["RecommendedDisplayCIELabValue"].value)
    except (KeyError, ValueError, TypeError, NotImplementedError):
        return None
    if not all(0 <= value <= 65535 for value in (lightness, red, blue)):
        return None
    lab = np.array([lightness / 65535 * 100, red / 65535 * 255 - 128, blue / 65535 * 255 - 128])
    first, second, third = np.clip(lab2rgb(lab), 0.0, 1.0).tolist()
    return first, second, third
