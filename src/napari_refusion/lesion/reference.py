"""Reference regions: spheres in healthy liver and blood pool."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.lesion.measured import Measured, measure
from napari_refusion.lesion.methods import draw
from napari_refusion.lesion.voi import VolumeOfInterest
from napari_refusion.volume.figures import in_figures
from napari_refusion.volume.finding import Finding, check_name
from napari_refusion.volume.volume import Volume


@dataclass(frozen=True, slots=True)
class ReferenceTissue:
    """Where a reference region lies."""

    title: str
    diameter: float
    """mm, of the sphere."""
    source: str
    """Where the size is from."""
    is_even: bool = False
    """Whether its uptake is even, so that a region over an edge of it is told."""


_STEEPEST: Final = 0.75
"""Of the mean, what uptake may rise by from the middle of a region to its surface. In 4,247 spheres of 3 cm in healthy
soft tissue of 16 patients it was at most 0.73, whatever their noise (SD up to 0.64 of the mean); in a real liver 0.44
at most where the sphere lies wholly in it. Half in air it is 15/8."""

_FEWEST: Final = 30
"""Voxels of which a rise in one direction can be told."""

_PERCIST: Final = "Wahl et al., J Nucl Med 2009;50 Suppl 1:122S-150S, doi:10.2967/jnumed.108.057307"

TISSUES: Final[Mapping[str, ReferenceTissue]] = MappingProxyType(
    {
        "liver": ReferenceTissue("Liver", 30.0, f"3 cm in the right lobe: {_PERCIST}", is_even=True),
        "blood pool": ReferenceTissue("Mediastinal blood pool", 10.0, f"1 cm in the descending aorta: {_PERCIST}"),
    }
)
"""Name -> tissue."""


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceRegion:
    """A sphere in healthy tissue, and what was measured in it."""

    tissue: str
    """One of `TISSUES`."""
    voi: VolumeOfInterest
    measured: Measured
    findings: tuple[Finding, ...]

    @property
    def words(self) -> str:
        """What a legend says of it: ``Liver: mean 2.1, SD 0.3, maximum 2.9 SUVbw``."""
        mean, sd, highest = (in_figures(self.measured.values[name]) for name in ("mean", "sd", "maximum"))
        return f"{TISSUES[self.tissue].title}: mean {mean}, SD {sd}, maximum {highest} {self.measured.unit}"


def reference_region(
    volume: Volume, point: NDArray[np.float64], tissue: str, diameter: float | None = None
) -> ReferenceRegion:
    """Return the sphere about a click in healthy tissue, measured.

    Parameters
    ----------
    point
        Middle of the sphere, (3,) RAS+ mm.
    tissue
        One of `TISSUES`.
    diameter
        mm; by default the tissue's.
    """
    check_name("volume of interest", tissue, TISSUES, "reference region")
    size = diameter if diameter is not None else TISSUES[tissue].diameter
    drawn = draw(volume, point, "sphere", size)
    measured = measure(volume, drawn.voi)
    uneven = _uneven(volume, drawn.voi, size / 2, tissue) if TISSUES[tissue].is_even else ()
    return ReferenceRegion(tissue, drawn.voi, measured, (*drawn.findings, *uneven))


def _uneven(volume: Volume, voi: VolumeOfInterest, radius: float, tissue: str) -> tuple[Finding, ...]:
    """Return a warning where uptake rises across a region as it does over an edge: noise has no direction."""
    values = volume.data[voi.box][voi.mask].astype(np.float64)
    known = np.isfinite(values)
    if known.sum() < _FEWEST:
        return ()
    values, places = values[known], (voi.voxels[known] @ volume.affine[:3, :3].T)
    mean, places = values.mean(), places - places.mean(axis=0)
    rise = radius * float(np.linalg.norm(np.linalg.lstsq(places, values - mean, rcond=None)[0]))
    if rise <= _STEEPEST * mean:
        return ()
    low, high = in_figures(max(mean - rise, float(values.min()))), in_figures(mean + rise)
    sentence = (
        f"Place the region again, away from the edges of the {tissue}: uptake rises from {low} at one side of the "
        f"sphere to {high} {volume.unit} at the other, and in one tissue it is even."
    )
    return (Finding("warn", "volume of interest", sentence, f"{low} to {high}"),)
