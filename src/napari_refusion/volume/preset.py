"""Windows with a name: presets for CT and fixed scales for PET. One table."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from napari_refusion.numerics.intensity import Window

SUV: Final = "SUVbw"
"""Unit of standardized uptake values by body weight."""

PLAIN_SUV: Final = "SUV"
"""Unit of standardized uptake values whose file does not say by what: the scales by body weight can be typed."""

SUL: Final = "SUVlbm"
"""Unit of standardized uptake values by lean body mass."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A window that is chosen by its name."""

    name: str
    """As it is typed, ``soft`` or ``suv5``."""
    title: str
    """As a menu calls it."""
    unit: str
    """What it is in; it fits volumes in this unit only."""
    window: Window
    source: str = ""
    """Where its values are from."""


def _ct(name: str, title: str, width: float, level: float, source: str) -> Preset:
    """Return a preset for CT by width and level, HU."""
    return Preset(name, f"{title} (CT)", "HU", Window(level - width / 2, level + width / 2), source)


_SLICER: Final = "3D Slicer, VolumeDisplayPresets.json"
_RADIOPAEDIA: Final = "Radiopaedia, Windowing (CT), radiopaedia.org/articles/windowing-ct"

SCALES: Final = (5.0, 7.0, 10.0, 15.0)
"""Upper ends of the fixed scales of PET."""


def _scale(high: float, unit: str, word: str) -> Preset:
    source = "chosen here; the OHIF viewer lists the same values among its presets for PT"
    return Preset(f"{word.lower()}{high:g}", f"{word} 0 to {high:g}", unit, Window(0.0, high), source)


_ALL: Final = (
    _ct("soft", "soft tissue", 350, 40, f"{_SLICER} (CT-Abdomen)"),
    _ct("lung", "lung", 1400, -500, _SLICER),
    _ct("bone", "bone", 1600, 500, f"chosen here, near {_RADIOPAEDIA} (spine, 1800 at 400)"),
    _ct("brain", "brain", 100, 50, _SLICER),
    _ct("mediastinum", "mediastinum", 350, 50, _RADIOPAEDIA),
    _ct("liver", "liver", 150, 30, _RADIOPAEDIA),
    _ct("angio", "angiography", 600, 300, "Orthanc, Stone web viewer, configuration.json, WindowingPresets (CT Angio)"),
    *(_scale(high, SUV, "SUV") for high in SCALES),
    *(_scale(high, SUL, "SUL") for high in SCALES),
)

PRESETS: Final[Mapping[str, Preset]] = MappingProxyType({one.name: one for one in _ALL})
"""Name -> preset, in the order of menus. Another preset is one more entry."""


def presets_in(unit: str) -> tuple[Preset, ...]:
    """Return the presets for volumes in a unit, in the order of menus."""
    return tuple(one for one in PRESETS.values() if one.unit == unit)
