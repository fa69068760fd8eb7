"""What a file shows and in which unit, as far as its name (BIDS), its header or its JSON sidecar say so.

File formats other than DICOM do not state the modality. It is read from words, never guessed from the voxels.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from napari_refusion.io.formats import ending
from napari_refusion.volume.finding import Finding, refuse
from napari_refusion.volume.modality import MODALITIES

_PET_UNITS: Final = {"bq/ml": "Bq/ml", "suvbw": "SUVbw", "suv": "SUV"}
"""Units that a sidecar may state for PET, lower case; nothing is computed, only named."""

_LARGEST_SIDECAR: Final = 2**24
"""Bytes; a description of an image is a few kilobytes."""

_HU_AIR: Final = -500.0
"""HU; a CT with air in it reaches down to -1000, a windowed or shifted one does not come near."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a file shows."""

    modality: str
    """DICOM Modality, empty where unknown."""
    unit: str
    """``HU``, ``Bq/ml``; empty for arbitrary units."""
    findings: tuple[Finding, ...]
    files: tuple[Path, ...] = ()
    """What was read to find out."""


def check_modality(modality: str) -> str:
    """Return a modality that the user chose, in capitals; `RefusedError` if it is not a known one."""
    chosen = modality.strip().upper()
    if chosen not in MODALITIES:
        known = ", ".join(f"{code} ({one.name})" for code, one in MODALITIES.items())
        raise refuse("modality", f"Modality {modality!r} is not known. Choose one of {known}.", modality)
    return chosen


def stem(path: Path) -> str:
    """Return a file's name without its ending (``a.nii.gz`` -> ``a``)."""
    return path.name[: len(path.name) - len(ending(path))]


def words(name: str) -> list[str]:
    """Return the words of a file name: parted by separators and where lower case or a digit meets a capital."""
    return [word for word in re.split(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])", name) if word]


def modality_from_name(path: Path) -> tuple[str, list[Finding]]:
    """Return the modality that a file's name states, empty where it states none or several."""
    name = stem(path)
    last = name.rpartition("_")[2]
    for code, modality in MODALITIES.items():
        if last in modality.bids:  # decisive, whatever else the name holds
            return code, []
    # "T2FLAIR" and "T1w" are parted at the capital or not; both halves mean the same modality.
    spoken = {word.lower() for word in words(name)}
    found = [code for code, modality in MODALITIES.items() if spoken.intersection(modality.words)]
    if len(found) > 1:
        names = " and ".join(MODALITIES[code].name for code in found)
        sentence = f"The name of {path} suggests {names}, so its modality is unknown: choose it yourself."
        return "", [Finding("warn", "modality", sentence, names)]
    return (found[0] if found else ""), []


def described_in(path: Path) -> Path:
    """Return where BIDS puts the description of an image: beside it, under the same name."""
    return path.with_name(stem(path) + ".json")


def read_sidecar(path: Path) -> tuple[dict[str, Any], list[Finding]]:
    """Return the BIDS JSON file beside an image (same name, ``.json``), empty where there is none."""
    beside = described_in(path)
    try:
        if not beside.is_file():
            return {}, []
        if beside.stat().st_size > _LARGEST_SIDECAR:
            raise ValueError("it is far too large")
        content = json.loads(beside.read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            raise ValueError("it is not a JSON object")
    except (OSError, ValueError, RecursionError) as error:
        sentence = f"The description {beside} was ignored because it cannot be read ({error}): repair or remove it."
        return {}, [Finding("warn", "sidecar", sentence)]
    return content, []


def identify(path: Path, data: np.ndarray, stated: str = "", chosen: str | None = None) -> Identity:
    """Return what an image file shows.

    The user's choice counts most, then the file's own header, then its JSON sidecar, then its name.

    Parameters
    ----------
    path
        The image file; its name and the JSON file beside it are inspected.
    data
        The voxels as stored, any shape: values tell whether a CT can be in HU.
    stated
        Modality in the file's header, empty where it has none.
    chosen
        Modality that the user chose, None for none.
    """
    sidecar, findings = read_sidecar(path)
    described = as_dicom(str(sidecar.get("Modality", "")))
    named, doubts = modality_from_name(path)
    modality = check_modality(chosen) if chosen else stated or described or named
    if not modality:
        findings += doubts
    elif named and modality != named:
        sentence = (
            f"{path} is taken as {MODALITIES[modality].name} although its name suggests {MODALITIES[named].name}."
        )
        findings.append(Finding("warn", "modality", sentence, modality))
    unit, about_unit = _unit(path, data, modality, str(sidecar.get("Units", "")))
    return Identity(modality, unit, (*findings, *about_unit), (described_in(path),) if sidecar else ())


def as_dicom(modality: str) -> str:
    """Return the DICOM code for a modality's code or name, empty for an unknown one."""
    spoken = modality.strip().upper()
    return next((code for code, one in MODALITIES.items() if spoken in (code, one.name.upper())), "")


def _unit(path: Path, data: np.ndarray, modality: str, stated: str) -> tuple[str, list[Finding]]:
    """Return the unit of the voxels, empty where nothing vouches for one."""
    stated = stated.strip().lower()
    if modality == "PT":
        return _PET_UNITS.get(stated, ""), []
    if modality != "CT" or data.dtype.fields is not None or data.ndim == 4:
        return "", []
    finite = data[np.isfinite(data)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    named_so = "hu" in (word.lower() for word in words(stem(path)))
    if low <= _HU_AIR or named_so or stated in ("hu", "hounsfield", "hounsfield units"):
        return "HU", []
    value = f"{low:g} to {high:g}"
    sentence = (
        f"The values of {path} range from {value}, which does not look like Hounsfield units: CT windows in HU do not "
        "apply, and its window is chosen from its values."
    )
    return "", [Finding("warn", "unit", sentence, value)]
