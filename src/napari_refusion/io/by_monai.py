"""MONAI's `LoadImage` over a stream that is open already.

Importing MONAI takes seconds and some 350 MB with torch, so this is imported when voxels are read and not before.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from monai.data.image_reader import ImageReader
from monai.transforms.io.array import LoadImage

from napari_refusion.io.one_pass import OnePass
from napari_refusion.io.quiet_monai import quiet_monai

Fill = Callable[[OnePass], np.ndarray]
"""Returns the voxels of a stream, (volumes, I, P, L[, 3]) float32."""


class _StreamReader(ImageReader):
    """Hands MONAI the voxels of a stream in place of a file that it would open once more."""

    def __init__(self, stream: OnePass, fill: Fill) -> None:
        self._stream, self._fill = stream, fill

    def verify_suffix(self, filename: Any) -> bool:  # noqa: ANN401 - as MONAI declares it
        return True

    def read(self, data: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as MONAI declares it
        return self._stream

    def get_data(self, img: OnePass) -> tuple[np.ndarray, dict[str, Any]]:
        """Return the voxels, and nothing about them."""
        return self._fill(img), {}


def loaded(path: Path, stream: OnePass, fill: Fill) -> np.ndarray:
    """Return the voxels of a stream; `path` is its name.

    Raises
    ------
    Exception
        Whatever the stream and `fill` raise.
    """
    quiet_monai()
    load = LoadImage(image_only=True, ensure_channel_first=False, expanduser=False)
    # The reader is given here and not to the constructor: that one falls back to other readers without a word.
    volumes: np.ndarray = load(str(path), reader=_StreamReader(stream, fill)).numpy()
    return volumes
