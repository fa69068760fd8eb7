"""Luminance and chroma of colour images, after ITU-R BT.601 at full range, and the palettes of DICOM.

Chroma is signed and zero for grey (many programs add 0.5 or 128): a grey image has Cb = Cr = 0.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

LUMA: Final = np.array([0.299, 0.587, 0.114], dtype=np.float32)
"""Weights of red, green and blue in the luminance (ITU-R BT.601-7, section 2.5.1)."""

_TO_YCBCR = np.stack([LUMA, (np.eye(3)[2] - LUMA) / 1.772, (np.eye(3)[0] - LUMA) / 1.402]).astype(np.float32)
_CHROMA_TO_RGB = np.linalg.inv(_TO_YCBCR.astype(np.float64))[:, 1:].astype(np.float32)

PALETTES: Final = {
    "hot_metal_blue": "1.2.840.10008.1.5.3",
    "hot_iron": "1.2.840.10008.1.5.1",
    "pet": "1.2.840.10008.1.5.2",
    "pet_20_step": "1.2.840.10008.1.5.4",
}
"""Well-known colour palettes for functional images and their UIDs (DICOM PS3.6 table A-1)."""

DEFAULT_PALETTE: Final = "hot_metal_blue"
"""Its hue runs from blue over purple to orange, so steps of uptake differ in hue, not only in strength."""

PALETTE_TOP: Final = 0.8
"""Part of a palette that is used: their upper ends are white, which has no hue left to show uptake with."""


def luminance(rgb: np.ndarray) -> NDArray[np.float32]:
    """Return the luminance Y, (...), in the unit of `rgb`, (..., 3)."""
    return rgb.astype(np.float32) @ LUMA


def chroma(rgb: np.ndarray) -> NDArray[np.float32]:
    """Return Cb and Cr, (..., 2) in [-0.5, 0.5], of RGB (..., 3) in [0, 1]."""
    return rgb.astype(np.float32) @ _TO_YCBCR[1:].T


def mean_chroma(chroma_a: np.ndarray, chroma_b: np.ndarray) -> NDArray[np.float32]:
    """Return two chromas (..., 2) merged: each counts as much as it is coloured, 0 where both are grey."""
    strength = np.abs(chroma_a) + np.abs(chroma_b)
    weighted = chroma_a * np.abs(chroma_a) + chroma_b * np.abs(chroma_b)
    merged: NDArray[np.float32] = np.divide(
        weighted, strength, out=np.zeros(weighted.shape, np.float32), where=strength > 0
    )
    return merged


def coloured(y: np.ndarray, cbcr: np.ndarray) -> NDArray[np.float32]:
    """Return RGB, (..., 3) in [0, 1], with exactly this luminance and this hue.

    Where a colour as strong as `cbcr` does not exist at a luminance (near black and white), its saturation is
    reduced, never its luminance: what the fused image shows as brightness stays readable in the coloured one.

    Parameters
    ----------
    y
        (...) luminance in [0, 1].
    cbcr
        (..., 2) chroma as `chroma` returns it.
    """
    offset = cbcr.astype(np.float32) @ _CHROMA_TO_RGB.T
    y = np.clip(y.astype(np.float32), 0.0, 1.0)[..., None]
    room = np.where(offset > 0, 1.0 - y, y)
    possible = np.divide(room, np.abs(offset), out=np.ones_like(offset), where=np.abs(offset) > room)
    rgb: NDArray[np.float32] = np.clip(y + offset * possible.min(axis=-1, keepdims=True), 0.0, 1.0)
    return rgb


def palette_colours(values: np.ndarray, palette: str) -> NDArray[np.float32]:
    """Return the colours, (..., 3) in [0, 1], of values (...) in [0, 1] in one of `PALETTES`.

    Raises
    ------
    ValueError
        For an unknown palette.
    """
    if palette not in PALETTES:
        raise ValueError(f"Colour palette {palette!r} is not one of {', '.join(PALETTES)}.")
    from pydicom.pixels import apply_color_lut

    levels = np.round(np.clip(values, 0.0, 1.0) * PALETTE_TOP * 255).astype(np.uint8)
    return (apply_color_lut(levels, palette=PALETTES[palette]) / 255).astype(np.float32)
