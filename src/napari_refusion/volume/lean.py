"""Standardized uptake values by lean body mass in place of body weight, and back."""

from dataclasses import replace
from typing import Final

import numpy as np

from napari_refusion.volume.finding import Finding, refuse
from napari_refusion.volume.preset import PRESETS, SUL, SUV
from napari_refusion.volume.volume import Volume

UNITS: Final = (SUV, SUL)
"""Units that PET can be shown in where `Acquisition.lean_factor` is known."""


def units_of(volume: Volume) -> tuple[str, ...]:
    """Return the units that a volume can be shown in, its own first."""
    if volume.unit not in UNITS or not volume.acquisition.lean_factor:
        return (volume.unit,)
    return volume.unit, next(unit for unit in UNITS if unit != volume.unit)


def in_unit(volume: Volume, unit: str) -> Volume:
    """Return PET in another unit, with a finding that says so; the same volume where it is in that unit.

    Raises
    ------
    RefusedError
        If it cannot be had in that unit.
    """
    if unit == volume.unit:
        return volume
    if unit not in units_of(volume):
        sentence = (
            f"Choose a scale in {volume.unit or 'arbitrary units'}: {volume.title} cannot be had in {unit}, which "
            f"needs {SUV} and the patient's height, weight and sex."
        )
        raise refuse("SUV", sentence, volume.unit)
    factor = volume.acquisition.lean_factor or 1.0
    factor = factor if unit == SUL else 1 / factor
    sentence = f"{volume.title} was converted from {volume.unit} to {unit}: multiplied by {factor:.4g}."
    return replace(
        volume,
        data=volume.data * np.float32(factor),
        unit=unit,
        findings=(*volume.findings, Finding("ok", "SUV", sentence, f"{factor:.4g} {unit} per {volume.unit}")),
    )


def in_unit_of(volume: Volume, choice: str) -> Volume:
    """Return PET in the unit of a scale that is chosen by its name, ``sul5``; any other volume or choice as it is.

    Raises
    ------
    RefusedError
        If it cannot be had in that unit.
    """
    unit = unit_of_choice(choice)
    return in_unit(volume, unit) if volume.unit in UNITS and unit in UNITS else volume


def unit_of_choice(choice: str) -> str:
    """Return the unit of a preset that is chosen by its name, empty for any other choice of a window."""
    preset = PRESETS.get(choice.strip().lower())
    return preset.unit if preset is not None else ""
