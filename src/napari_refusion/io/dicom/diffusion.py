"""How an image was weighted by diffusion: b-value and gradient, also as vendors write them in private attributes."""

import re
from typing import Final

from napari_refusion.io.dicom.functional_groups import Lookup
from napari_refusion.io.dicom.header import text
from napari_refusion.io.dicom.private import private_numbers

_SCALED: Final = 1e6
"""s/mm2 from which GE's b-value (0043,1039) carries 10^9 beside it."""


def b_value(look: Lookup) -> float | None:
    """Return the b-value: the standard attribute, or what GE, Siemens, Philips and United Imaging write instead.

    In s/mm2; None where the header does not say.
    """
    stated = look.number("DiffusionBValue", "MRDiffusionSequence")
    if stated is not None:
        return stated
    for group, creator, element in (
        (0x0019, "SIEMENS MR HEADER", 0x0C),
        (0x0043, "GEMS_PARM_01", 0x39),
        (0x2001, "Philips Imaging DD 001", 0x03),
        (0x0065, "Image Private Header", 0x09),
    ):
        numbers = private_numbers(look.header, group, creator, element)
        if numbers:
            return numbers[0] % 100_000 if numbers[0] > _SCALED else numbers[0]
    named = re.search(r"b(\d+)(?:[#t]|$)", text(look.header, "SequenceName"))
    return float(named[1]) if named else None


def gradient(look: Lookup) -> tuple[float, ...]:
    """Return the direction of the gradient: the standard attribute, or Siemens' and GE's own.

    Rounded to 0.01; empty where the header does not say.
    """
    direct = look.holder("DiffusionGradientOrientation")
    if direct is not None:
        return tuple(round(float(part), 2) for part in direct.DiffusionGradientOrientation)
    nested = look.holder("DiffusionGradientDirectionSequence", "MRDiffusionSequence")
    for item in (nested.DiffusionGradientDirectionSequence or []) if nested is not None else []:
        return tuple(round(float(part), 2) for part in item.get("DiffusionGradientOrientation") or ())
    siemens = private_numbers(look.header, 0x0019, "SIEMENS MR HEADER", 0x0E)
    ge = [private_numbers(look.header, 0x0019, "GEMS_ACQU_01", element) for element in (0xBB, 0xBC, 0xBD)]
    return tuple(round(part, 2) for part in siemens or [part[0] for part in ge if part])
