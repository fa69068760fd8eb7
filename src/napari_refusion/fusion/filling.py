"""Fusing the missing slices of a volume one by one, nearest to the reader's eye first: the only loop that fuses.

torch is imported when slices are fused, not before.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_refusion.fusion.answer import check_answer
from napari_refusion.fusion.engine import Engine, Successor
from napari_refusion.fusion.partial import Extent, PartialFusion, next_slice
from napari_refusion.fusion.slices import slice_sources
from napari_refusion.volume.affine import AXES
from napari_refusion.volume.finding import Finding


@dataclass(frozen=True, slots=True, eq=False)
class FusedSlice:
    """One finished slice of a partial fusion."""

    partial: PartialFusion
    index: int
    image: NDArray[np.float32]
    """(H, W) in [0, 1]."""
    made_with: str = ""
    """See `engine.Engine.made_with`."""


Filling = Generator[FusedSlice | Successor, int | None, None]
"""Yields slices; may be sent the index of the current slice."""


def missing_slices(partial: PartialFusion, engine: Engine, looked_at: int = 0, extent: Extent = "volume") -> Filling:
    """Yield the missing slices of a partial fusion, the nearest to the current one first.

    The partial fusion itself is left to the receiver. A `Successor` is yielded where another engine goes on: compiled
    code that is ready by now, or the CPU where the GPU's memory does not suffice.

    Raises
    ------
    MemoryError
        If the computer's own memory does not suffice.
    RefusedError
        If the engine's answer cannot be a fused slice, see `answer.check_answer`.
    """
    done = partial.done.copy()
    while (index := next_slice(done, looked_at, extent)) is not None:
        if (following := engine.successor()) is not None:
            engine = following.engine
            yield following
            continue
        indices = _at_once(partial, engine, done, looked_at) if extent == "volume" else [index]
        try:
            images = _fuse_slices(partial, engine, indices)
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error) or (other := engine.in_less_memory()) is engine:
                raise
            yield Successor(other, _in_less_memory(engine))
            engine = other
            continue
        for one, image in zip(indices, images, strict=True):
            done[one] = True
            now = yield FusedSlice(partial, one, image, engine.made_with(image.shape))
            looked_at = looked_at if now is None else now


def _at_once(partial: PartialFusion, engine: Engine, done: NDArray[np.bool_], looked_at: int) -> list[int]:
    """Return the missing slices that an engine fuses at once, the nearest to the current one first."""
    shape = np.moveaxis(partial.fused, AXES[partial.axis], 0).shape[1:]
    chosen, done = [], done.copy()
    for _ in range(engine.slices_at_once(shape)):
        if (index := next_slice(done, looked_at, "volume")) is None:
            break
        chosen.append(index)
        done[index] = True
    return chosen


def is_out_of_memory(error: Exception) -> bool:
    """Return whether an error says that memory does not suffice, the computer's or (torch has its own) the GPU's."""
    return isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"


def _in_less_memory(full: Engine) -> Finding:
    """Return why another engine goes on."""
    if full.device_name != "cpu":
        sentence = "The GPU's memory is full: the rest is fused on the CPU, more slowly and with the same result."
        return Finding("warn", "device", sentence)
    sentence = "Memory does not suffice for PyTorch: the rest is fused by compiled code, with the same result."
    return Finding("ok", "engine", sentence)


def _fuse_slices(partial: PartialFusion, engine: Engine, indices: list[int]) -> Sequence[NDArray[np.float32]]:
    sources = [slice_sources(partial.study, partial.axis, index) for index in indices]
    if len(sources) == 1:
        a, b = sources[0]
        images: Sequence[NDArray[np.float32]] = [engine.fuse(np.ascontiguousarray(a), np.ascontiguousarray(b))]
    else:
        images = engine.fuse_many(*(np.stack(column) for column in zip(*sources, strict=True)))  # type: ignore[assignment]
    for index, image, (a, b) in zip(indices, images, sources, strict=True):
        check_answer(image, a, b, engine.name, f"{partial.axis} slice {index + 1}")
    return images
