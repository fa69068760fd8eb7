"""The measurements of one volume of interest in one source."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from napari_refusion.lesion.held import Held, held_by
from napari_refusion.lesion.measures import MEASURES, heading, reason_off
from napari_refusion.lesion.peak import missing_of_peak
from napari_refusion.lesion.units import why_no_suv
from napari_refusion.lesion.voi import VolumeOfInterest
from napari_refusion.volume.figures import in_figures
from napari_refusion.volume.finding import Finding, refuse
from napari_refusion.volume.probe import position_in_words, unit_of
from napari_refusion.volume.volume import Volume

PLACE: Final = "Place of maximum"
"""Heading of where the hottest voxel lies; the middle of a lesion is another place."""

NO_VALUE: Final = "none"
"""In a cell without a value."""

_CUT: Final = 0.01
"""Share of the sphere of a peak; less of it without a value changes no figure that is shown."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a source holds in a volume of interest."""

    source: str
    """What the source is called."""
    unit: str
    """Of its values, ``a.u.`` for arbitrary units."""
    values: Mapping[str, float]
    """Name in `measures.MEASURES` -> value; NaN where no voxel was counted. Those that are off are missing."""
    off: Mapping[str, str]
    """Name of a measure that is not offered for this source -> why, as a sentence."""
    voxels: int
    """How many were counted."""
    left_out: int
    """How many voxels of the region have no value: not finite, or beyond the source's border."""
    place: tuple[float, float, float] | None
    """Where the maximum lies, RAS+ mm; of several equal ones the first in the array. None where nothing was counted."""
    findings: tuple[Finding, ...] = ()

    def rows(self) -> dict[str, str]:
        """Return heading with unit -> value in figures, in the order in which they are shown."""
        cells = {heading(name, self.unit): in_cell(value) for name, value in self.values.items()}
        where = NO_VALUE if self.place is None else position_in_words(np.array(self.place))
        return cells | {"Voxels": str(self.voxels), PLACE: where}


def in_cell(value: float) -> str:
    """Return a value in figures, or that there is none."""
    return in_figures(value) if np.isfinite(value) else NO_VALUE


def measure(volume: Volume, voi: VolumeOfInterest) -> Measured:
    """Return the measurements of a volume of interest in a source, by that source's own voxels.

    Parameters
    ----------
    volume
        A source where it lies in the patient, on its own grid, which may be another than the volume of interest was
        drawn on: never resampled, and never a fused image.

    Raises
    ------
    RefusedError
        For a photograph, whose pixels have no size.
    """
    if volume.is_photograph:
        sentence = f"Measure images of a patient: {volume.title} is a picture, whose pixels have no size."
        raise refuse("volume of interest", sentence)
    held = held_by(volume, voi)
    off = {name: reason for name in MEASURES if (reason := reason_off(name, volume))}
    if "tlg" in off and volume.is_functional:
        off["tlg"] = f"{off['tlg']} {why_no_suv(volume)}"
    values = {name: float(known.of(held)) for name, known in MEASURES.items() if name not in off}
    return Measured(
        source=volume.title,
        unit=unit_of(volume),
        values=MappingProxyType(values),
        off=MappingProxyType(off),
        voxels=held.statistics.voxels,
        left_out=held.statistics.left_out,
        place=_place(held),
        findings=(*_noticed(held), *(_cut_peak(held) if "peak" in values else ())),
    )


def _place(held: Held) -> tuple[float, float, float] | None:
    if not held.values.size:
        return None
    x, y, z = held.volume.grid.point_at(held.voxels[held.values.argmax()].astype(np.float64)).tolist()
    return x, y, z


def _noticed(held: Held) -> tuple[Finding, ...]:
    """Return warnings about voxels that have no value."""
    left, title = held.statistics.left_out, held.volume.title
    if not held.values.size:
        sentence = f"Draw it where {title} has values, or measure another source: none of its voxels lies in it."
        return (Finding("warn", "volume of interest", sentence, "0 voxels"),)
    if not left:
        return ()
    sentence = (
        f"Look at its border: {left} voxels of it have no value in {title} (not finite, or outside its field) and are "
        "left out."
    )
    return (Finding("warn", "volume of interest", sentence, f"{left} voxels"),)


def _cut_peak(held: Held) -> tuple[Finding, ...]:
    """Return a warning if the sphere of the peak reaches beyond the border, or to voxels without a value."""
    missing = missing_of_peak(held)
    if missing < _CUT:
        return ()
    sentence = (
        f"Read the peak with care: {100 * missing:.0f} % of its sphere of 1 cm3 has no value in {held.volume.title} "
        "(not finite, or outside its field), and it is the mean of the rest."
    )
    return (Finding("warn", "volume of interest", sentence, f"{100 * missing:.0f} %"),)
