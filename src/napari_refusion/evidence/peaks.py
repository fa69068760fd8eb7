"""Peaks of a functional source: what stands out from its surroundings within a slice.

Distances are in millimetres, so that voxels of any shape are treated alike; photographs have 1 mm per pixel.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.evidence.summits import Values, merged, summits_of
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


@dataclass(frozen=True, slots=True, eq=False)
class Peaks:
    """What stands out in a functional source."""

    voxels: NDArray[np.int64]
    """(N, 3) the peaks, indices along (I, P, L)."""
    contrast: NDArray[np.float64]
    """(N,) mean of the disc less the median of the ring in the source; `FAINTEST` or more."""
    surroundings: NDArray[np.float64]
    """(N,) that median."""
    is_levelled: NDArray[np.bool_]
    """(n,) for the n slices along the direction of the fusion: which have a peak."""
    steps: NDArray[np.float64]
    """(3,) mm between voxels."""
    along: int
    """Array axis across the slices."""

    def in_slice(self, index: int) -> NDArray[np.int64]:
        """Return which of the peaks lie in a slice, (k,)."""
        return np.flatnonzero(self.voxels[:, self.along] == index)

    def levelled(self, functional: Values, index: int) -> NDArray[np.float32]:
        """Return a slice of the source, (H, W), in which nothing at a peak is brighter than its surroundings.

        Parameters
        ----------
        functional
            That the peaks were found in.
        """
        offsets, radius = _offsets(self.steps, self.along, 0.0, LEVELLED[1])
        share = np.clip((LEVELLED[1] - radius) / (LEVELLED[1] - LEVELLED[0]), 0.0, 1.0)
        before = _one_slice(functional, self.along, index)
        result = before.copy()
        for number in self.in_slice(index):
            places = _in_plane(self.voxels[number] + offsets, self.along)
            inside = _on_grid(places, before.shape)
            around = tuple(places[inside].T)
            excess = np.maximum(before[around] - self.surroundings[number], 0.0)
            result[around] = np.minimum(result[around], before[around] - share[inside] * excess)
        return np.squeeze(result, axis=self.along)


def find_peaks(functional: Values, axis: str, affine: Affine) -> Peaks:
    """Return the peaks of a functional source.

    Parameters
    ----------
    functional
        Windowed source, (I, P, L) in [0, 1], finite; read in parts, so that it may be computed as it is read.
    axis
        Direction of the slices that are fused, one of `volume.affine.AXES`.
    affine
        (4, 4) indices to RAS+ mm; photographs have 1 mm per pixel.
    """
    steps, along = spacing(affine), AXES[axis]
    places = summits_of(functional, steps)
    surroundings = _surroundings(functional, places, steps, along)
    contrast = core_means(functional, places, steps, along) - surroundings
    shown = np.flatnonzero(contrast >= FAINTEST)
    kept = shown[merged(places[shown] * steps, contrast[shown])]
    is_levelled = np.zeros(functional.shape[along], np.bool_)
    is_levelled[places[kept, along]] = True
    return Peaks(places[kept], contrast[kept], surroundings[kept], is_levelled, steps, along)


def transfer_in_slice(
    functional: Values, peaks: Peaks, fused: Values, index: int, without: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Return what each peak of a slice changes in the fused image, as a share of what it is in the source, (k,).

    Parameters
    ----------
    fused
        (I, P, L) in [0, 1], what the source was fused to.
    without
        (H, W), what `Peaks.levelled` is fused to with the same slice of the other source.
    """
    voxels = _in_plane(peaks.voxels[peaks.in_slice(index)], peaks.along)
    images = (
        _one_slice(functional, peaks.along, index),
        np.expand_dims(peaks.levelled(functional, index), peaks.along),
        _one_slice(fused, peaks.along, index),
        np.expand_dims(without, peaks.along),
    )
    source, level, shown, rest = (core_means(image, voxels, peaks.steps, peaks.along) for image in images)
    transfer: NDArray[np.float64] = (shown - rest) / (source - level)
    return transfer


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


def _one_slice(volume: Values, along: int, index: int) -> NDArray[np.float32]:
    """Return a slice of a volume as a volume of one slice."""
    where = [slice(None)] * 3
    where[along] = slice(index, index + 1)
    return np.asarray(volume[tuple(where)])


def _in_plane(places: NDArray[np.int64], along: int) -> NDArray[np.int64]:
    """Return the same places, (N, 3), of volumes of one slice."""
    flat = places.copy()
    flat[:, along] = 0
    return flat


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


def _at(volume: Values, places: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the voxels at those of the places, (N, 3), that lie on the grid."""
    return volume[tuple(places[_on_grid(places, volume.shape)].T)]


def _on_grid(places: NDArray[np.int64], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return which of the places, (N, 3), lie on a grid, (N,)."""
    return np.all((places >= 0) & (places < np.array(shape)), axis=1)
