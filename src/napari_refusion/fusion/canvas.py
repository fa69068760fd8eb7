"""A fused volume that is being filled, and the pair under it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from napari_refusion.numerics.intensity import Window
from napari_refusion.volume.affine import AXES
from napari_refusion.volume.pair import Pair

Extent = Literal["slice", "near", "volume"]
"""How much of a canvas is to be filled: the slice that is looked at, those beside it, too, or all of it."""

NEAR = 3
"""Slices before and behind the one that is looked at that are fused ahead."""


@dataclass(frozen=True, slots=True, eq=False)
class Canvas:
    """A pair with its windows, and as much of its fused volume as there is; `put` fills its arrays."""

    pair: Pair
    windows: tuple[Window, Window]
    """Of the pair's a and b, in their units."""
    axis: str
    """Direction of the fused slices, one of `volume.affine.AXES`."""
    fused: NDArray[np.float32]
    """(I, P, L) in [0, 1]; 0 where a slice is not there yet."""
    done: NDArray[np.bool_]
    """(n,) for the n slices along `axis`: which are there."""
    weights_sha256: str = ""
    """Hash of the weights that fuse it."""

    @property
    def is_complete(self) -> bool:
        """Whether all slices are there."""
        return bool(self.done.all())

    def put(self, index: int, image: NDArray[np.float32]) -> None:
        """Put a fused slice, (H, W), in its place."""
        np.moveaxis(self.fused, AXES[self.axis], 0)[index] = image
        self.done[index] = True

    def keep(self, done: NDArray[np.bool_]) -> None:
        """Take out all slices but those of a mask like `done`."""
        np.moveaxis(self.fused, AXES[self.axis], 0)[~done] = 0
        self.done[:] &= done


def empty_canvas(pair: Pair, windows: tuple[Window, Window], axis: str, weights_sha256: str = "") -> Canvas:
    """Return the canvas of a pair before its first slice."""
    count = pair.a.shape[AXES[axis]]
    return Canvas(pair, windows, axis, np.zeros(pair.a.shape, np.float32), np.zeros(count, np.bool_), weights_sha256)


def find_canvas(canvases: Iterable[Canvas], wanted: Canvas) -> Canvas:
    """Return the canvas that the same pair is fused on in the same way, `wanted` itself where there is none yet."""
    return next((canvas for canvas in canvases if _made_of(canvas) == _made_of(wanted)), wanted)


def next_slice(done: NDArray[np.bool_], looked_at: int, extent: Extent) -> int | None:
    """Return the slice to fuse next: the missing one nearest to what is looked at; None if nothing is left to do.

    Parameters
    ----------
    done
        (n,) for the n slices: which are there.
    looked_at
        Index of the slice on the screen; may lie outside 0 to n - 1.
    """
    reach = {"slice": 0, "near": NEAR, "volume": len(done) + abs(looked_at)}[extent]
    missing = [int(index) for index in np.flatnonzero(~done) if abs(index - looked_at) <= reach]
    return min(missing, key=lambda index: (abs(index - looked_at), -index), default=None)


def _made_of(canvas: Canvas) -> tuple[object, ...]:
    return id(canvas.pair), canvas.windows, canvas.axis, canvas.weights_sha256
