"""The two passes over a tile that merge the features of both sources, see `tiles`."""

from numba import njit

from napari_refusion.engine.eights import after, clear
from napari_refusion.engine.gram import add_products
from napari_refusion.engine.rows import CALLED, expand, gate_project, mix_expand_both, queries_keys_values
from napari_refusion.engine.tiles import ahead_of, tile_of


@njit(**CALLED)
def attend_both(work, tile, scratch):
    """Write a tile's values of both sources, and the sums of each one's keys with the other's queries."""
    top, bottom, left, count, low, wider = tile_of(work, tile)
    channels = work.channels
    wide = 3 * channels
    line = (count + 2) * wide
    ex = scratch
    ey = after(ex, 3 * line)
    query_x = after(ey, 3 * line)
    key_x = after(query_x, count * channels)
    query_y = after(key_x, count * channels)
    key_y = after(query_y, count * channels)
    clear(ex, 0, 6 * line)
    for row in range(top - 1, bottom + 1):
        slot = (row + 3) % 3 * line
        if row < 0 or row >= work.height:
            clear(ex, slot, line)
            clear(ey, slot, line)
        else:
            i = (row * work.width + low) * channels
            ei = slot + (low - left + 1) * wide
            ahead = ahead_of(work, row, low)
            expand(work.x, i, channels, work.expand_x, wide, ex, ei, wider, ahead, work.value_x)
            expand(work.y, i, channels, work.expand_y, wide, ey, ei, wider, ahead, work.value_y)
        if row > top:
            above, here = (row + 1) % 3 * line, (row + 2) % 3 * line
            vi = ((row - 1) * work.width + left) * channels
            queries_keys_values(ex, above, here, slot, channels, work.depth, query_x, key_x, work.value_x, vi, count)
            queries_keys_values(ey, above, here, slot, channels, work.depth_y, query_y, key_y, work.value_y, vi, count)
            si = 2 * tile * work.sums_size
            add_products(query_y, key_x, channels, count, work.sums, si)
            add_products(query_x, key_y, channels, count, work.sums, si + work.sums_size)


@njit(**CALLED)
def feed_both(work, tile, scratch):
    """Write a tile of the merged features, twice the channels."""
    top, bottom, left, count, low, wider = tile_of(work, tile)
    both, wide = 2 * work.channels, 16 * work.channels
    line, narrow = (count + 2) * wide, (count + 2) * both
    e = scratch
    u = after(e, 3 * line)
    gated = after(u, 2 * narrow)
    clear(e, 0, 3 * line)
    for row in range(top - 1, bottom + 1):
        slot = (row + 3) % 3 * line
        if row < 0 or row >= work.height:
            clear(e, slot, line)
        else:
            column = low - left + 1
            i = (row * work.width + low) * work.channels
            ei, ui = slot + column * wide, (row + 2) % 2 * narrow + column * both
            mix_expand_both(work, i, u, ui, e, ei, wider, ahead_of(work, row, low))
        if row > top:
            above, here = (row + 1) % 3 * line, (row + 2) % 3 * line
            oi, ui = ((row - 1) * work.width + left) * both, (row + 1) % 2 * narrow + both
            gate_project(work, e, above, here, slot, wide, gated, both, oi, u, ui, count)
