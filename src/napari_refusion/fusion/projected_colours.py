"""The colours of a fused volume where another volume has its maxima: a projection of the fused colours.

The maximum is that of the functional source. That of the fused brightness would be bone or skin in front of nearly
every lesion, and would hide what a projection is looked at for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from napari_refusion.volume.affine import AXES

if TYPE_CHECKING:
    from napari_refusion.fusion.colouring import Colouring
    from napari_refusion.fusion.partial import PartialFusion


def colours_at(partial: PartialFusion, colouring: Colouring, places: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the colours, (..., 3) in [0, 1], of the fused voxels that places lie in; black outside and not yet fused.

    Parameters
    ----------
    places
        (..., 3) RAS+ mm; NaN for none.
    """
    grid = partial.study.grid
    back = np.linalg.inv(grid.affine)
    index = np.floor(places @ back[:3, :3].T + back[:3, 3] + 0.5)
    # a NaN lies nowhere
    inside = ((index >= 0) & (index < grid.shape)).all(axis=-1)
    voxels = tuple(index[inside].astype(np.intp).T)
    painted = colouring.paint(partial.fused[voxels], voxels)
    # hue is seen on black as well: a slice that is not there must not look like a dark one
    painted[~partial.done[voxels[AXES[partial.axis]]]] = 0
    colours = np.zeros((*places.shape[:-1], 3), np.float32)
    colours[inside] = painted
    return colours
