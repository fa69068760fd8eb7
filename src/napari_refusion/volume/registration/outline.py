"""Where the body is in a volume, and whether it is a head."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.volume import body_part
from napari_refusion.volume.registration.levels import AIR, averaged_volume, factors_for, is_hounsfield
from napari_refusion.volume.volume import Volume

VOXEL: Final = 6.0
"""mm; a table's plates vanish when averaged to this, a body does not."""

AROUND: Final = 25.0
"""mm of air about the body that belong to the comparison: its contour, and room to miss it by."""

HEAD_WIDTH: Final = (270.0, 240.0)
"""mm along (P, L); wider than this is no head with its ears and nose."""

HEAD_TOP: Final = 0.8
"""Share of the largest cross-section above which the uppermost does not narrow as a head does."""

EDGE: Final = 0.15
"""Share of a side face of the volume above which the body reaches beyond it: at most 0.05 in 20 heads, at least 0.27 in
42 volumes of limbs and trunk."""


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """The body in a volume, on blocks of its voxels."""

    body: NDArray[np.bool_]
    """(I, P, L), True inside the skin."""
    factors: list[int]
    """Voxels of the volume in each block along (I, P, L)."""
    spacing: NDArray[np.float64]
    """(3,) mm of the blocks."""

    def around(self) -> NDArray[np.bool_]:
        """Return the blocks inside the body and up to `AROUND` mm outside."""
        from scipy.ndimage import distance_transform_edt

        if not self.body.any():
            return np.ones_like(self.body)
        return np.asarray(distance_transform_edt(~self.body, sampling=self.spacing) <= AROUND)

    def is_head(self) -> bool:
        """Return whether it lies free within the field, is no wider than a head and narrows towards the top."""
        sides = self.body[:, 0], self.body[:, -1], self.body[:, :, 0], self.body[:, :, -1]
        if not self.body.any() or max(side.mean() for side in sides) > EDGE:
            return False
        spans = [np.flatnonzero(self.body.any(axis=axes)) for axes in ((0, 2), (0, 1))]
        widths = [(span[-1] - span[0] + 1) * step for span, step in zip(spans, self.spacing[1:], strict=True)]
        areas = self.body.sum(axis=(1, 2))
        narrows = areas[areas > 0.02 * areas.max()][0] < HEAD_TOP * areas.max()
        return bool(narrows and all(width <= most for width, most in zip(widths, HEAD_WIDTH, strict=True)))


def outline(volume: Volume) -> Outline:
    """Return the body in a volume whose voxels are all finite: CT above air, in others what is not dark."""
    from scipy.ndimage import binary_fill_holes, binary_opening, label

    factors = factors_for(volume, VOXEL)
    data = averaged_volume(volume, factors)
    found = data > (AIR if is_hounsfield(volume) else _half_way(data))
    opened = binary_opening(found)
    parts, count = label(opened if opened.any() else found)
    if count > 1:
        sizes = np.bincount(parts.ravel())[1:]
        parts = np.isin(parts, 1 + np.flatnonzero(sizes > 0.1 * sizes.max()))
    return Outline(np.asarray(binary_fill_holes(parts > 0)), factors, np.array(volume.spacing) * factors)


def is_head(a: Volume, b: Volume, body: Outline) -> bool:
    """Return whether two volumes show a head: by what their files say, else by the outline of `b`."""
    said = [part for part in (a.acquisition.body_part, b.acquisition.body_part) if part]
    return any(map(body_part.is_head, said)) if said else body.is_head()


def _half_way(data: NDArray[np.float32]) -> float:
    """Return half of Otsu's threshold (1979, DOI 10.1109/TSMC.1979.4310076) of values below their 99th percentile."""
    counts, edges = np.histogram(np.minimum(data, np.percentile(data, 99)), 128)
    middles = (edges[1:] + edges[:-1]) / 2
    below, weighted = counts.cumsum(), (counts * middles).cumsum()
    above = below[-1] - below
    apart = weighted / np.maximum(below, 1) - (weighted[-1] - weighted) / np.maximum(above, 1)
    low = float(middles[0])
    return low + 0.5 * (float(middles[np.argmax(below * above * apart**2)]) - low)
