"""How much of a lesion's contrast the fused image shows: the measure of missed uptake, for the reader's own lesions.

The lesion is levelled out of the windowed functional source, to what surrounds it within the slice, and the caller
fuses that again with the same other source: a hot one is lowered, a cold one filled up. The share of the source's
contrast by which the fused image changes is what it shows. Values are windowed and on the grid of the fusion; nothing
of this is a measurement.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.volume.affine import AXES, Affine, spacing

LEVELLED: Final = (3.0, 8.0)
"""mm beyond the lesion; it is levelled wholly up to the first distance, and less and less up to the second, for a
contour at a part of the maximum leaves the foot of the spot outside."""

RING: Final = (8.0, 14.0)
"""mm beyond the lesion; the median between them is what surrounds it."""

CORE: Final = 0.5
"""Of the largest contrast in the lesion; the means are of the voxels with at least as much."""

FAINTEST: Final = 0.02
"""Contrast of the core as a share of the window; with less, the window shows no lesion that fusion could lose."""

Values = NDArray[np.float32]
"""(I, P, L) in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a fused image shows of a lesion."""

    contrast: float
    """Of the lesion's core against its surroundings in the windowed source; negative where it is colder than them."""
    share: float | None
    """Of that contrast, what the fused image shows; negative where a hot lesion darkens it, or a cold one brightens it.
    None where the window shows no contrast."""

    @property
    def words(self) -> str:
        """Return it in words: ``shows 42 % of its contrast``."""
        if self.share is None:
            return "has no contrast in its window: the fused image cannot show it"
        return f"shows {self.share:.0%} of its contrast".replace("%", " %")


def levelled(source: Values, lesion: NDArray[np.bool_], axis: str, affine: Affine) -> Values:
    """Return the windowed source with nothing in and about a lesion brighter than its surroundings.

    Of a lesion that is darker than them in the mean of its voxels, with nothing darker: defects of perfusion and
    necrosis are lesions, too.

    Parameters
    ----------
    source
        On the grid of the fusion, finite.
    lesion
        (I, P, L), on the same grid: see `held.carried`.
    axis
        Direction of the slices that are fused, one of `volume.affine.AXES`.
    affine
        (4, 4) indices to RAS+ mm.
    """
    along, steps = AXES[axis], np.delete(spacing(affine), AXES[axis])
    result = np.moveaxis(source.copy(), along, 0)
    planes, masks = np.moveaxis(source, along, 0), np.moveaxis(lesion, along, 0)
    there = np.flatnonzero(masks.any(axis=(1, 2))).tolist()
    around = {index: _around(planes[index], masks[index], steps) for index in there}
    excess = sum(float((planes[index] - level)[masks[index]].sum()) for index, (level, _) in around.items())
    sign = np.float32(-1 if excess < 0 else 1)
    for index, (level, share) in around.items():
        plane = planes[index]
        result[index] = plane - sign * share * np.maximum(sign * (plane - level), 0)
    return np.ascontiguousarray(np.moveaxis(result, 0, along))


def _around(
    plane: Values, mask: NDArray[np.bool_], steps: NDArray[np.float64]
) -> tuple[np.float32, NDArray[np.float32]]:
    """Return what surrounds a part of a lesion in its slice, (rows, columns), and how far each pixel is levelled."""
    from scipy.ndimage import distance_transform_edt

    beyond = distance_transform_edt(~mask, sampling=steps)
    ring = plane[(beyond > RING[0]) & (beyond <= RING[1])]
    share = np.clip((LEVELLED[1] - beyond) / (LEVELLED[1] - LEVELLED[0]), 0.0, 1.0)
    return np.float32(np.median(ring) if ring.size else 0.0), share.astype(np.float32)


def shown_share(
    source: Values, without: Values, fused: Values, fused_without: Values, lesion: NDArray[np.bool_]
) -> Shown:
    """Return how much of a lesion's contrast a fused image shows.

    Parameters
    ----------
    source, without
        The windowed functional source, and what `levelled` makes of it.
    fused, fused_without
        What both are fused to with the same other source, (I, P, L) in [0, 1].
    lesion
        (I, P, L), the mask that was levelled; at least one voxel.

    Raises
    ------
    ValueError
        If they differ in size, or the mask is empty.
    """
    shapes = {volume.shape for volume in (source, without, fused, fused_without, lesion)}
    if len(shapes) > 1 or not lesion.any():
        raise ValueError(f"A mask with a voxel and volumes on one grid are needed: {sorted(shapes)}.")
    contrast = (source[lesion] - without[lesion]).astype(np.float64)
    core = np.abs(contrast) >= CORE * np.abs(contrast).max()
    height = float(contrast[core].mean())
    if abs(height) < FAINTEST:
        return Shown(height, None)
    change = (fused[lesion] - fused_without[lesion]).astype(np.float64)
    return Shown(height, float(change[core].mean()) / height)
