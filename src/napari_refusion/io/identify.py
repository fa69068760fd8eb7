"""What a file shows and in which unit, as far as its name (BIDS), its header or its JSON sidecar say so.

File formats other than DICOM do not state the modality. It is read from words, never guessed from the voxels.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from napari_refusion.io.formats import ending
from napari_refusion.io.sidecar import Sidecar, acquisition_of, is_uncorrected, read_sidecar
from napari_refusion.io.unit import unit_of
from napari_refusion.volume.acquisition import UNKNOWN, Acquisition
from napari_refusion.volume.finding import Finding, refuse
from napari_refusion.volume.modality import MODALITIES

_HU_AIR: Final = -500.0
"""HU; a CT with air in it reaches down to -1000, a windowed or shifted one does not come near."""

_PADDING: Final = -1150.0
"""HU; what is less is no air but padding, from outside the field of view."""

_SHIFTED: Final = (850.0, 1250.0)
"""Where soft tissue lies, from fat to contrast agent, in values that are HU + 1024: as scanners store them."""

_AIR_SHARE, _SHIFTED_SHARE = 0.02, 0.15
"""Of all that is no padding, and of all that is no air: a CT with less air and more in `_SHIFTED` is in HU + 1024.

In the CTs of 24 legs and trunks and of a head 0.10 and more is air and at most 0.02 is so bright; in the same in
HU + 1024 nothing is air and 0.24 and more is so bright."""

_LOOKED_AT: Final = 2**17
"""Voxels of a CT that are looked at to tell that."""


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
    acquisition: Acquisition = UNKNOWN
    factor: float = 1.0
    """What the voxels are multiplied by to be in `unit`, see `in_unit`."""

    def in_unit(self, data: np.ndarray) -> np.ndarray:
        """Return voxels, any shape, in `unit`."""
        return data if self.factor == 1.0 else data * np.float32(self.factor)


def check_modality(modality: str) -> str:
    """Return a modality that the user chose, in capitals; `RefusedError` if it is not a known one."""
    chosen = modality.strip().upper() if isinstance(modality, str) else ""  # a notebook may give anything
    if chosen not in MODALITIES:
        known = ", ".join(f"{code} ({one.name})" for code, one in MODALITIES.items())
        raise refuse("modality", f"Modality {modality!r} is not known. Choose one of {known}.", str(modality))
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
        sentence = f"Choose the modality yourself, for the name suggests {names}: {path}"
        return "", [Finding("warn", "modality", sentence, names)]
    return (found[0] if found else ""), []


def identify(
    path: Path,
    data: np.ndarray,
    stated: str = "",
    chosen: str | None = None,
    sidecar: Sidecar | None = None,
    stated_unit: str = "",
) -> Identity:
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
    sidecar
        What stands beside the file, where that has been read already.
    stated_unit
        What the file's own header says that values of the modality in it are in, empty where it says nothing.
    """
    beside = read_sidecar(path) if sidecar is None else sidecar
    modality, findings = modality_of(path, beside, stated, chosen)
    in_header = stated_unit if modality == stated else ""
    unit, factor, about_unit = _unit(path, data, modality, beside, in_header)
    if modality == "PT" and is_uncorrected(beside):
        sentence = (
            f"Choose the corrected image if there is one; by its sidecar this was not corrected for attenuation: {path}"
        )
        about_unit.append(Finding("warn", "attenuation correction", sentence))
    found = (*beside.findings, *findings, *about_unit)
    return Identity(modality, unit, found, beside.files, acquisition_of(beside, unit), factor)


def modality_of(path: Path, beside: Sidecar, stated: str = "", chosen: str | None = None) -> tuple[str, list[Finding]]:
    """Return the modality of an image file, empty where nothing tells it; see `identify`."""
    findings: list[Finding] = []
    described = as_dicom(beside.text("Modality"))
    named, doubts = modality_from_name(path)
    modality = check_modality(chosen) if chosen else stated or described or named
    if not modality:
        findings += doubts
    elif named and modality != named:
        sentence = (
            f"It is taken as {MODALITIES[modality].name} although its name suggests {MODALITIES[named].name}: {path}"
        )
        findings.append(Finding("warn", "modality", sentence, modality))
    return modality, findings


def as_dicom(modality: str) -> str:
    """Return the DICOM code for a modality's code or name, empty for an unknown one."""
    spoken = modality.strip().upper()
    return next((code for code, one in MODALITIES.items() if spoken in (code, one.name.upper())), "")


def _unit(
    path: Path, data: np.ndarray, modality: str, sidecar: Sidecar, in_header: str
) -> tuple[str, float, list[Finding]]:
    """Return the unit of the voxels, empty where nothing vouches for one, and what makes them be in it."""
    stated = in_header or sidecar.text("Units")
    if modality in ("PT", "NM"):
        if (unit := unit_of(stated)) is None:
            sentence = (
                f"Correct Units (Bq/ml, kBq/ml, SUVbw), for {stated!r} is not known, and the values have no unit: "
                f"{path if in_header else sidecar.path}"
            )
            return "", 1.0, [Finding("warn", "unit", sentence, stated)]
        if unit.factor != 1.0:
            sentence = f"The values were multiplied by {unit.factor:g}, from {stated} to {unit.name}: {path}"
            return unit.name, unit.factor, [Finding("ok", "unit", sentence, stated)]
        return unit.name, 1.0, []
    if modality != "CT" or data.dtype.fields is not None or data.ndim == 4:
        return "", 1.0, []
    low, high = _range(data)
    if is_shifted(data):
        sentence = (
            f"Export it in Hounsfield units, or subtract 1024: its tissue lies near 1000 and it holds no air, as "
            "values do that a scanner stores; CT windows in HU do not apply, and its window is chosen from its values: "
            f"{path}"
        )
        return "", 1.0, [Finding("warn", "unit", sentence, "HU + 1024")]
    named_so = "hu" in (word.lower() for word in words(stem(path)))
    if low <= _HU_AIR or named_so or stated.lower() in ("hu", "hounsfield", "hounsfield units"):
        return "HU", 1.0, []
    value = f"{low:g} to {high:g}"
    sentence = (
        f"Export it in Hounsfield units, or choose a window: its values from {value} do not look like such units, "
        f"CT windows in HU do not apply, and its window is chosen from its values: {path}"
    )
    return "", 1.0, [Finding("warn", "unit", sentence, value)]


def _range(data: np.ndarray) -> tuple[float, float]:
    """Return the smallest and the largest finite value without a copy of them; zeros where there is none."""
    finite = np.isfinite(data)
    if not finite.any():
        return 0.0, 0.0
    numbers = data if data.dtype.kind == "f" else data.astype(np.float32)
    return float(numbers.min(where=finite, initial=np.inf)), float(numbers.max(where=finite, initial=-np.inf))


def is_shifted(data: np.ndarray) -> bool:
    """Return whether the values of a CT are HU + 1024, whatever its name, its sidecar and its padding say."""
    step = max(1, round((data.size / _LOOKED_AT) ** (1 / max(data.ndim, 1))))
    values = data[(slice(None, None, step),) * data.ndim]
    inside = values[np.isfinite(values) & (values > _PADDING)]
    body = inside[inside > _HU_AIR]
    if not body.size or 1 - body.size / inside.size >= _AIR_SHARE:
        return False
    return bool(np.mean((body > _SHIFTED[0]) & (body < _SHIFTED[1])) > _SHIFTED_SHARE)
