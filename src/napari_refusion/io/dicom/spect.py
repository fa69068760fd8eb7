"""SPECT that was stored as PET: called what it is, by its class, its type or its radionuclide."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

from pydicom import Dataset
from pydicom.uid import NuclearMedicineImageStorage

from napari_refusion.io.dicom.enhanced_pet import enhanced_units
from napari_refusion.io.dicom.header import text
from napari_refusion.volume.finding import Finding

_SINGLE_PHOTON: Final = frozenset(
    {"99mtc", "123i", "131i", "111in", "177lu", "201tl", "67ga", "133xe", "81mkr", "153sm", "186re", "188re", "166ho"}
)
"""Radionuclides that a gamma camera images, mass first."""

_SYMBOLS: Final = {
    "technetium": "tc",
    "iodine": "i",
    "indium": "in",
    "lutetium": "lu",
    "thallium": "tl",
    "gallium": "ga",
}
"""Names in code meanings -> symbols."""

_NUCLIDE: Final = re.compile(
    r"(?<![a-z0-9])(?:([a-z]{1,2})[-^\[\]]*(\d{2,3}m?)|(\d{2,3}m?)[-^\[\]]*([a-z]{1,2}))(?![a-z0-9])"
)
"""``tc-99m`` or ``^99m^tc``."""


def modality_of(header: Dataset) -> str:
    """Return what an image is: its Modality (0008,0060), but ``NM`` for SPECT that was stored as ``PT``."""
    stated = text(header, "Modality")
    return "NM" if stated == "PT" and _is_single_photon(header) else stated


def spect_units(header: Dataset, groups: Sequence[Dataset]) -> str:
    """Return what the values of a nuclear medicine image are in, as PET says it; empty where nothing states it.

    Quantitative SPECT has no attribute of its own for this: programs take Units (0054,1001) of PET, the Rescale Type,
    or the mapping to real-world values (PS3.3, C.7.6.16.2.11).

    Parameters
    ----------
    groups
        Where attributes of a frame may stand, see `enhanced_pet.enhanced_units`.
    """
    return text(header, "Units") or enhanced_units(groups)


def quantity_of_spect(units: Sequence[str]) -> tuple[str, Finding]:
    """Return the unit of a SPECT series and what is said of it.

    Parameters
    ----------
    units
        See `spect_units`, of each image.
    """
    stated = set(units)
    if stated == {"BQML"}:
        return "Bq/ml", Finding("ok", "unit", "Values are Bq/ml.", "Bq/ml")
    if stated == {"GML"}:
        return "SUVbw", Finding("ok", "unit", "Values are SUVbw, as stored.", "SUVbw")
    return "", Finding("ok", "unit", "Values are counts, comparable within this volume only.")


def stored_as_pet(name: str, modality: str, is_stored_as_pet: bool) -> list[Finding]:
    """Return the finding about a series that was stored as PET and is SPECT."""
    if modality != "NM" or not is_stored_as_pet:
        return []
    sentence = f"{name} is read as SPECT: it was stored as PET, but its radionuclide or its type is that of SPECT."
    return [Finding("ok", "modality", sentence, "SPECT")]


def _is_single_photon(header: Dataset) -> bool:
    """Return whether a header that says PET speaks of single photons."""
    if text(header, "SOPClassUID") == NuclearMedicineImageStorage or "TOMO" in text(header, "ImageType").upper():
        return True
    injections = header.get("RadiopharmaceuticalInformationSequence") or []
    return any(_of_injection(injection) for injection in injections[:1])


def _of_injection(injection: Dataset) -> bool:
    """Return whether the radionuclide of an injection emits single photons; the code counts before the words."""
    from pydicom.sr.coding import Code

    for coded in injection.get("RadionuclideCodeSequence") or []:
        code = Code(text(coded, "CodeValue"), text(coded, "CodingSchemeDesignator"), "")
        for known, single in _coded():
            if code == known:
                return single
        if words := text(coded, "CodeMeaning"):
            return _speaks_of_single_photons([words])
    return _speaks_of_single_photons([text(injection, "Radiopharmaceutical")])


def _speaks_of_single_photons(texts: Sequence[str]) -> bool:
    """Return whether words name a radionuclide of SPECT: ``Tc-99m MDP``, ``^99m^Technetium``, ``I123``."""
    for words in texts:
        plain = words.lower()
        for name, symbol in _SYMBOLS.items():
            plain = re.sub(rf"{name}[\s-]*", symbol, plain)
        for symbol, mass, mass_first, symbol_last in _NUCLIDE.findall(plain):
            if f"{mass or mass_first}{symbol or symbol_last}" in _SINGLE_PHOTON:
                return True
    return False


@cache
def _coded() -> tuple[tuple[object, bool], ...]:
    """Return the radionuclides of DICOM's lists, each with whether it emits single photons only.

    Context Group 4020 lists those of PET, Context Group 18 all of radiopharmaceuticals (PS3.16).
    """
    from pydicom.sr.codedict import codes

    pet, every = ([getattr(group, name) for name in group.dir()] for group in (codes.cid4020, codes.cid18))
    return (*((code, False) for code in pet), *((code, True) for code in every if code not in pet))
