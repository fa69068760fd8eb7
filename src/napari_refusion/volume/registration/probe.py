"""Two volumes made ready for many values of normalised mutual information."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.volume.registration.levels import (
    VOXEL,
    averaged,
    averaged_volume,
    factors_for,
    levels,
    nmi,
    shades,
)
from napari_refusion.volume.registration.outline import Outline, is_head, outline
from napari_refusion.volume.registration.position import Position
from napari_refusion.volume.volume import Volume

POINTS: Final = 40_000
"""Voxels sampled, at most."""

FEWEST_POINTS: Final = 1_500
"""Below it (60 square cm of one slice) round slices near the top of the head fit in any position."""

FEWEST_LEFT: Final = 0.4
"""Share of the points that must meet data; positions in which fewer do are not compared."""

FOREGROUND: Final = 0.05
"""Share of the grey range above which a voxel is not background."""

UNKNOWN: Final = 255
"""The level of voxels that have no data."""


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """Two volumes made ready for many values of NMI, inside the body and about its contour."""

    levels: NDArray[np.uint8]
    """(I, P, L) grey levels of a, 0 to BINS - 1, or `UNKNOWN`."""
    spacing: NDArray[np.float64]
    """(3,) mm."""
    points: NDArray[np.float32]
    """(N, 3) indices of voxels of b, in its body and up to some millimetres outside."""
    point_levels: NDArray[np.uint8]
    """(N,) grey levels of b there."""
    middle_a: NDArray[np.float64]
    """(3,) mm along (I, P, L) from the first voxel, middle of the foreground of a."""
    middle_b: NDArray[np.float64]
    """(3,) mm, middle of the foreground of b."""
    span: tuple[int, int]
    """First and last column in which a has data."""
    is_head: bool = False
    beyond: int = UNKNOWN
    """The level of a outside its grid."""

    def nmi(self, position: Position) -> float:
        """Return the NMI of b with a in a position, over the points that meet data; 1 where too few do."""
        matrix = position.matrix / self.spacing[:, None] * self.spacing
        offset = (position.offset / self.spacing)[:, None]
        # einsum, since a product this narrow is slowed four times by the threads of the linear algebra library.
        at = np.einsum("ij,nj->in", matrix.astype(np.float32), self.points) + offset.astype(np.float32)
        plane, row, column = np.rint(at).astype(np.int32)
        planes, rows, columns = self.levels.shape
        inside = (plane >= 0) & (plane < planes) & (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        met = np.full(len(self.points), self.beyond, dtype=np.uint8)
        met[inside] = self.levels[plane[inside], row[inside], column[inside]]
        known = met != UNKNOWN
        return nmi(met[known], self.point_levels[known]) if known.mean() >= FEWEST_LEFT else 1.0


def make_probe(a: Volume, b: Volume, covered: NDArray[np.bool_]) -> Probe | None:
    """Return two volumes on one grid averaged, smoothed and in grey levels; None if they share too little foreground.

    Parameters
    ----------
    covered
        (I, P, L), where both have data.
    """
    factors = factors_for(a, VOXEL)
    spacing = np.array(a.spacing) * factors
    known = averaged(covered, factors) > 0.99
    grey_a, grey_b = (shades(averaged_volume(volume, factors), known, volume) for volume in (a, b))
    foreground_a, foreground_b = ((grey > FOREGROUND) & known for grey in (grey_a, grey_b))
    if foreground_b.sum() < FEWEST_POINTS or not foreground_a.any():
        return None
    body = outline(b)
    flat = np.flatnonzero(known & _on_grid(body, factors, known.shape))
    if len(flat) > POINTS:
        flat = flat[np.linspace(0, len(flat) - 1, POINTS).astype(np.intp)]
    places = np.column_stack(np.unravel_index(flat, known.shape))
    columns = np.flatnonzero(known.any(axis=(0, 1)))
    return Probe(
        levels=np.where(known, levels(grey_a), np.uint8(UNKNOWN)),
        spacing=spacing,
        points=places.astype(np.float32),
        point_levels=levels(grey_b.ravel()[flat]),
        middle_a=_middle(foreground_a) * spacing,
        middle_b=_middle(foreground_b) * spacing,
        span=(int(columns[0]), int(columns[-1])),
        is_head=is_head(a, b, body),
    )


def _on_grid(body: Outline, factors: list[int], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return the surroundings of a body on a finer grid, of blocks of `factors` voxels."""
    around = body.around()
    at = [
        np.minimum(np.arange(size) * fine // coarse, most - 1)
        for size, fine, coarse, most in zip(shape, factors, body.factors, around.shape, strict=True)
    ]
    return np.asarray(around[np.ix_(*at)])


def _middle(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the mean index of the voxels of a mask, (3,); a list of them would take more memory than a volume."""
    counts = [mask.sum(axis=tuple(other for other in range(3) if other != axis)) for axis in range(3)]
    return np.array([np.arange(len(count)) @ count / count.sum() for count in counts])
