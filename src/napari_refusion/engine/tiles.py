"""Where a tile of a pass lies.

A pass keeps a ring of three rows, widened by the 1x1 convolution, which walks down the tile and stays in the cache.
Rings begin one column to the left of the tile and end one to the right; beyond the image they hold zeros.
"""

from numba import njit

from napari_refusion.engine.eights import INLINED


@njit(**INLINED)
def bounds(i, parts, size):
    """Return where part i of a side of the image begins and ends."""
    return size * i // parts, size * (i + 1) // parts


@njit(**INLINED)
def tile_of(work, tile):
    """Return first row, row behind the last, first column, columns, and the same of columns with their neighbours."""
    top, bottom = bounds(tile // work.tile_columns, work.tile_rows, work.height)
    left, right = bounds(tile % work.tile_columns, work.tile_columns, work.width)
    low, high = max(left - 1, 0), min(right + 1, work.width)
    return top, bottom, left, right - left, low, high - low


@njit(**INLINED)
def ahead_of(work, row, low):
    """Return the index of the pixel below, in features of `channels`."""
    return (min(row + 1, work.height - 1) * work.width + low) * work.channels
