"""A source in its window, computed for the voxels that are read."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_refusion.fusion.comparison import grey_levels
from napari_refusion.fusion.computed_data import ComputedData
from napari_refusion.study.study import Side


@dataclass(frozen=True, slots=True, eq=False)
class WindowedVolume(ComputedData):
    """(I, P, L) in [0, 1]: the same values as in `slices.window_sources`, without a copy of the volume."""

    side: Side

    @property
    def shape(self) -> tuple[int, ...]:
        """Numbers of voxels."""
        return self.side.volume.shape

    def __getitem__(self, index: Any) -> NDArray[np.float32]:  # noqa: ANN401 - whatever numpy takes
        return grey_levels(self.side.volume, self.side.window, index)
