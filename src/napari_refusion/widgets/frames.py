"""Several volumes on one grid as the data of one layer, and which of them napari draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.volume.checksum import checksum
from napari_refusion.volume.volume import Volume

if TYPE_CHECKING:
    from napari.layers import Image

FRAMES: Final = "frames"
"""Under ``metadata[KEY]`` of a 4-D layer: its `FrameStack`."""


@dataclass(frozen=True, slots=True, eq=False)
class FrameStack:
    """The data of a 4-D layer, (frame, I, P, L) or (frame, I, P, L, 3): the arrays of its volumes, none is copied."""

    volumes: tuple[Volume, ...]
    """On one grid, each named with its part; at least one."""
    checksums: tuple[int, ...] = field(repr=False)
    """Of the voxels of each when it was opened."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Numbers of frames and voxels, and 3 for colours."""
        return (len(self.volumes), *self.volumes[0].data.shape)

    @property
    def ndim(self) -> int:
        """Number of axes, that of the frames and the colours among them."""
        return len(self.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Kind of its numbers."""
        return self.volumes[0].data.dtype

    @property
    def size(self) -> int:
        """Number of its numbers."""
        return int(np.prod(self.shape))

    def __len__(self) -> int:
        return len(self.volumes)

    def __getitem__(self, key: Any) -> NDArray[Any]:  # noqa: ANN401 - whatever numpy takes
        """Return what numpy would; where the key begins with a number or a slice, other frames are not touched."""
        first, *rest = key if isinstance(key, tuple) else (key,)
        inner = tuple(rest)
        if isinstance(first, slice):
            taken = [volume.data[inner] for volume in self.volumes[first]]
            return np.stack(taken) if taken else np.empty((0, *self.volumes[0].data[inner].shape), self.dtype)
        if isinstance(first, int | np.integer) and not isinstance(first, bool):
            frame = self.volumes[int(first)].data
            return np.asarray(frame[inner]) if inner else frame
        return np.asarray(np.asarray(self)[key])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:  # noqa: ANN401
        """Return all frames in one array."""
        if copy is False:
            raise ValueError("The frames lie in arrays of their own, so they are always copied into one.")
        whole = np.stack([volume.data for volume in self.volumes])
        return whole if dtype is None else whole.astype(dtype)


def frame_stack(volumes: Sequence[Volume]) -> FrameStack:
    """Return volumes on one grid as the data of one layer.

    Raises
    ------
    ValueError
        If there are none, or they lie on different grids.
    """
    if not volumes or not on_one_grid(volumes):
        raise ValueError("A stack of frames needs volumes on one grid.")
    return FrameStack(tuple(volumes), tuple(checksum(volume.data) for volume in volumes))


def on_one_grid(volumes: Sequence[Volume]) -> bool:
    """Return whether all volumes have the same voxels in the same place, and all or none have colours."""
    first = volumes[0]
    return all(one.data.shape == first.data.shape and one.grid.matches(first.grid) for one in volumes[1:])


def frame_at(layer: Image, point: Sequence[float]) -> int | None:
    """Return which frame of a 4-D layer is drawn at a point of the viewer; None where the layer has none there.

    Parameters
    ----------
    point
        As ``viewer.dims.point``, at least four coordinates.
    """
    index = int(np.round(layer.world_to_data(np.asarray(point, dtype=np.float64)[-4:])[0]))
    return index if 0 <= index < layer.data.shape[0] else None


def kind_of(volume: Volume) -> str:
    """Return what one of several volumes is: a ``frame`` in time, or a ``volume`` of another kind, as of a b-value."""
    return "frame" if volume.acquisition.part.partition(" ")[0] in ("frame", "") else "volume"


def frame_words(volume: Volume, index: int, count: int) -> str:
    """Return which of several frames a volume is, as ``frame 3 of 24 (from 0), 02:00 to 03:00``."""
    part = volume.acquisition.part
    number, _, rest = part.partition(", ")
    if number in (f"frame {index}", f"volume {index}", ""):
        return ", ".join(words for words in (f"{kind_of(volume)} {index} of {count} (from 0)", rest) if words)
    return f"{part}, at {index} of {count} (from 0)"  # of a series of other kinds, or one that lost frames
