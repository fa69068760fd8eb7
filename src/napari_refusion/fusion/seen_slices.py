"""A fused volume of which the slices that are not fused yet are not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_refusion.fusion.computed_data import ComputedData
from napari_refusion.volume.affine import AXES

if TYPE_CHECKING:
    from napari_refusion.fusion.coloured_volume import ColouredVolume
    from napari_refusion.fusion.partial import PartialFusion


@dataclass(frozen=True, slots=True, eq=False)
class SeenSlices(ComputedData):
    """The data of a napari layer: grey (I, P, L), NaN where a slice is missing, or colours (I, P, L, 4), clear there.

    Cut across the direction in which slices are fused, a missing one would be a black line over the sources.
    """

    partial: PartialFusion
    colours: ColouredVolume | None = None
    """What gives a coloured one its colours; None for grey."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Numbers of voxels, and 4 for colours."""
        return self.partial.fused.shape if self.colours is None else (*self.partial.fused.shape, 4)

    @property
    def whole(self) -> NDArray[np.float32] | ColouredVolume:
        """What it is a view of: grey (I, P, L), 0 where a slice is missing, or colours (I, P, L, 3)."""
        return self.partial.fused if self.colours is None else self.colours

    def __getitem__(self, index: Any) -> NDArray[np.float32]:  # noqa: ANN401 - whatever numpy takes
        index = index if isinstance(index, tuple) else (index,)
        voxels, rest = index[:3], index[3:]
        along = [1, 1, 1]
        along[AXES[self.partial.axis]] = -1
        there = np.broadcast_to(self.partial.done.reshape(along), self.partial.fused.shape)[voxels]
        if self.colours is None:
            return np.where(there, self.partial.fused[voxels], np.float32("nan"))
        rgba = np.concatenate([self.colours[voxels], there[..., None].astype(np.float32)], axis=-1)
        return rgba[(..., *rest)] if rest else rgba
