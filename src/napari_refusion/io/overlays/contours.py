"""Closed contours filled on the slices of a grid, by the even-odd rule.

A voxel is in if its centre is: a ray from it crosses the contours of its plane an odd number of times, all of them
taken together, so that a contour within another is a hole, and so is what a keyhole leads into. rt-utils rounds the
contours to whole voxels and draws their outline as well, which adds half a voxel all round; scikit-image's polygons
take every point with every voxel of their box and count the outline in. What is here crosses each edge with the rows
it spans, and no more.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

_EDGES: Final = 4096
"""Edges that are crossed with the rows at a time."""

MOST_COMPARED: Final = 4000
"""Edges of one plane that are compared with one another; more of them are taken as they are."""

MOST_OVERLAID: Final = 1000
"""Contours of one plane whose pixels are compared with one another; likewise."""


def filled(contours: Sequence[Points], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Return the pixels whose centre lies within an odd number of closed contours, (rows, columns).

    Parameters
    ----------
    contours
        (n, 2) each, row and column indices of their points.
    """
    toggles = np.zeros((shape[0], shape[1] + 1), np.uint32)
    edges = _edges(contours)
    for start in range(0, len(edges), _EDGES):
        _toggle(toggles, edges[start : start + _EDGES])
    inside: NDArray[np.bool_] = (np.cumsum(toggles, axis=1)[:, :-1] % 2).astype(np.bool_)
    return inside


def _edges(contours: Sequence[Points]) -> NDArray[np.float64]:
    """Return the edges of closed contours, (n, 4): row and column of both ends."""
    return np.concatenate([np.concatenate([one, np.roll(one, -1, axis=0)], axis=1) for one in contours])


def _toggle(toggles: NDArray[np.uint32], edges: NDArray[np.float64]) -> None:
    """Count in an array, which is the caller's own, from which pixel on each edge turns a row inside out.

    An edge has its upper end and not its lower one, so that a corner on the middle of a row counts once.
    """
    rows, columns = toggles.shape[0], toggles.shape[1] - 1
    upper, lower = np.minimum(edges[:, 0], edges[:, 2]), np.maximum(edges[:, 0], edges[:, 2])
    first, last = (np.clip(np.ceil(end), 0, rows).astype(np.int64) for end in (upper, lower))
    spans = last - first
    which = np.repeat(np.arange(len(edges)), spans)
    row = np.arange(len(which)) - np.repeat(np.cumsum(spans) - spans, spans) + first[which]
    start_row, start, end_row, end = edges[which].T
    crossing = start + (row - start_row) / (end_row - start_row) * (end - start)
    np.add.at(toggles, (row, np.clip(np.ceil(crossing), 0, columns).astype(np.int64)), 1)


def cross(contours: Sequence[Points]) -> bool:
    """Return whether edges of the contours of one plane cross; those that touch, as a keyhole's two sides, do not."""
    edges = _edges(contours)
    if len(edges) > MOST_COMPARED:
        return False
    for start in range(0, len(edges), 256):
        part = edges[start : start + 256, None]
        one = _side(part, edges[None, :, :2]) * _side(part, edges[None, :, 2:])
        other = _side(edges[None], part[..., :2]) * _side(edges[None], part[..., 2:])
        if ((one < 0) & (other < 0)).any():
            return True
    return False


def overlap(contours: Sequence[Points], shape: tuple[int, int]) -> bool:
    """Return whether two contours of one plane hold the same pixels, or share some without one lying in the other.

    Their edges need not cross for that: they may run along each other, or be the same.
    """
    if not 1 < len(contours) <= MOST_OVERLAID:
        return False
    boxes = [_box(one, shape) for one in contours]
    masks = [_filled_in(one, box) for one, box in zip(contours, boxes, strict=True)]
    low, high = (np.array([[getattr(side, end) for side in box] for box in boxes]) for end in ("start", "stop"))
    meet = (np.maximum(low[:, None], low) < np.minimum(high[:, None], high)).all(axis=-1)
    for one, other in np.argwhere(np.triu(meet, 1)).tolist():
        first, last = np.maximum(low[one], low[other]), np.minimum(high[one], high[other])
        parts = [
            masks[at][tuple(slice(*ends) for ends in zip(first - low[at], last - low[at], strict=True))]
            for at in (one, other)
        ]
        shared, *counts = (int(mask.sum()) for mask in (parts[0] & parts[1], masks[one], masks[other]))
        if shared and (shared < min(counts) or counts[0] == counts[1]):
            return True
    return False


def _box(contour: Points, shape: tuple[int, int]) -> tuple[slice, slice]:
    """Return the pixels of a plane that a contour may hold."""
    low = np.clip(np.ceil(contour.min(axis=0)), 0, shape).astype(int).tolist()
    high = np.clip(np.floor(contour.max(axis=0)) + 1, low, shape).astype(int).tolist()
    return slice(low[0], high[0]), slice(low[1], high[1])


def _filled_in(contour: Points, box: tuple[slice, slice]) -> NDArray[np.bool_]:
    rows, columns = box
    return filled([contour - (rows.start, columns.start)], (rows.stop - rows.start, columns.stop - columns.start))


def _side(edge: NDArray[np.float64], point: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return on which side of edges points lie: the sign, 0 within rounding."""
    along, away = edge[..., 2:] - edge[..., :2], point - edge[..., :2]
    area = along[..., 0] * away[..., 1] - along[..., 1] * away[..., 0]
    scale = np.abs(along).sum(axis=-1) * np.abs(away).sum(axis=-1)
    return np.where(np.abs(area) <= 1e-9 * scale, 0.0, np.sign(area))
