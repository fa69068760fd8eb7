"""Units of PET and SPECT as descriptions of files spell them: dcm2niix, BIDS, DICOM words, and programs by hand."""

import re
from dataclasses import dataclass
from typing import Final

_PREFIXES: Final = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "m": 1e-3, "u": 1e-6, "\N{MICRO SIGN}": 1e-6, "n": 1e-9}
"""Of an activity."""

_SMALL: Final = "\N{GREEK SMALL LETTER MU}"

_BECQUEREL: Final = {"bq": 1.0, "ci": 3.7e10}
"""Unit of activity, lower case -> Bq."""

_MILLILITRES: Final = {"ml": 1.0, "cc": 1.0, "ccm": 1.0, "cm3": 1.0, "l": 1e3}
"""Unit of volume, lower case -> ml."""

_CONCENTRATION: Final = re.compile(
    r"(?P<prefix>[kMGmun\N{MICRO SIGN}]?)(?P<activity>bq|ci)(?:/|\.|per)?(?P<volume>ml|ccm|cc|cm3|l)(?:-1)?",
    re.IGNORECASE,
)

_SUV: Final = {
    "suv": "SUV",
    "suvbw": "SUVbw",
    "suvbodyweight": "SUVbw",
    "suvlbm": "SUVlbm",
    "suvleanbodymass": "SUVlbm",
    "suvlbmjames": "SUVlbm",
    "suvlbmjames128": "SUVlbm",
    "suvlbmjanma": "SUVlbm",
    "suvsul": "SUVlbm",
    "sul": "SUVlbm",
    "suvbsa": "SUVbsa",
    "suvbodysurfacearea": "SUVbsa",
    "suvibw": "SUVibw",
    "suvidealbodyweight": "SUVibw",
    "gml": "SUVbw",
    "g/ml": "SUVbw",
    "g/cc": "SUVbw",
    "cm2ml": "SUVbsa",
    "cm2/ml": "SUVbsa",
}
"""Words without blanks and signs, lower case -> unit; g/ml without more is SUV by body weight (DICOM PS3.3 C.8.9.1)."""

_AMBIGUOUS: Final = (("m", "bq"), ("M", "ci"))
"""Prefix and activity of which half of those who write them mean the other one of milli and mega."""

_OF_DENSITY: Final = ("cm2/ml", "g/ml", "gml", "g/cc", "g/cm3")
"""What SUV is in, lower case; written before or behind a word for it, ``SUVbw [g/ml]``, ``{SUVbw}g/ml``."""

_UPTAKE: Final = re.compile(r"standardi[sz]eduptakevalues?", re.IGNORECASE)

_WITHOUT: Final = (
    *("", "1", "none", "n/a", "unitless", "dimensionless", "arbitrary", "arbitraryunits", "a.u.", "au"),
    *("cnts", "counts", "count", "propcnts", "ratio", "suvr", "dvr"),
)
"""Words for values without a unit that a window or a region could be given in."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What a word for a unit means."""

    name: str
    """``Bq/ml``, ``SUVbw``; empty for arbitrary units."""
    factor: float = 1.0
    """What values are multiplied by to be in `name`."""


def unit_of(word: str) -> Unit | None:
    """Return what a word for a unit of PET or SPECT means, None for one that is not known."""
    plain = re.sub(r"[\s\[\](){},;:_^*\N{MIDDLE DOT}]", "", word).replace("\N{SUPERSCRIPT THREE}", "3")
    plain = plain.replace("\N{SUPERSCRIPT MINUS}\N{SUPERSCRIPT ONE}", "-1").replace(_SMALL, "\N{MICRO SIGN}")
    if plain.lower() in _WITHOUT:
        return Unit("")
    if suv := _suv(_UPTAKE.sub("SUV", plain).lower()):
        return Unit(suv)
    found = _CONCENTRATION.fullmatch(plain)
    if found is None:
        return None
    prefix = found["prefix"]
    if found["activity"].isupper() and plain.isupper():  # all in capitals as DICOM writes: KBQML, MBQ/ML
        prefix = {"K": "k", "U": "u", "N": "n"}.get(prefix, prefix)
    prefix = "k" if prefix == "K" else prefix
    if prefix not in _PREFIXES or (prefix, found["activity"].lower()) in _AMBIGUOUS:
        return None
    volume = _MILLILITRES[found["volume"].lower()]
    return Unit("Bq/ml", _PREFIXES[prefix] * _BECQUEREL[found["activity"].lower()] / volume)


def _suv(plain: str) -> str:
    """Return the kind of SUV that a word without blanks and signs means, lower case; empty for none."""
    for density in _OF_DENSITY:
        named = plain.removeprefix(density) if plain.startswith(density) else plain.removesuffix(density)
        if named not in ("", plain) and named.startswith("su"):
            return _SUV["g/ml"] if named == "suv" else _SUV.get(named, "")
    return _SUV.get(plain, "")
