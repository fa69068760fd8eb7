"""A decoded picture, and what none may be: too large, of several images, or of colours that are not known."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from napari_refusion.volume.finding import RefusedError, refuse

_MOST_PIXELS: Final = 2**26
"""8192 x 8192; more is not a slice."""

ORIENTATION: Final = 0x0112
"""EXIF and TIFF tag."""

LOOKED_UP: Final = "uses a palette: its colours were looked up, which may not follow the values they stand for"


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A decoded image file."""

    pixels: np.ndarray
    """(rows, columns) or (rows, columns, 3 or 4), as stored."""
    full: int
    """Stored value that means full brightness: 1, 255, 4095, 65535; 0 for grey values that are not brightness."""
    orientation: int
    """EXIF orientation, 1 to 8."""
    notes: tuple[str, ...] = ()
    """What was done on decoding, to follow the file's name in a sentence."""
    is_stated: bool = False
    """Whether the file says that fewer of its 16 bits are used, or that all of them are."""
    description: str = ""
    """PNG text ``Description``."""


def check_size(path: Path, size: tuple[int, ...], images: int) -> None:
    """Refuse several images in a file, and more pixels than a slice has."""
    if images > 1:
        sentence = f"Export one image, or the stack as NIfTI with its geometry, for it holds {images} images: {path}"
        raise refuse("frames", sentence, f"{images} images")
    if np.prod(size, dtype=float) > _MOST_PIXELS:
        value = " x ".join(str(length) for length in size)
        raise refuse("size", f"Crop it, for it declares {value} pixels, more than a slice has: {path}", value)


def unknown_colours(path: Path, kind: str) -> RefusedError:
    """Return the error for colours that are neither grey nor RGB."""
    return refuse(
        "content", f"Export it as grey or RGB, for it has an unsupported kind of colours ({kind}): {path}", kind
    )
