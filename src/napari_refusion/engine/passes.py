"""The passes over an image, tile by tile: `run` is the one function that Python calls.

Several threads call it with the same counter, and each takes the next tile until there is none.
"""

from numba import njit, types

from napari_refusion.engine.block_passes import attend, feed
from napari_refusion.engine.edge_passes import embed, finish
from napari_refusion.engine.memory import take
from napari_refusion.engine.merge_passes import attend_both, feed_both
from napari_refusion.engine.work import ATTEND, ATTEND_BOTH, EMBED, FEED, FEED_BOTH, Work


@njit(
    types.void(types.NamedUniTuple(types.int64, len(Work._fields), Work), types.int64, types.int64),
    error_model="numpy",
    nogil=True,
    cache=True,
)
def run(work, counter, scratch):
    """Compute the tiles of a pass that no other thread has taken; `counter` and `scratch` are addresses."""
    while True:
        tile = take(counter)
        if tile >= work.tile_rows * work.tile_columns:
            break
        if work.kind == EMBED:
            embed(work, tile, scratch)
        elif work.kind == ATTEND:
            attend(work, tile, scratch)
        elif work.kind == FEED:
            feed(work, tile, scratch)
        elif work.kind == ATTEND_BOTH:
            attend_both(work, tile, scratch)
        elif work.kind == FEED_BOTH:
            feed_both(work, tile, scratch)
        else:
            finish(work, tile, scratch)
