"""Whether the values of PET and SPECT are those that the header's mapping to real-world values gives."""

import math
from collections.abc import Sequence
from typing import Final

from napari_refusion.io.dicom.real_world import RealWorld
from napari_refusion.io.dicom.slice import Slice, named
from napari_refusion.io.dicom.suv import ACTIVITY, BODY_WEIGHT
from napari_refusion.volume.finding import Finding

QUANTITIES: Final = {"BQML": ACTIVITY, "GML": BODY_WEIGHT}
"""Units (0054,1001) -> the unit of a volume."""

_ALIKE: Final = 0.01
"""Of the slope: programs take half-lives and times that differ by less."""


def only_mapping(images: Sequence[Slice]) -> RealWorld | None:
    """Return the mapping to a quantity that all images share, where their own rescale changes nothing; else None.

    A mapping with an intercept is none: what multiplies values is kept, and what is added is not.
    """
    stated = {image.real_world for image in images}
    rescales = {(image.rescale.slope, image.rescale.intercept, image.rescale.table) for image in images}
    if len(stated) != 1 or rescales != {(1.0, 0.0, False)}:
        return None
    found = [one for one in next(iter(stated)) if one.units in QUANTITIES]
    return found[0] if len(found) == 1 and found[0].slope > 0 and found[0].intercept == 0 else None


def check_mapped(images: Sequence[Slice], unit: str, factor: float) -> list[Finding]:
    """Return a warning where the header maps stored numbers to other values than those that are read.

    Parameters
    ----------
    unit, factor
        Of the volume: what its rescaled values are multiplied by, and what they are in then.
    """
    odd = [(image, one) for image in images for one in image.real_world if _differs(image, one, unit, factor)]
    if not odd:
        return []
    image, one = odd[0]
    slope = f"{image.rescale.slope * factor:.6g}"
    read = f"{slope} {unit}" if unit else f"{slope} without a unit"
    value = f"{one.slope:.6g} {QUANTITIES[one.units]}, not {read}"
    sentence = (
        "Ask where it was made which scale is right before you rely on its values: "
        f"{named(list(dict.fromkeys(each for each, _ in odd)), 'says', 'say')} of a stored 1 that it is "
        f"{one.slope:.6g} {QUANTITIES[one.units]} by Real World Value Mapping (0040,9096), and it is read as {read} by "
        "the Rescale Slope (0028,1053)."
    )
    return [Finding("warn", "values", sentence, value)]


def _differs(image: Slice, one: RealWorld, unit: str, factor: float) -> bool:
    """Return whether a mapping gives other values than those that are read, or a unit where these have none."""
    if one.units not in QUANTITIES or image.rescale.table:
        return False
    quantity = QUANTITIES[one.units]
    if unit not in QUANTITIES.values():
        return True
    if quantity != unit:
        is_activity = image.pet_quantity is not None and image.pet_quantity.units == one.units == "BQML"
        if not is_activity:
            return False
        factor = 1.0
    slope, intercept = image.rescale.slope * factor, image.rescale.intercept * factor
    return not math.isclose(one.slope, slope, rel_tol=_ALIKE) or abs(one.intercept - intercept) > abs(one.slope)
