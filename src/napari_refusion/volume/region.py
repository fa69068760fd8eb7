"""Regions drawn on a slice, and the statistics of a source inside them; never of a fused image, which has no unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.numerics.colour import luminance
from napari_refusion.volume.affine import Affine
from napari_refusion.volume.figures import in_figures
from napari_refusion.volume.probe import unit_of
from napari_refusion.volume.volume import Volume

ELLIPSE_POINTS: Final = 256
"""Vertices of an ellipse as a polygon, whose area is then 0.01 % too small."""

IN_PLANE: Final = 1e-3
"""Of an index; vertices that differ by less along an axis are on one slice."""


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A polygon on one slice of a grid."""

    axis: int
    """Index of the array axis across the slice."""
    index: int
    """The slice along it; may lie outside the grid."""
    vertices: NDArray[np.float64]
    """(N, 2) continuous indices along the two other axes, in their order."""

    def mask(self, grid: tuple[int, int, int]) -> NDArray[np.bool_]:
        """Return where the centres of the slice's voxels lie inside, (H, W); all False on a slice outside the grid."""
        from skimage.draw import polygon2mask

        plane = tuple(np.delete(grid, self.axis).tolist())
        if not 0 <= self.index < grid[self.axis]:
            return np.zeros(plane, np.bool_)
        inside: NDArray[np.bool_] = polygon2mask(plane, self.vertices)
        return inside


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of the values of one source inside a region."""

    source: str
    unit: str
    voxels: int
    """How many were counted."""
    left_out: int
    """How many voxels of the region have no value: not finite, or outside the source."""
    area: float | None
    """Of the counted voxels, mm2; None for photographs, whose pixels have no size."""
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
        values = {name: in_figures(value) for name, value in (names | {"Median": self.median}).items()}
        return {"Voxels": str(self.voxels), "Left out": str(self.left_out)} | size | values


def tab_separated(statistics: Sequence[Statistics]) -> str:
    """Return statistics as lines to paste into a spreadsheet: the headings, then one source a line."""
    headings = ["Source", "Unit", *statistics[0].rows()] if statistics else []
    lines = [headings, *([found.source, found.unit, *found.rows().values()] for found in statistics)]
    return "\n".join("\t".join(line) for line in lines)


def region_of(vertices: NDArray[np.float64]) -> Region | None:
    """Return the region with these vertices, (N, 3) indices; None unless they span a part of one slice."""
    flat = np.flatnonzero(np.ptp(vertices, axis=0) < IN_PLANE)
    if len(vertices) < 3 or len(flat) != 1:
        return None
    axis = int(flat[0])
    return Region(axis, int(np.floor(vertices[0, axis] + 0.5)), np.delete(vertices, axis, axis=1))


def ellipse_vertices(box: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return points around the ellipse in a box, (`ELLIPSE_POINTS`, D).

    Parameters
    ----------
    box
        (4, D) corners of the rectangle around it, one after the other; it may be turned.
    """
    centre = box.mean(axis=0)
    half_a, half_b = (box[1] - box[0]) / 2, (box[3] - box[0]) / 2
    angle = np.linspace(0, 2 * np.pi, ELLIPSE_POINTS, endpoint=False)[:, None]
    return centre + np.cos(angle) * half_a + np.sin(angle) * half_b


def region_statistics(source: Volume, region: Region, covered: NDArray[np.bool_]) -> Statistics:
    """Return the statistics of a source over the voxels whose centres lie in a region.

    Parameters
    ----------
    source
        On the grid that the region's indices are of: a source of a pair, never its fused image.
    covered
        (I, P, L), where the source has data; elsewhere an aligned source holds a fill value.
    """
    inside = region.mask(source.shape)
    if inside.any():
        values, known = (np.take(array, region.index, axis=region.axis)[inside] for array in (source.data, covered))
    else:
        values, known = np.empty(0, np.float32), np.empty(0, np.bool_)
    values = luminance(values) if source.is_rgb and values.size else values
    counted = values[known & np.isfinite(values)].astype(np.float64)
    area, volume = (None, None) if source.is_photograph else _voxel_size(source.affine, region.axis)
    return Statistics(
        source=source.name,
        unit=unit_of(source),
        voxels=counted.size,
        left_out=values.size - counted.size,
        area=None if area is None else area * counted.size,
        volume=None if volume is None else volume * counted.size,
        **_moments(counted),
    )


def _voxel_size(affine: Affine, axis: int) -> tuple[float, float]:
    """Return the area of a voxel in a slice across `axis`, in mm2, and its volume, in mm3."""
    first, second = np.delete(affine[:3, :3], axis, axis=1).T
    return float(np.linalg.norm(np.cross(first, second))), float(abs(np.linalg.det(affine[:3, :3])))


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
