"""The picture that compares two sources, computed for the slices that are asked for and no others."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.fusion.compare_modes import CompareMode
from napari_refusion.fusion.comparison import Block, Comparison

_FULL: Final = 255


@dataclass(frozen=True, slots=True, eq=False)
class ComparedVolume:
    """What a viewer takes as the data of an RGB layer, (I, P, L, 3) uint8; see ``napari.layers._data_protocols``."""

    comparison: Comparison
    mode: CompareMode

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """(I, P, L, 3)."""
        return (*self.comparison.partial.study.a.volume.shape, 3)

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
        return np.rint(self.mode.compose(self.comparison, block) * np.float32(_FULL)).astype(np.uint8)


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
