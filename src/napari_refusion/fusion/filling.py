"""Fusing the missing slices of a volume one by one, nearest to the reader's eye first: the only loop that fuses.

torch is imported when slices are fused, not before.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from napari_refusion.fusion.canvas import Canvas, Extent, next_slice
from napari_refusion.volume.finding import Finding

if TYPE_CHECKING:
    from napari_refusion.fusion.preparation import Engine


@dataclass(frozen=True, slots=True, eq=False)
class FusedSlice:
    """One finished slice of a canvas."""

    canvas: Canvas
    index: int
    image: NDArray[np.float32]
    """(H, W) in [0, 1]."""


@dataclass(frozen=True, slots=True, eq=False)
class MovedToCpu:
    """The GPU's memory is full: what follows is fused on the CPU."""

    engine: Engine
    finding: Finding


Filling = Generator[FusedSlice | MovedToCpu, int | None, None]
"""Yields slices; may be sent the index of the slice that is looked at now."""


def missing_slices(canvas: Canvas, engine: Engine, looked_at: int = 0, extent: Extent = "volume") -> Filling:
    """Yield the missing slices of a canvas, the nearest to the one that is looked at first.

    The canvas itself is left to whoever receives them. Where the GPU's memory does not suffice, `MovedToCpu` is yielded
    once, and the slice is fused on the CPU.

    Raises
    ------
    MemoryError
        If the computer's own memory does not suffice.
    """
    done = canvas.done.copy()
    while (index := next_slice(done, looked_at, extent)) is not None:
        try:
            image = _fuse_one(canvas, engine, index)
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error) or engine.device.type == "cpu":
                raise
            engine = _on_cpu(engine)
            sentence = "The GPU's memory is full: the rest is fused on the CPU, more slowly and with the same result."
            yield MovedToCpu(engine, Finding("warn", "device", sentence))
            continue
        done[index] = True
        now = yield FusedSlice(canvas, index, image)
        looked_at = looked_at if now is None else now


def is_out_of_memory(error: Exception) -> bool:
    """Return whether an error says that memory does not suffice, the computer's or (torch has its own) the GPU's."""
    return isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"


def _fuse_one(canvas: Canvas, engine: Engine, index: int) -> NDArray[np.float32]:
    from napari_refusion.fusion.slices import fuse_slice, slice_sources

    a, b = slice_sources(canvas.pair, canvas.windows, canvas.axis, index)
    return fuse_slice(engine.network, np.ascontiguousarray(a), np.ascontiguousarray(b))


def _on_cpu(engine: Engine) -> Engine:
    from napari_refusion.fusion.device import choose_device, prepare_cpu
    from napari_refusion.model.weights import build_fusion_net

    device = choose_device("cpu")
    prepare_cpu()
    return replace(engine, network=build_fusion_net(engine.weights, device), device=device)
