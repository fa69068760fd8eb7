"""The codes of measures, their derivations and units: one table.

Sources: PS3.16, CID 7469 (Generic Intensity and Size Measurements), CID 7464 (General Region of Interest Measurement
Modifiers), CID 7470 (Linear Measurements); Total Lesion Glycolysis and the peak as in the profile of the Quantitative
Image Informatics for Cancer Research project (Fedorov et al., PeerJ 2016;4:e2057).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final
from zlib import crc32

from napari_refusion.io.dicom.export.derivation import LONG_STRING, shortened, spelt
from napari_refusion.io.dicom.own import CODING_SCHEME

Triple = tuple[str, str, str]
"""Code Value, Coding Scheme Designator, Code Meaning."""

MAXIMUM: Final = ("56851009", "SCT", "Maximum")
MINIMUM: Final = ("255605001", "SCT", "Minimum")
MEAN: Final = ("373098007", "SCT", "Mean")
MEDIAN: Final = ("373099004", "SCT", "Median")
DEVIATION: Final = ("386136009", "SCT", "Standard Deviation")
PEAK: Final = ("126031", "DCM", "Peak Value Within ROI")

_DERIVATIONS: Final = {"max": MAXIMUM, "min": MINIMUM, "mean": MEAN, "median": MEDIAN, "SD": DEVIATION, "peak": PEAK}

_INTENSITIES: Final = {
    "SUV": ("126401", "DCM", "SUVbw"),
    "uptake ": ("126400", "DCM", "Standardized Uptake Value"),
    "SUL": ("126405", "DCM", "SUVlbm(Janma)"),
    "HU ": ("112031", "DCM", "Attenuation Coefficient"),
    "MR ": ("110852", "DCM", "MR signal intensity"),
    "activity ": ("110821", "DCM", "Nuclear Medicine Tomographic Activity"),
}


@dataclass(frozen=True, slots=True)
class MeasureCode:
    """How one measure is written."""

    name: Triple
    derivation: Triple | None = None


MEASURES: Final[Mapping[str, MeasureCode]] = MappingProxyType(
    {
        **{
            f"{of}{how}": MeasureCode(name, derivation)
            for of, name in _INTENSITIES.items()
            for how, derivation in _DERIVATIONS.items()
        },
        "volume": MeasureCode(("118565006", "SCT", "Volume")),
        "TLG": MeasureCode(("126033", "DCM", "Total Lesion Glycolysis")),
        "longest diameter": MeasureCode(("103339001", "SCT", "Long axis")),
    }
)
"""Name of a measure -> its codes: ``SUVmax``, ``SULpeak``, ``HU mean``, ``MR SD``, ``volume``..."""

CODE_VALUE: Final = 16
"""Characters of Code Value (0008,0100)."""

UNITS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "{SUVbw}g/ml": "Standardized Uptake Value body weight",
        "{SUVlbm}g/ml": "Standardized Uptake Value lean body mass",
        "g/ml": "gram per milliliter",
        "[hnsf'U]": "Hounsfield unit",
        "Bq/ml": "Becquerels/milliliter",
        "ml": "milliliter",
        "cm3": "cubic centimeter",
        "mm3": "cubic millimeter",
        "mm": "millimeter",
        "g": "gram",
        "1": "no units",
        "%": "percent",
    }
)
"""UCUM code -> its meaning (PS3.16, CID 82 and 83)."""


def measure_code(name: str) -> MeasureCode:
    """Return the codes of a measure; one that no standard names keeps its name under a code of this program's."""
    return MEASURES.get(name) or MeasureCode(private(name))


def private(words: str) -> Triple:
    """Return a code of this program's for words that have none, with the whole words as its meaning.

    The code value has at most 16 characters; a checksum stands in for what it cannot hold, so that two words are two
    codes.
    """
    meaning = shortened(spelt(words), LONG_STRING) or "unnamed"
    letters = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in meaning.upper())
    if len(letters) > CODE_VALUE or not meaning.isascii():
        letters = f"{letters[: CODE_VALUE - 9]}_{crc32(meaning.upper().encode()):08X}"
    return letters, CODING_SCHEME, meaning


def concept(triple: Triple) -> Any:  # noqa: ANN401, a class of highdicom
    """Return highdicom's form of a code."""
    from highdicom.sr import CodedConcept

    return CodedConcept(*triple)
