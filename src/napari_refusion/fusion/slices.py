"""Fusing slice by slice: windowed sources in, raw output of the engine out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_refusion.numerics.colour import luminance
from napari_refusion.numerics.intensity import rescale_to_window
from napari_refusion.study.study import Study
from napari_refusion.volume.affine import AXES
from napari_refusion.volume.volume import Volume


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """A pair as an engine takes it."""

    a: NDArray[np.float32]
    """(I, P, L) in [0, 1], finite."""
    b: NDArray[np.float32]
    """(I, P, L) in [0, 1], finite."""


def window_sources(study: Study) -> Sources:
    """Return both sources windowed to [0, 1].

    A window is of a whole volume, never of a slice: a slice's own range would make tissue flicker.
    """
    a, b = (rescale_to_window(side.volume.grey, side.window) for side in study.sides)
    return Sources(a, b)


def slice_sources(study: Study, axis: str, index: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return one slice of both sources as an engine takes it, (H, W) in [0, 1] each.

    The same values as in `window_sources`, without a copy of both volumes: for a window that is being dragged.
    """
    a, b = (rescale_to_window(_grey_slice(side.volume, axis, index), side.window) for side in study.sides)
    return a, b


def _grey_slice(volume: Volume, axis: str, index: int) -> NDArray[np.float32]:
    """Return one slice, (H, W), of what is fused of a volume."""
    one: NDArray[np.float32] = np.moveaxis(volume.data, AXES[axis], 0)[index]
    return luminance(one) if volume.is_rgb else one
