"""Two images in one picture: blended, in fields, swiped, as edges; and the colour maps for function.

All images are windowed to [0, 1] and lie on one grid. Nothing here knows which voxels of a volume it is given, so one
slice or the whole volume gives the same picture.
"""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.numerics.colour import PALETTES, palette_colours
from napari_refusion.numerics.difference import DIFFERENCE, difference_table

MAPS: Final = ("grey", "grey_inverted", "hot", "rainbow", *PALETTES)
"""Names of the colour maps: see `colour_table`."""

EDGE_COLOUR: Final = (1.0, 0.75, 0.0)
"""Amber, RGB in [0, 1]: no grey comes near it, and all common forms of colour blindness see it."""

_LEVELS: Final = 256


def blend(a: np.ndarray, b: np.ndarray, share: float | np.ndarray) -> NDArray[np.float32]:
    """Return ``(1 - share) a + share b``, float32: 0 is only `a`, 1 only `b`, linear between.

    Parameters
    ----------
    share
        In [0, 1]; an array gives every voxel its own, a mask of True and False takes each voxel from one image.
    """
    part = np.asarray(share, dtype=np.float32)
    mixed: np.ndarray = a * (1 - part) + b * part
    return mixed.astype(np.float32, copy=False)


def overlay(anatomy: np.ndarray, colours: np.ndarray, opacity: float | np.ndarray) -> NDArray[np.float32]:
    """Return colours over an anatomical grey image, RGB (..., 3) in [0, 1].

    The classic display: ``opacity`` times the colour plus the rest of the grey, as DICOM's blending presentation state
    (PS3.4 N.2.4) with its Relative Opacity.

    Parameters
    ----------
    anatomy
        (...) in [0, 1].
    colours
        (..., 3) in [0, 1].
    opacity
        In [0, 1], one for all or (...); 0 where there is no functional value keeps the anatomy.
    """
    return blend(as_rgb(anatomy), colours, np.asarray(opacity)[..., None])


def checkerboard(places: tuple[np.ndarray, ...], edges: tuple[float, ...]) -> NDArray[np.bool_]:
    """Return in which fields of a checkerboard voxels lie, False in the field of voxel (0, 0, ...).

    Parameters
    ----------
    places
        Index along each axis; the arrays broadcast to the shape of the result (as `numpy.ix_` makes them).
    edges
        Length of a field along each axis, in voxels.
    """
    fields = sum(np.floor_divide(place, edge) for place, edge in zip(places, edges, strict=True))
    odd: NDArray[np.bool_] = np.asarray(fields) % 2 == 1
    return odd


def swipe(place: np.ndarray, count: int, position: float) -> NDArray[np.bool_]:
    """Return which voxels lie beyond a line across an axis: none at position 1, all at position 0.

    Parameters
    ----------
    place
        Index along the axis, 0 to ``count - 1``.
    count
        Number of voxels along the axis.
    position
        Of the line, 0 (first voxel) to 1 (last voxel).
    """
    return place >= round(position * count)


def edges(values: np.ndarray, threshold: float) -> NDArray[np.bool_]:
    """Return where an image changes most: lines one voxel wide, same shape.

    The image is smoothed with [1 2 1]/4 along every axis; an edge is where the length of its central-difference
    gradient is at least `threshold` and not exceeded by either neighbour along the axis nearest to the gradient.

    Parameters
    ----------
    values
        (H, W) or (I, P, L) in [0, 1]; an axis with one voxel is left out.
    threshold
        Above 0, in [0, 1] per voxel.
    """
    axes = [axis for axis, count in enumerate(values.shape) if count > 1]
    if not axes:
        return np.zeros(values.shape, np.bool_)
    smooth = values.astype(np.float32, copy=False)
    for axis in axes:
        before, after = _neighbours(smooth, axis)
        smooth = (before + 2 * smooth + after) / 4
    slopes = np.stack([np.gradient(smooth, axis=axis) for axis in axes])
    strength = np.sqrt((slopes**2).sum(axis=0))
    nearest = np.abs(slopes).argmax(axis=0)
    crest = np.zeros(values.shape, np.bool_)
    for index, axis in enumerate(axes):
        before, after = _neighbours(strength, axis)
        crest |= (nearest == index) & (strength >= before) & (strength > after)
    return crest & (strength >= threshold)


def edges_over(lines: np.ndarray, ground: np.ndarray, threshold: float) -> NDArray[np.float32]:
    """Return the `edges` of one image in `EDGE_COLOUR` over another in grey, RGB (..., 3) in [0, 1]."""
    return overlay(ground, np.asarray(EDGE_COLOUR, np.float32), edges(lines, threshold))


def as_rgb(grey: np.ndarray) -> NDArray[np.float32]:
    """Return an image (...) as RGB, (..., 3), read-only."""
    return np.broadcast_to(grey[..., None].astype(np.float32, copy=False), (*grey.shape, 3))


def map_colours(values: np.ndarray, name: str) -> NDArray[np.float32]:
    """Return the colours, (..., 3) in [0, 1], of values (...) in [0, 1] in one of `MAPS`; 256 steps."""
    levels = np.round(np.clip(values, 0.0, 1.0) * (_LEVELS - 1)).astype(np.uint8)
    return colour_table(name)[levels]


@cache
def colour_table(name: str) -> NDArray[np.float32]:
    """Return the colours of a map from the lowest value to the highest, (256, 3) in [0, 1], read-only.

    - ``grey``, ``grey_inverted``: black to white, and white to black as PET is read on paper.
    - ``hot``: red, green and blue rise one after the other over 3/8, 3/8 and 2/8 of the range (MATLAB's ``hot``).
    - ``rainbow``: the hue falls evenly from 240 (blue) to 0 degrees (red) at full saturation (HSV); the brightness
      rises from black within the first eighth, so that nothing is shown as nothing.
    - the others: DICOM's well-known palettes as `colour.palette_colours` uses them, without their white upper end, so
      that a colour means the same here and in a coloured fused image.
    - ``difference``: of signed differences, see `difference.difference_table`.

    Raises
    ------
    ValueError
        For an unknown map.
    """
    if name == DIFFERENCE:
        return difference_table()
    value = np.linspace(0.0, 1.0, _LEVELS, dtype=np.float32)
    match name:
        case "grey":
            table = np.repeat(value[:, None], 3, axis=1)
        case "grey_inverted":
            table = np.repeat(1 - value[:, None], 3, axis=1)
        case "hot":
            table = np.stack([value * 8 / 3, value * 8 / 3 - 1, value * 4 - 3], axis=1)
        case "rainbow":
            table = _pure_hue(240 * (1 - value)) * np.minimum(value * 8, 1)[:, None]
        case _ if name in PALETTES:
            table = palette_colours(value, name)
        case _:
            raise ValueError(f"Colour map {name!r} is not one of {', '.join(MAPS)}.")
    table = np.clip(table, 0.0, 1.0).astype(np.float32)
    table.setflags(write=False)
    return table


def _pure_hue(degrees: np.ndarray) -> np.ndarray:
    """Return the RGB of hues, (n,) to (n, 3), at full saturation and value."""
    sector = (degrees[:, None] / 60 + np.array([5.0, 3.0, 1.0])) % 6
    return 1 - np.clip(np.minimum(sector, 4 - sector), 0, 1)


def _neighbours(values: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the image moved by one voxel to either side; the outermost voxels are repeated."""
    count = values.shape[axis]
    before = values.take([0, *range(count - 1)], axis)
    after = values.take([*range(1, count), count - 1], axis)
    return before, after
