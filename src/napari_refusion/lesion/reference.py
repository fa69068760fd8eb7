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


_PERCIST: Final = "Wahl et al., J Nucl Med 2009;50 Suppl 1:122S-150S, doi:10.2967/jnumed.108.057307"

TISSUES: Final[Mapping[str, ReferenceTissue]] = MappingProxyType(
    {
        "liver": ReferenceTissue("Liver", 30.0, f"3 cm in the right lobe: {_PERCIST}"),
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
    drawn = draw(volume, point, "sphere", diameter if diameter is not None else TISSUES[tissue].diameter)
    return ReferenceRegion(tissue, drawn.voi, measure(volume, drawn.voi), drawn.findings)
