"""Projections as pictures that Qt draws."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from qtpy.QtGui import QImage, qRgb

from napari_refusion.numerics.colour_maps import colour_table
from napari_refusion.numerics.intensity import Window


def image_of_values(values: NDArray[np.float32], window: Window, colour_map: str) -> QImage:
    """Return values, (rows, columns), in a window and one of `numerics.compare.MAPS`; NaN is drawn as the lowest."""
    levels = (np.nan_to_num(values, nan=window.low) - window.low) * (255 / (window.high - window.low))
    pixels = np.clip(np.rint(levels), 0, 255).astype(np.uint8)
    image = _image(pixels, QImage.Format.Format_Indexed8, 1)
    image.setColorTable([qRgb(*colour) for colour in np.rint(colour_table(colour_map) * 255).astype(int).tolist()])
    return image


def image_of_colours(colours: NDArray[np.float32]) -> QImage:
    """Return colours, (rows, columns, 3) in [0, 1]."""
    return _image(np.rint(np.clip(colours, 0, 1) * 255).astype(np.uint8), QImage.Format.Format_RGB888, 3)


def _image(pixels: NDArray[np.uint8], kind: QImage.Format, channels: int) -> QImage:
    rows, columns = pixels.shape[:2]
    # Qt keeps no reference to bytes
    return QImage(np.ascontiguousarray(pixels).tobytes(), columns, rows, channels * columns, kind).copy()
