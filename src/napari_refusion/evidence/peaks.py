"""Peaks of a functional source: what stands out from its surroundings within a slice.

Distances are in millimetres, so that voxels of any shape are treated alike; photographs have 1 mm per pixel.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.volume.affine import AXES, Affine, spacing

CORE: Final = 2.0
"""mm, radius of the disc whose mean is the height of a peak."""

RING: Final = (10.0, 16.0)
"""mm, inner and outer radius of the ring whose median is what surrounds a peak."""

LEVELLED: Final = (8.0, 13.0)
"""mm; a peak is levelled wholly up to the first distance, and less and less up to the second."""

FAINTEST: Final = 0.1
"""Contrast from which a spot is a peak, as a share of the window.

No spot is too dim otherwise: in skull, where there is no uptake, a lesion is dimmer than healthy cortex."""

BACKGROUND: Final = 0.02
"""Windowed value up to which a voxel is without uptake."""

APART: Final = 8.0
"""mm; of peaks nearer than that the one with the most contrast is kept."""

SMOOTH: Final = 1.5
"""mm, standard deviation of the Gaussian that noise is smoothed with before peaks are looked for."""

Values = NDArray[np.float32]
"""(I, P, L) in [0, 1]."""


@dataclass(frozen=True, slots=True, eq=False)
class Peaks:
    """What stands out in a functional source."""

    levelled: Values
    """The source with every peak levelled to its surroundings, within the slice of the peak."""
    is_levelled: NDArray[np.bool_]
    """(n,) for the n slices along the direction of the fusion: which have a peak; the others are as they were."""
    voxels: NDArray[np.int64]
    """(N, 3) the peaks, indices along (I, P, L)."""
    contrast: NDArray[np.float64]
    """(N,) mean of the disc less the median of the ring in the source; `FAINTEST` or more."""


def find_peaks(functional: Values, axis: str, affine: Affine) -> Peaks:
    """Return the peaks of a functional source, and the source without them.

    Parameters
    ----------
    functional
        Windowed source, (I, P, L) in [0, 1], finite.
    axis
        Direction of the slices that are fused, one of `volume.affine.AXES`.
    affine
        (4, 4) indices to RAS+ mm; photographs have 1 mm per pixel.
    """
    steps, along = spacing(affine), AXES[axis]
    places = _summits(functional, steps)
    contrast = core_means(functional, places, steps, along) - _surroundings(functional, places, steps, along)
    places, contrast = places[contrast >= FAINTEST], contrast[contrast >= FAINTEST]
    kept = _merged(places * steps, contrast)
    places, contrast = places[kept], contrast[kept]
    is_levelled = np.zeros(functional.shape[along], np.bool_)
    is_levelled[places[:, along]] = True
    return Peaks(_levelled(functional, places, steps, along), is_levelled, places, contrast)


def core_means(
    volume: Values, places: NDArray[np.int64], steps: NDArray[np.float64], along: int
) -> NDArray[np.float64]:
    """Return the mean of the disc about each place within its slice, (N,).

    Parameters
    ----------
    places
        (N, 3) indices on the grid of `volume`.
    steps
        (3,) mm between voxels.
    along
        Array axis across the slices.
    """
    offsets, _ = _offsets(steps, along, 0.0, CORE)
    return np.array([_at(volume, place + offsets).mean() for place in places])


def _surroundings(
    volume: Values, places: NDArray[np.int64], steps: NDArray[np.float64], along: int
) -> NDArray[np.float64]:
    """Return the median of the ring about each place within its slice, (N,); 0 where no voxel of it is on the grid."""
    offsets, _ = _offsets(steps, along, *RING)
    rings = (_at(volume, place + offsets) for place in places)
    return np.array([np.median(ring) if ring.size else 0.0 for ring in rings])


def _summits(functional: Values, steps: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return local maxima that are bright enough, (N, 3) indices; of a plateau its middle."""
    from scipy.ndimage import center_of_mass, gaussian_filter, label, maximum_filter

    smooth = gaussian_filter(functional, SMOOTH / steps, mode="nearest")
    # A box takes three passes along the axes, a ball thousands of voxels for each; `_merged` rounds its corners.
    reach = [2 * max(1, int(APART / 2 / step)) + 1 for step in steps]
    is_highest = smooth >= maximum_filter(smooth, reach, mode="nearest")
    is_highest &= smooth > BACKGROUND
    plateaus, count = label(is_highest, np.ones((3, 3, 3)))
    middles = center_of_mass(is_highest, plateaus, range(1, count + 1))
    return np.rint(np.array(middles).reshape(-1, 3)).astype(np.int64)


def _merged(points: NDArray[np.float64], contrast: NDArray[np.float64]) -> list[int]:
    """Return which of the points, (N, 3) mm, to keep: of those nearer than `APART` the one with the most contrast."""
    from scipy.spatial import KDTree

    if len(points) == 0:
        return []
    near = KDTree(points).query_ball_point(points, APART)
    kept: list[int] = []
    dropped: set[int] = set()
    for index in np.argsort(-contrast, kind="stable").tolist():
        if index not in dropped:
            kept.append(index)
            dropped.update(near[index])
    return sorted(kept)


def _levelled(functional: Values, places: NDArray[np.int64], steps: NDArray[np.float64], along: int) -> Values:
    """Return the source in which nothing at a peak is brighter than its surroundings."""
    offsets, radius = _offsets(steps, along, 0.0, LEVELLED[1])
    share = np.clip((LEVELLED[1] - radius) / (LEVELLED[1] - LEVELLED[0]), 0.0, 1.0)
    surroundings = _surroundings(functional, places, steps, along)
    result = functional.copy()
    for place, level in zip(places, surroundings, strict=True):
        inside = _on_grid(place + offsets, functional.shape)
        around = tuple((place + offsets)[inside].T)
        before = functional[around]
        result[around] = np.minimum(result[around], before - share[inside] * np.maximum(before - level, 0.0))
    return result


def _offsets(
    steps: NDArray[np.float64], along: int, nearest: float, farthest: float
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the voxels of a slice between two distances from one of its voxels, (M, 3), and their distances in mm."""
    reach = [int(farthest / step) for step in steps]
    reach[along] = 0
    grid = np.meshgrid(*(np.arange(-count, count + 1) for count in reach), indexing="ij")
    offsets = np.stack([one.ravel() for one in grid], axis=1)
    radius = np.linalg.norm(offsets * steps, axis=1)
    chosen = (radius >= nearest) & (radius <= farthest)
    return offsets[chosen], radius[chosen]


def _at(volume: Values, places: NDArray[np.int64]) -> Values:
    """Return the voxels at those of the places, (N, 3), that lie on the grid."""
    return volume[tuple(places[_on_grid(places, volume.shape)].T)]


def _on_grid(places: NDArray[np.int64], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return which of the places, (N, 3), lie on a grid, (N,)."""
    return np.all((places >= 0) & (places < np.array(shape)), axis=1)
