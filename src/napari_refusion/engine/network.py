"""The whole fusion network, pass after pass."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_refusion.engine.attention import mixing, sums_size
from napari_refusion.engine.lanes import LANES
from napari_refusion.engine.packing import (
    Numbers,
    PackedAttention,
    PackedBlock,
    PackedBranch,
    PackedNetwork,
    aligned,
    aligned_room,
    pack,
)
from napari_refusion.engine.passes import run
from napari_refusion.engine.work import (
    ATTEND,
    ATTEND_BOTH,
    EMBED,
    FEED,
    FEED_BOTH,
    FINISH,
    SMALLEST,
    Work,
    scratch_size,
    tiles_of,
)
from napari_refusion.model.fusion_net import WIDTH, FusionNet
from napari_refusion.numerics.room import MOST, largest_in_memory, room

Source = NDArray[np.floating[Any]]
"""(H, W)."""


class FusedNetwork:
    """A fusion network that is ready to run; several threads may call it at once."""

    def __init__(self, network: FusionNet, threads: int = 1) -> None:
        self._packed = pack(network)
        self.threads = threads
        self._pool = ThreadPoolExecutor(threads - 1, "fusion") if threads > 1 else None

    def __call__(self, a: Source, b: Source) -> Numbers:
        """Return the fused image, (H, W) in [0, 1], of two sources (H, W), H at least 1 and W at least `SMALLEST`.

        The same to the bit with any number of threads. Python's lock is free while it computes.

        Raises
        ------
        ValueError
            For images of two sizes, or too narrow ones.
        MemoryError
            Where 96 float32 for each pixel fit neither into memory nor onto the disk.
        """
        if a.ndim != 2 or a.shape != b.shape or a.shape[0] < 1 or a.shape[1] < SMALLEST:
            raise ValueError(f"Two sources of one size are fused, (H, W >= {SMALLEST}), not {a.shape} and {b.shape}.")
        return Passes(a.shape[0], a.shape[1], self.threads, self._pool).fuse(self._packed, a, b)


class Passes:
    """The passes over one image, and the memory that they share."""

    def __init__(self, height: int, width: int, threads: int, pool: ThreadPoolExecutor | None) -> None:
        self._height, self._width = height, width
        self._tiles = tiles_of(height, width)
        self._scratch = [aligned_room(scratch_size(width)) for _ in range(threads)]
        self._counter = np.zeros(1, np.int64)
        self._pool = pool

    def fuse(self, packed: PackedNetwork, a: Source, b: Source) -> Numbers:
        """Return the fused image."""
        size = self._height * self._width * WIDTH
        memory = _memory(6 * size)
        x, y, x_next, y_next, value_x, value_y = (memory[i * size : (i + 1) * size] for i in range(6))
        wide, wide_next, wide_value = (memory[2 * i * size : 2 * (i + 1) * size] for i in range(3))
        self._embed(a, packed.embed[0], x)
        self._embed(b, packed.embed[1], y)
        self._blocks(packed.encoders[0], x, x_next, value_x)
        self._blocks(packed.encoders[1], y, y_next, value_y)
        # from x and y into the maps between them and the values; then the decoder goes on from there
        self._merge(packed, (x, y), (value_x, value_y), wide_next)
        self._blocks(packed.decoder, wide_next, wide, wide_value)
        out = aligned_room(self._height * self._width)
        self._run(FINISH, 2 * WIDTH, x=wide_next, depth=packed.shrink, project=packed.output, out=out)
        return out.reshape(self._height, self._width)

    def rebuild(self, packed: PackedBranch, fused: Source) -> Numbers:
        """Return what a branch of R rebuilds of its source, (H, W)."""
        size = self._height * self._width * 2 * WIDTH
        memory = _memory(3 * size)
        x, spare, value = (memory[i * size : (i + 1) * size] for i in range(3))
        self._embed(fused, packed.embed, x)
        self._blocks(packed.blocks, x, spare, value)
        out = aligned_room(self._height * self._width)
        self._run(FINISH, 2 * WIDTH, x=x, depth=packed.shrink, project=packed.output, out=out)
        return out.reshape(self._height, self._width)

    def _embed(self, source: Source, weights: Numbers, out: Numbers) -> None:
        padded = np.zeros((self._height + 2, self._width + 2), np.float32)
        padded[1:-1, 1:-1] = source
        self._run(EMBED, weights.shape[1], x=padded, depth=weights, out=out)

    def _blocks(self, blocks: Sequence[PackedBlock], x: Numbers, spare: Numbers, value: Numbers) -> None:
        """Apply two blocks, from `x` by way of `spare` back to `x`."""
        first, second = blocks
        self._block(first, x, value, spare)
        self._block(second, spare, value, x)

    def _block(self, block: PackedBlock, x: Numbers, value: Numbers, out: Numbers) -> None:
        one, channels = block.attention, block.channels
        sums = self._sums(1, channels)
        scale, shift = block.norm_attention
        attending = {"scale": scale, "shift": shift, "expand": one.expand, "depth": one.depth}
        self._run(ATTEND, channels, x=x, value_x=value, sums=sums, sums_size=sums.shape[2], **attending)
        scale, shift = block.norm_feed
        mix = _mix(one, sums[:, 0])
        feeding = {"scale": scale, "shift": shift, "expand": block.expand, "depth": block.depth}
        self._run(FEED, channels, x=x, value_x=value, mix_x=mix, out=out, project=block.project, **feeding)

    def _merge(
        self, packed: PackedNetwork, features: tuple[Numbers, Numbers], values: tuple[Numbers, Numbers], out: Numbers
    ) -> None:
        """Write the features of both sources as one map."""
        of_x, of_y = packed.attention
        both = {"x": features[0], "y": features[1], "value_x": values[0], "value_y": values[1]}
        sums = self._sums(2, WIDTH)
        expand = {"expand_x": of_x.expand, "expand_y": of_y.expand}
        depth = {"depth": of_x.depth, "depth_y": of_y.depth}
        self._run(ATTEND_BOTH, WIDTH, sums=sums, sums_size=sums.shape[2], **both, **expand, **depth)
        mix = {"mix_x": _mix(of_x, sums[:, 0]), "mix_y": _mix(of_y, sums[:, 1])}
        expand = dict(zip(("expand", "expand_x", "expand_y"), packed.expand, strict=True))
        self._run(FEED_BOTH, WIDTH, depth=packed.depth, project=packed.project, out=out, **both, **mix, **expand)

    def _sums(self, count: int, channels: int) -> Numbers:
        """Return zeros for what each tile adds up, (tiles, count, sums)."""
        rows, columns = self._tiles
        return np.zeros((rows * columns, count, sums_size(channels, LANES)), np.float32)

    def _run(self, kind: int, channels: int, **fields: Numbers | int) -> None:
        """Compute a pass in all threads."""
        rows, columns = self._tiles
        sizes = kind, self._height, self._width, rows, columns, channels
        addresses = {name: one if isinstance(one, int) else one.ctypes.data for name, one in fields.items()}
        work = Work(*sizes, **{name: addresses.get(name, 0) for name in Work._fields[len(sizes) :]})
        self._counter[0] = 0
        counter = self._counter.ctypes.data
        others = (
            [self._pool.submit(run, work, counter, one.ctypes.data) for one in self._scratch[1:]] if self._pool else []
        )
        run(work, counter, self._scratch[0].ctypes.data)
        for other in others:
            if not other.cancel():  # one that has not begun has nothing left to do
                other.result()


def _mix(attention: PackedAttention, sums: Numbers) -> Numbers:
    return aligned(mixing(sums, attention.temperature, attention.projection, LANES))


def _memory(count: int) -> Numbers:
    """Return `count` float32, not set; in a file, with the same result, where they would fill the memory."""
    return aligned_room(count) if 4 * count <= largest_in_memory(MOST) else room((count,), share=MOST)
