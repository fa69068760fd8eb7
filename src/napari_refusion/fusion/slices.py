"""Fusing slice by slice: windowed sources in, raw output of the engine out."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_refusion.fusion.engine import Engine
from napari_refusion.numerics.colour import luminance
from napari_refusion.numerics.intensity import Window, to_unit
from napari_refusion.volume.affine import AXES
from napari_refusion.volume.pair import Pair
from napari_refusion.volume.volume import Volume


@dataclass(frozen=True, slots=True)
class Sources:
    """A pair as an engine takes it."""

    a: NDArray[np.float32]
    """(I, P, L) in [0, 1], finite."""
    b: NDArray[np.float32]
    """(I, P, L) in [0, 1], finite."""


def window_sources(pair: Pair, windows: tuple[Window, Window]) -> Sources:
    """Return both sources windowed to [0, 1].

    Parameters
    ----------
    windows
        One window for each whole volume, never for a slice: a slice's own range would make tissue flicker.
    """
    return Sources(to_unit(pair.a.grey, windows[0]), to_unit(pair.b.grey, windows[1]))


def slice_sources(
    pair: Pair, windows: tuple[Window, Window], axis: str, index: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return one slice of both sources as an engine takes it, (H, W) in [0, 1] each.

    The same values as in `window_sources`, without a copy of both volumes: for a window that is being dragged.
    """
    a, b = (_grey_slice(volume, axis, index) for volume in (pair.a, pair.b))
    return to_unit(a, windows[0]), to_unit(b, windows[1])


def _grey_slice(volume: Volume, axis: str, index: int) -> NDArray[np.float32]:
    """Return one slice, (H, W), of what is fused of a volume."""
    one: NDArray[np.float32] = np.moveaxis(volume.data, AXES[axis], 0)[index]
    return luminance(one) if volume.is_rgb else one


def fuse_slices(engine: Engine, sources: Sources, axis: str) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Yield the index and the fused slice, (H, W) in [0, 1], of every slice along `axis`, one of `AXES`."""
    stack_a, stack_b = (np.moveaxis(data, AXES[axis], 0) for data in (sources.a, sources.b))
    for index, (a, b) in enumerate(zip(stack_a, stack_b, strict=True)):
        yield index, engine.fuse(np.ascontiguousarray(a), np.ascontiguousarray(b))
