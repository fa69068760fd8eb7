"""Two drawings of one scene at once, so that both images of a pair are registered by construction."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy.ndimage import gaussian_filter

from sample_data.shapes import Array

SIZE = 256
"""Pixels along rows and columns of every photograph."""

FINER = 4
"""Drawn this many times larger and averaged: no jagged edges."""

Colour = tuple[float, float, float]
"""Red, green, blue in [0, 1]."""


class TwinCanvas:
    """Draws each thing on two RGB pictures, in one colour on the first and in another on the second."""

    def __init__(self) -> None:
        self.pictures = [Image.new("RGB", (SIZE * FINER, SIZE * FINER)) for _ in range(2)]
        self.pens = [ImageDraw.Draw(picture) for picture in self.pictures]

    def polygon(self, corners: Sequence[tuple[float, float]], *colours: Colour | None) -> None:
        """Fill a polygon of (column, row) corners; None leaves that picture as it is."""
        for pen, colour in zip(self.pens, colours, strict=True):
            if colour is not None:
                pen.polygon([(x * FINER, y * FINER) for x, y in corners], fill=to_bytes(colour))

    def box(self, left: float, top: float, right: float, bottom: float, *colours: Colour | None) -> None:
        """Fill an upright rectangle."""
        self.polygon([(left, top), (right, top), (right, bottom), (left, bottom)], *colours)

    def disc(self, x: float, y: float, across: float, down: float, *colours: Colour | None) -> None:
        """Fill an ellipse around column `x`, row `y` with the radii `across` and `down`."""
        edges = [(x - across) * FINER, (y - down) * FINER, (x + across) * FINER, (y + down) * FINER]
        for pen, colour in zip(self.pens, colours, strict=True):
            if colour is not None:
                pen.ellipse(edges, fill=to_bytes(colour))

    def text(self, x: float, y: float, words: str, size: float, *colours: Colour | None) -> None:
        """Write words around column `x`, row `y`."""
        font = ImageFont.load_default(size * FINER)
        for pen, colour in zip(self.pens, colours, strict=True):
            if colour is not None:
                pen.text((x * FINER, y * FINER), words, fill=to_bytes(colour), font=font, anchor="mm")

    def images(self) -> tuple[Array, Array]:
        """Return both pictures, (rows, columns, 3) in [0, 1]."""
        first, second = (
            np.asarray(picture.resize((SIZE, SIZE), Image.Resampling.BOX), dtype=float) / 255
            for picture in self.pictures
        )
        return first, second


def to_bytes(colour: Colour) -> tuple[int, int, int]:
    """Return a colour in [0, 1] as three bytes."""
    red, green, blue = (round(255 * min(max(part, 0.0), 1.0)) for part in colour)
    return red, green, blue


def grey(value: float) -> Colour:
    """Return a colour without hue."""
    return value, value, value


def grain(seed: int, width: float, colours: int = 1) -> Array:
    """Return noise of unit variance with grains `width` pixels wide, (rows, columns, colours)."""
    noise = np.random.default_rng(seed).normal(size=(SIZE, SIZE, colours))
    soft = gaussian_filter(noise, (width, width, 0))
    return soft / soft.std()


def glow(x: float, y: float, reach: float) -> Array:
    """Return light falling off around column `x`, row `y`, (rows, columns, 1), 1 at the middle."""
    rows, columns = np.indices((SIZE, SIZE))
    falling: Array = np.exp(-np.hypot(rows - y, columns - x) / reach)[..., None]
    return falling


def soften(image: Array, sigma: float) -> Array:
    """Return the image (rows, columns, colours) blurred by `sigma` pixels."""
    return gaussian_filter(image, (sigma, sigma, 0))


def write_png(image: Array, path: Path) -> None:
    """Write (rows, columns, 1 or 3) in [0, 1] as 8-bit PNG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    levels = np.rint(255 * np.clip(image, 0, 1)).astype(np.uint8)
    Image.fromarray(levels.squeeze()).save(path, optimize=True)
