"""MONAI's `LoadImage` over voxels whose file was judged, read and hashed in one pass.

Importing MONAI takes seconds and some 350 MB with torch, so this is imported when nothing is left to refuse.
"""

from pathlib import Path
from typing import Any

import monai  # noqa: F401 - before its parts: another thread may be at it, see tests/test_imports_in_threads.py
import numpy as np
from monai.data.image_reader import ImageReader
from monai.transforms.io.array import LoadImage

from napari_refusion.io.quiet_monai import quiet_monai


class _ReadReader(ImageReader):
    """Hands MONAI voxels in place of a file that it would open once more."""

    def __init__(self, volumes: np.ndarray) -> None:
        self._volumes = volumes

    def verify_suffix(self, filename: Any) -> bool:  # noqa: ANN401 - as MONAI declares it
        return True

    def read(self, data: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as MONAI declares it
        return self._volumes

    def get_data(self, img: np.ndarray) -> tuple[np.ndarray, dict[str, Any]]:
        """Return the voxels, and nothing about them."""
        return img, {}


def loaded(path: Path, volumes: np.ndarray) -> np.ndarray:
    """Return the voxels of a file, (volumes, I, P, L[, 3]) float32, without a copy."""
    quiet_monai()
    load = LoadImage(image_only=True, ensure_channel_first=False, expanduser=False)
    # The reader is given here and not to the constructor: that one falls back to other readers without a word.
    found: np.ndarray = load(str(path), reader=_ReadReader(volumes)).numpy()
    return found
