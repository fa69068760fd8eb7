"""The two passes of a transformer block over a tile, see `tiles`."""

from numba import njit

from napari_refusion.engine.eights import after, clear
from napari_refusion.engine.gram import add_products
from napari_refusion.engine.rows import CALLED, gate_project, mix_norm_expand, norm_expand, queries_keys_values
from napari_refusion.engine.tiles import ahead_of, tile_of


@njit(**CALLED)
def attend(work, tile, scratch):
    """Write a tile's values, and the sums that attention needs of it."""
    top, bottom, left, count, low, wider = tile_of(work, tile)
    channels = work.channels
    wide = 3 * channels
    line = (count + 2) * wide
    e = scratch
    y = after(e, 3 * line)
    query = after(y, 8 * channels)
    key = after(query, count * channels)
    clear(e, 0, 3 * line)
    for row in range(top - 1, bottom + 1):
        slot = (row + 3) % 3 * line
        if row < 0 or row >= work.height:
            clear(e, slot, line)
        else:
            i = (row * work.width + low) * channels
            ei = slot + (low - left + 1) * wide
            norm_expand(work, i, e, ei, y, wider, ahead_of(work, row, low))
        if row > top:
            above, here = (row + 1) % 3 * line, (row + 2) % 3 * line
            vi = ((row - 1) * work.width + left) * channels
            queries_keys_values(e, above, here, slot, channels, work.depth, query, key, work.value_x, vi, count)
            add_products(query, key, channels, count, work.sums, tile * work.sums_size)


@njit(**CALLED)
def feed(work, tile, scratch):
    """Write a tile of a block's result: attention applied, then the gated feed-forward."""
    top, bottom, left, count, low, wider = tile_of(work, tile)
    channels = work.channels
    wide = 4 * channels
    line, narrow = (count + 2) * wide, (count + 2) * channels
    e = scratch
    y = after(e, 3 * line)
    u = after(y, 8 * channels)
    gated = after(u, 2 * narrow)
    clear(e, 0, 3 * line)
    for row in range(top - 1, bottom + 1):
        slot = (row + 3) % 3 * line
        if row < 0 or row >= work.height:
            clear(e, slot, line)
        else:
            i = (row * work.width + low) * channels
            column = low - left + 1
            ei, ui = slot + column * wide, (row + 2) % 2 * narrow + column * channels
            mix_norm_expand(work, i, u, ui, e, ei, y, wider, ahead_of(work, row, low))
        if row > top:
            above, here = (row + 1) % 3 * line, (row + 2) % 3 * line
            oi, ui = ((row - 1) * work.width + left) * channels, (row + 1) % 2 * narrow + channels
            gate_project(work, e, above, here, slot, wide, gated, channels, oi, u, ui, count)
