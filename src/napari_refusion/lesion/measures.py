"""What is measured in a volume of interest: one table. Another measure is one more entry.

A source is measured by its own voxels, also one that the volume of interest was not drawn on: those count whose centres
lie in one of its voxels. Nothing is interpolated, and nothing is measured on a fused image.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from napari_refusion.lesion.extent import longest_diameter
from napari_refusion.lesion.held import Held
from napari_refusion.lesion.peak import peak
from napari_refusion.lesion.units import uptake_word
from napari_refusion.volume.volume import Volume


@dataclass(frozen=True, slots=True)
class Measure:
    """Something that is measured."""

    title: str
    """Its name for a value that is no SUV."""
    of: Callable[[Held], float]
    """Returns its value, NaN where there is none."""
    unit: str = "{unit}"
    """Its unit, in which ``{unit}`` stands for the source's."""
    suv_title: str = ""
    """Its name where the source is in SUV, in which ``{word}`` is ``SUV`` or ``SUL``; empty where it is the same."""
    where: str = ""
    """Sources that it is measured in: ``uptake`` for PET and SPECT, ``SUV``; empty for all."""
    definition: str = ""
    """What exactly it is, and where that is from."""


_PERCIST: Final = "Wahl et al., J Nucl Med 2009;50 Suppl 1:122S-150S, doi:10.2967/jnumed.108.057307"

MEASURES: Final[Mapping[str, Measure]] = MappingProxyType(
    {
        "maximum": Measure("Maximum", lambda held: held.statistics.maximum, suv_title="{word}max"),
        "peak": Measure(
            "Peak",
            peak,
            suv_title="{word}peak",
            where="uptake",
            definition=f"highest mean of a sphere of 1 cm3 about one of the voxels ({_PERCIST})",
        ),
        "mean": Measure("Mean", lambda held: held.statistics.mean, suv_title="{word}mean"),
        "sd": Measure("SD", lambda held: held.statistics.sd, definition="divided by the number of voxels"),
        "minimum": Measure("Minimum", lambda held: held.statistics.minimum),
        "volume": Measure("Volume", lambda held: (held.statistics.volume or 0.0) / 1000, "ml"),
        "tlg": Measure(
            "Total lesion glycolysis",
            lambda held: held.statistics.mean * (held.statistics.volume or 0.0) / 1000,
            "{unit} ml",
            suv_title="TLG",
            where="SUV",
            definition=f"mean times volume ({_PERCIST})",
        ),
        "diameter": Measure(
            "Longest diameter",
            longest_diameter,
            "mm",
            definition="in space, half a voxel beyond the centres (IBSI L0JK, doi:10.1148/radiol.2020191145)",
        ),
    }
)
"""Name -> measure, in the order in which they are shown."""


def reason_off(name: str, volume: Volume) -> str:
    """Return why a measure is not offered for a source; empty where it is.

    Parameters
    ----------
    name
        One of `MEASURES`.
    """
    where = MEASURES[name].where
    if where == "SUV" and not uptake_word(volume.unit):
        return f"{MEASURES[name].title} needs SUV."
    if where == "uptake" and not (volume.is_functional or uptake_word(volume.unit)):
        return f"{MEASURES[name].title} is measured in PET and SPECT only."
    return ""


def heading(name: str, unit: str) -> str:
    """Return the heading of a column, ``SUVmax (SUVbw)`` or ``Maximum (Bq/ml)``.

    Parameters
    ----------
    name
        One of `MEASURES`.
    unit
        The source's, ``a.u.`` for arbitrary units.
    """
    known, word = MEASURES[name], uptake_word(unit)
    title = known.suv_title.format(word=word) if word and known.suv_title else known.title
    return f"{title} ({known.unit.format(unit=unit)})"
