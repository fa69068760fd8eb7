"""What a viewer takes as the data of a layer although it is computed slice by slice as it is viewed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray


class ComputedData(ABC):
    """Data of float32 that take no memory of their own; see ``napari.layers._data_protocols``."""

    __slots__ = ()

    @property
    @abstractmethod
    def shape(self) -> tuple[int, ...]:
        """Numbers of voxels, and behind them of colours."""

    @abstractmethod
    def __getitem__(self, index: Any) -> NDArray[np.float32]:  # noqa: ANN401 - whatever numpy takes
        """Return what is asked for, computed now."""

    @property
    def ndim(self) -> int:
        """Number of dimensions, the colours among them."""
        return len(self.shape)

    @property
    def dtype(self) -> np.dtype[np.float32]:
        """Kind of its numbers."""
        return np.dtype(np.float32)

    @property
    def size(self) -> int:
        """Number of its numbers."""
        return int(np.prod(self.shape))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:  # noqa: ANN401
        if copy is False:
            raise ValueError("What is seen is computed, so it is always a copy.")
        whole = np.empty(self.shape, dtype=dtype or self.dtype)
        for index in range(len(whole)):  # slice by slice, for what is computed on the way takes a multiple of it
            whole[index] = self[index]
        return whole
