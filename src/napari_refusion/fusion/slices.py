"""Both sources of a study in their windows, as an engine takes them: whole, or one slice of each."""

import numpy as np
from numpy.typing import NDArray

from napari_refusion.fusion.comparison import grey_levels
from napari_refusion.study.study import Study
from napari_refusion.volume.affine import AXES


def window_sources(study: Study) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return both sources windowed, (I, P, L) in [0, 1] each, finite.

    A window is of a whole volume, never of a slice: a slice's own range would make tissue flicker.
    """
    a, b = (grey_levels(side.volume, side.window, ...) for side in study.sides)
    return a, b


def slice_sources(study: Study, axis: str, index: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return one slice of both sources as an engine takes it, (H, W) in [0, 1] each.

    The same values as in `window_sources`, without a copy of both volumes: for a window that is being dragged.
    """
    where: list[int | slice] = [slice(None)] * 3
    where[AXES[axis]] = index
    a, b = (grey_levels(side.volume, side.window, tuple(where)) for side in study.sides)
    return a, b
