"""The picture that compares two sources, computed for the slices that are asked for and no others."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.numerics.colour import luminance
from napari_refusion.numerics.compare import as_rgb, blend, checkerboard, edges_over, map_colours, overlay, swipe
from napari_refusion.numerics.intensity import to_unit

if TYPE_CHECKING:
    from napari_refusion.fusion.canvas import Canvas
    from napari_refusion.volume.pair import Pair

Block = tuple[slice, slice, slice]


class Mode(StrEnum):
    """How a picture shows the sources; the word is also the marker in the layer's metadata."""

    FIRST = "first"
    SECOND = "second"
    FUSED = "fused"
    OPACITY = "opacity"
    OVERLAY = "overlay"
    CHECKERBOARD = "checkerboard"
    SWIPE = "swipe"
    EDGES_OF_FIRST = "edges of first"
    EDGES_OF_SECOND = "edges of second"


_FEWEST_FIELDS, _MOST_FIELDS = 2, 32
"""Of a checkerboard, along the longest side of the volume."""

_DULLEST, _FINEST = 0.3, 0.006
"""Steepness from which edges are drawn, in [0, 1] per voxel, at sensitivity 0 and 1."""

_FULL: Final = 255


@dataclass(frozen=True, slots=True, eq=False)
class LazyVolume:
    """What napari takes as the data of an RGB layer, (I, P, L, 3) uint8; see ``napari.layers._data_protocols``.

    Sources that hold colours show them, except under and as edges. A functional source is shown in its colour map.
    """

    canvas: Canvas
    mode: Mode
    amount: float = 0.5
    """In [0, 1]: share of the second source, opacity of the colours, coarseness of the fields, place of the line from
    the first to the last voxel, or sensitivity for edges."""
    colour_map: str = "grey"
    """One of `compare.MAPS`."""
    axis: int = 2
    """Array axis along which the swipe moves; in a slice across it, the last axis of the slice."""

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """(I, P, L, 3)."""
        return (*self.canvas.pair.a.shape, 3)

    @property
    def dtype(self) -> np.dtype[np.uint8]:
        """Colours of 8 bits."""
        return np.dtype(np.uint8)

    @property
    def ndim(self) -> int:
        """Axes, the colours included."""
        return 4

    @property
    def size(self) -> int:
        """Number of values."""
        return int(np.prod(self.shape))

    def __getitem__(self, key: Any) -> NDArray[np.uint8]:  # noqa: ANN401 - as numpy's
        """Return the colours of some voxels; only theirs are computed, unless the key is more than ints and slices."""
        keys = _spelled_out(key, self.ndim)
        if keys is None:
            return np.asarray(np.asarray(self)[key])
        counts = self.shape
        block = tuple(_as_slice(each, count) for each, count in zip(keys[:3], counts[:3], strict=True))
        taken = tuple(slice(None) if isinstance(each, slice) else 0 for each in keys[:3])
        return self._colours(block)[(*taken, keys[3])]  # type: ignore[arg-type]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:  # noqa: ANN401
        """Return the whole picture."""
        whole = self._colours((slice(None),) * 3)
        return whole if dtype is None else whole.astype(dtype)

    def _colours(self, block: Block) -> NDArray[np.uint8]:
        """Return the colours of a block, (i, p, l, 3)."""
        return np.rint(self._composed(block) * np.float32(_FULL)).astype(np.uint8)

    def _composed(self, block: Block) -> NDArray[np.float32]:
        """Return the colours of a block, (i, p, l, 3) in [0, 1]."""
        match self.mode:
            case Mode.FIRST | Mode.SECOND:
                return self._picture(int(self.mode == Mode.SECOND), block)
            case Mode.FUSED:
                return as_rgb(self.canvas.fused[block])
            case Mode.OVERLAY:
                return self._overlay(block)
            case Mode.EDGES_OF_FIRST | Mode.EDGES_OF_SECOND:
                lines = int(self.mode == Mode.EDGES_OF_SECOND)
                threshold = _DULLEST * (_FINEST / _DULLEST) ** self.amount
                return edges_over(self._grey(lines, block), self._grey(1 - lines, block), threshold)
        return blend(self._picture(0, block), self._picture(1, block), self._share(block))

    def _share(self, block: Block) -> float | NDArray[np.bool_]:
        """Return how much of the second source is shown, one number or (i, p, l, 1)."""
        if self.mode == Mode.OPACITY:
            return self.amount
        places = np.ix_(*(np.arange(count)[part] for count, part in zip(self.shape[:3], block, strict=True)))
        if self.mode == Mode.CHECKERBOARD:
            edge = field_edge(self.canvas.pair, self.amount)
            return checkerboard(places, tuple(max(1.0, edge / step) for step in self.canvas.pair.fixed.spacing))[
                ..., None
            ]
        axis = self.axis
        if places[axis].size == 1:
            axis = max((other for other in range(3) if places[other].size > 1), default=axis)
        return swipe(places[axis], self.shape[axis], self.amount)[..., None]

    def _overlay(self, block: Block) -> NDArray[np.float32]:
        """Return the functional source over the other one; only this one where there are no functional data."""
        source = functional_source(self.canvas.pair)
        is_resampled = self.canvas.pair.reference != "ab"[source]
        opacity = self.amount * self.canvas.pair.covered[block] if is_resampled else self.amount
        return overlay(self._grey(1 - source, block), self._picture(source, block), opacity)

    def _picture(self, source: int, block: Block) -> NDArray[np.float32]:
        """Return a source in the colours it is shown in, (i, p, l, 3) in [0, 1]."""
        pair = self.canvas.pair
        volume = (pair.a, pair.b)[source]
        if volume.is_rgb:
            return np.clip(volume.data[block], 0.0, 1.0)
        grey = self._grey(source, block)
        coloured = source == functional_source(pair) and (volume.is_functional or self.mode == Mode.OVERLAY)
        return map_colours(grey, self.colour_map) if coloured else as_rgb(grey)

    def _grey(self, source: int, block: Block) -> NDArray[np.float32]:
        """Return a source windowed, (i, p, l) in [0, 1]."""
        volume = (self.canvas.pair.a, self.canvas.pair.b)[source]
        values = luminance(volume.data[block]) if volume.is_rgb else volume.data[block]
        return to_unit(values, self.canvas.windows[source])


