"""One pass over an image: what it reads and writes, and how it is cut into tiles. Numbers alone: no Numba is needed."""

from typing import Final, NamedTuple

TILE_ROWS: Final = 32
"""Rows of a tile, about: every tile computes two more."""

TILE_COLUMNS: Final = 256
"""Columns of a tile at most, so that three widened rows fit into the second-level cache."""

SMALLEST: Final = 8
"""Columns of the narrowest image: pixels are computed eight at a time."""

EMBED, ATTEND, FEED, ATTEND_BOTH, FEED_BOTH, FINISH = range(6)
"""Kinds of pass: the first convolution; the attention of a block and the rest of it; the same where both sources are
merged; the last two convolutions."""


class Work(NamedTuple):
    """One pass: sizes, and addresses of float32. A field that a kind of pass does not use is 0."""

    kind: int
    height: int
    width: int
    tile_rows: int
    """Rows of tiles."""
    tile_columns: int
    """Columns of tiles."""
    channels: int
    """Of the features that come in."""
    x: int
    """Features, (H, W, channels); for `EMBED` the image with a border of zeros, (H + 2, W + 2)."""
    y: int
    """The same of the second source."""
    out: int
    value_x: int
    """Values of the attention, (H, W, channels)."""
    value_y: int
    mix_x: int
    """Matrix that is applied to the values, (channels, channels), see `attention.mixing`."""
    mix_y: int
    sums: int
    """What each tile adds up for the attention, (tiles, `sums_size`)."""
    sums_size: int
    scale: int
    """Of the layer norm."""
    shift: int
    expand: int
    """Weights of the 1x1 convolution that widens, (channels, wide)."""
    expand_x: int
    expand_y: int
    depth: int
    """Weights of the depthwise 3x3 convolution, (9, wide); of a full one, (3, 3, in, out)."""
    depth_y: int
    project: int
    """Weights of the 1x1 convolution that narrows, (wide / 2, out); of `FINISH` the last convolution's, (3, 3, 16)."""


def tiles_of(height: int, width: int) -> tuple[int, int]:
    """Return how many rows and columns of tiles an image has: of its size alone, never of the number of threads."""
    return max(1, -(-height // TILE_ROWS)), max(1, -(-width // TILE_COLUMNS))


def scratch_size(width: int) -> int:
    """Return the float32 that a thread needs besides for its tile: three rows of up to 256 channels, and more.

    A row has up to `TILE_COLUMNS` columns and one more on both sides.
    """
    columns = min(width, TILE_COLUMNS) + 4
    return 3 * 256 * columns + 2 * 32 * columns + 4096
