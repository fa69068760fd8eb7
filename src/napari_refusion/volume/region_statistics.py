"""The statistics of a source in a region, from its own voxels; never of a fused image, which has no unit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_refusion.numerics.colour import luminance
from napari_refusion.volume.affine import Affine
from napari_refusion.volume.figures import in_figures
from napari_refusion.volume.grid import Grid
from napari_refusion.volume.probe import unit_of
from napari_refusion.volume.region import Outline, Region, through, voxels_in
from napari_refusion.volume.volume import Volume


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of the values of one source inside a region."""

    source: str
    unit: str
    voxels: int
    """How many were counted."""
    left_out: int
    """How many voxels of the region have no value: not finite, or beyond the source's border."""
    area: float | None
    """Of the counted voxels, mm2; None in space, and for photographs, whose pixels have no size."""
    volume: float | None
    """Of the counted voxels, mm3; None for photographs."""
    mean: float
    """NaN, like those below, where no voxel was counted."""
    sd: float
    """Standard deviation of the counted voxels, divided by their number."""
    minimum: float
    maximum: float
    median: float

    def rows(self) -> dict[str, str]:
        """Return what was found in words and figures, in the order in which it is shown."""
        area, volume = self.area, self.volume
        size = {} if area is None else {"Area (mm\u00b2)": in_figures(area)}
        size |= {} if volume is None else {"Volume (ml)": in_figures(volume / 1000)}
        names = {"Mean": self.mean, "SD": self.sd, "Minimum": self.minimum, "Maximum": self.maximum}
        values = {
            name: in_figures(value) if self.voxels else "none"
            for name, value in (names | {"Median": self.median}).items()
        }
        return {"Voxels": str(self.voxels), "Left out": str(self.left_out)} | size | values


def statistics_table(statistics: Sequence[Statistics]) -> list[list[str]]:
    """Return statistics as a table: the headings, then one source a line; no line of nothing."""
    headings = [["Source", "Unit", *statistics[0].rows()]] if statistics else []
    return headings + [[found.source, found.unit, *found.rows().values()] for found in statistics]


def region_statistics(source: Volume, reference: Grid, region: Region) -> Statistics:
    """Return the statistics of a source over its own voxels that lie in a region; nothing is interpolated.

    Parameters
    ----------
    source
        A source of a pair where it lies in the patient, on its own grid: never resampled, and never a fused image. Of
        photographs, which have no place in the patient, pixels are those of the reference.
    reference
        The grid that the region's indices are of.
    """
    own = np.eye(4) if source.is_photograph else np.linalg.inv(reference.affine) @ source.affine
    found = voxels_in(region, own)
    inside = found[((found >= 0) & (found < source.shape)).all(axis=1)]
    values = source.data[tuple(inside.T)]
    values = luminance(values) if source.is_rgb and values.size else values.reshape(len(inside))
    counted = values[np.isfinite(values)].astype(np.float64)
    area, volume = (None, None) if source.is_photograph else _voxel_size(source.affine, reference, own, region)
    return Statistics(
        source=source.name,
        unit=unit_of(source),
        voxels=counted.size,
        left_out=len(found) - counted.size,
        area=None if area is None else area * counted.size,
        volume=None if volume is None else volume * counted.size,
        **_moments(counted),
    )


def _voxel_size(affine: Affine, reference: Grid, own: Affine, region: Region) -> tuple[float | None, float]:
    """Return the area that a voxel has on the region's slice, in mm2, None in space; and its volume, in mm3."""
    volume = float(abs(np.linalg.det(affine[:3, :3])))
    if not isinstance(region, Outline) or region.is_slab:
        return None, volume
    # how far apart two of its slices pass through the region's: one voxel of each column is counted
    normal = np.linalg.inv(reference.affine[:3, :3])[region.axis]
    return volume * float(np.linalg.norm(normal)) / abs(through(own, region.axis)), volume


def _moments(values: NDArray[np.float64]) -> dict[str, float]:
    if not values.size:
        return dict.fromkeys(("mean", "sd", "minimum", "maximum", "median"), float("nan"))
    return {
        "mean": float(values.mean()),
        "sd": float(values.std()),
        "minimum": float(values.min()),
        "maximum": float(values.max()),
        "median": float(np.median(values)),
    }
