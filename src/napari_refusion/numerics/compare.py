"""Two images in one picture: blended, in fields, swiped, or as edges.

All images are windowed to [0, 1] and lie on one grid. Nothing here knows which voxels of a volume it is given, so one
slice or the whole volume gives the same picture.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.numerics.colour_maps import colour_table

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
    """Return the colours, (..., 3) in [0, 1], of values (...) in [0, 1] in one of `COLOUR_MAPS`; 256 steps."""
    levels = np.round(np.clip(values, 0.0, 1.0) * (_LEVELS - 1)).astype(np.uint8)
    return colour_table(name)[levels]


def _neighbours(values: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the image moved by one voxel to either side; the outermost voxels are repeated."""
    count = values.shape[axis]
    before = values.take([0, *range(count - 1)], axis)
    after = values.take([*range(1, count), count - 1], axis)
    return before, after
