"""A coloured fused volume that is computed slice by slice as it is viewed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_refusion.fusion.computed_data import ComputedData

if TYPE_CHECKING:
    from napari_refusion.fusion.colouring import Colouring
    from napari_refusion.fusion.partial import PartialFusion


@dataclass(frozen=True, slots=True, eq=False)
class ColouredVolume(ComputedData):
    """The data of a napari layer, (I, P, L, 3) RGB in [0, 1]: a partial fusion with the hue of a source.

    It always shows what the partial fusion holds, and takes no memory of its own, which for floats would be three
    times that of the fused volume.
    """

    partial: PartialFusion
    colouring: Colouring

    @property
    def shape(self) -> tuple[int, ...]:
        """Numbers of voxels, and 3 for the colours."""
        return (*self.partial.fused.shape, 3)

    def __getitem__(self, index: Any) -> NDArray[np.float32]:  # noqa: ANN401 - whatever numpy takes
        index = index if isinstance(index, tuple) else (index,)
        voxels, rest = index[:3], index[3:]
        rgb = self.colouring.paint(self.partial.fused[voxels], voxels)
        return rgb[(..., *rest)] if rest else rgb
