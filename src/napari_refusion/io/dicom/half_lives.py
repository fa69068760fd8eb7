"""Half-lives of the radionuclides of PET, to compare with what a header states.

Source: Decay Data Evaluation Project (lnhb.fr, recommended data), rounded.
"""

import re
from typing import Final

from pydicom import Dataset

from napari_refusion.io.dicom.header import text

HALF_LIVES: Final = {
    "C-11": 1222.0,
    "N-13": 598.0,
    "O-15": 122.0,
    "F-18": 6584.0,
    "Sc-44": 14540.0,
    "Cu-64": 45720.0,
    "Ga-68": 4070.0,
    "Rb-82": 76.0,
    "Zr-89": 282300.0,
    "I-124": 360800.0,
}
"""Radionuclide -> s."""

TOLERANCE: Final = 0.05
"""By which a stated half-life may differ: scanners hold older values, up to 2 % off."""

_ELEMENTS: Final = {
    "carbon": "C",
    "nitrogen": "N",
    "oxygen": "O",
    "fluorine": "F",
    "scandium": "Sc",
    "copper": "Cu",
    "gallium": "Ga",
    "rubidium": "Rb",
    "zirconium": "Zr",
    "iodine": "I",
}


def nuclide_of(injection: Dataset) -> str:
    """Return the radionuclide that an injection's code names, as `HALF_LIVES` calls it; empty for any other.

    The code counts before the words beside it.
    """
    from pydicom.sr.codedict import codes
    from pydicom.sr.coding import Code

    for coded in injection.get("RadionuclideCodeSequence") or []:
        code = Code(text(coded, "CodeValue"), text(coded, "CodingSchemeDesignator"), "")
        known = (getattr(codes.cid4020, name) for name in codes.cid4020.dir())
        meaning = next((one.meaning for one in known if one == code), text(coded, "CodeMeaning"))
        return _named(meaning)
    return ""


def _named(words: str) -> str:
    """Return the radionuclide that words name: ``^18^Fluorine``, ``F-18``, ``18F``."""
    masses = set(re.findall(r"\d+(?:m(?![a-z]))?", words.lower()))
    letters = re.findall(r"[a-z]+", words.lower())
    symbols = {_ELEMENTS.get(word, word.capitalize()) for word in letters}
    found = {f"{symbol}-{mass}" for symbol in symbols for mass in masses} & HALF_LIVES.keys()
    return found.pop() if len(found) == 1 else ""