def functional_source(pair: Pair) -> int:
    """Return which source a colour map is for: 1 where only b shows function, else 0."""
    return int(pair.b.is_functional and not pair.a.is_functional)


def field_edge(pair: Pair, coarseness: float) -> float:
    """Return the edge of a checkerboard's fields in mm, for a coarseness in [0, 1]."""
    longest = max(count * step for count, step in zip(pair.fixed.shape, pair.fixed.spacing, strict=True))
    return float(longest / (_MOST_FIELDS * (_FEWEST_FIELDS / _MOST_FIELDS) ** coarseness))


def _spelled_out(key: Any, ndim: int) -> tuple[int | slice, ...] | None:  # noqa: ANN401
    """Return one integer or slice per axis; None for a key that is more than that."""
    keys = list(key) if isinstance(key, tuple) else [key]
    ellipses = [index for index, each in enumerate(keys) if each is Ellipsis]
    if len(ellipses) == 1:
        keys[ellipses[0] : ellipses[0] + 1] = [slice(None)] * (ndim - len(keys) + 1)
    keys += [slice(None)] * (ndim - len(keys))
    plain = all(isinstance(each, int | np.integer | slice) and not isinstance(each, bool) for each in keys)
    return tuple(keys) if plain and len(keys) == ndim else None


def _as_slice(key: int | slice, count: int) -> slice:
    """Return the slice that takes the same voxels; raises IndexError outside, as numpy does."""
    if isinstance(key, slice):
        return key
    index = range(count)[operator.index(key)]
    return slice(index, index + 1)
