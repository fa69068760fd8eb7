"""What the Fuse widget computes, free of any window: a request in, messages out.

torch and MONAI are imported when the job runs, never when the widget opens.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from napari_refusion.volume.affine import AXES
from napari_refusion.volume.finding import Finding, RefusedError, blocking, refuse
from napari_refusion.volume.volume import Volume
from napari_refusion.volume.window import volume_window
from napari_refusion.widgets.fuse.messages import (
    FusedSlice,
    Kept,
    Message,
    Moved,
    Refused,
    Request,
    Stage,
    Started,
    Work,
)
from napari_refusion.widgets.layers import checksum, to_volume
from napari_refusion.widgets.world import slice_index

if TYPE_CHECKING:
    from napari_refusion.fusion.canvas import Canvas, Extent
    from napari_refusion.numerics.intensity import Window
    from napari_refusion.volume.pair import Pair


def fuse_layers(request: Request, kept: Kept | None = None, canvases: Iterable[Canvas] = ()) -> Work:
    """Yield what happens while two layers are fused: stages, `Started` and slices, or `Refused`.

    Slices that a canvas of the same pair, windows and weights has already are not fused again. The next slice is always
    the missing one nearest to the one that is looked at.
    """
    try:
        kept = yield from _prepare(request, kept)
        if blocking(kept.pair.findings):
            raise RefusedError(kept.pair.findings)
        kept = yield from _choose(request, kept)
        yield from _run(request, kept, tuple(canvases))
    except RefusedError as error:
        yield Refused(error.findings, kept)
    except (MemoryError, RuntimeError) as error:
        if not _is_out_of_memory(error):
            raise
        sentence = "The volumes do not fit into this computer's memory: crop them or fuse at a coarser reference grid."
        yield Refused((Finding("block", "memory", sentence),), kept)


def _prepare(request: Request, kept: Kept | None) -> Generator[Message, int | None, Kept]:
    """Return the pair to be fused: the one at hand where it is still the same, or else a new one."""
    same = kept is not None and request.is_same_pair(kept.request)
    if kept is not None and same and request.extent != "volume":
        return kept
    yield Stage("Reading the layers ...")
    sources = request.first, request.second
    first, second = (to_volume(source.image, source.modality) for source in sources)
    checksums = checksum(first.data), checksum(second.data)
    # somebody may have changed voxels in place, which napari does not tell
    if kept is not None and same and checksums == kept.checksums:
        return kept
    yield Stage("Aligning and checking the pair ...")
    return Kept(request, checksums, (first, second), pair_up((first, second), request))


def pair_up(volumes: tuple[Volume, Volume], request: Request) -> Pair:
    """Return two volumes as a checked pair."""
    from napari_refusion.volume.pair import pair_volumes

    settings, moves = request.settings, (request.first.move, request.second.move)
    return pair_volumes(*volumes, settings.task, settings.reference or None, moves)  # type: ignore[arg-type]


def _choose(request: Request, kept: Kept) -> Generator[Message, int | None, Kept]:
    """Return the pair with the windows and the network that are asked for."""
    from napari_refusion.fusion.engines import start_engine

    old, new = kept.request.settings, request.settings
    windows = _windows(request, kept)
    engine = kept.engine
    chosen = new.task, new.weights, new.device, new.engine
    if engine is None or (old.task, old.weights, old.device, old.engine) != chosen:
        yield Stage("Loading the network ...")
        engine = start_engine(*chosen)
    return replace(kept, request=request, windows=windows, engine=engine)


def _windows(request: Request, kept: Kept) -> tuple[Window, Window]:
    """Return the windows of both volumes in the order in which they were chosen; old ones where they still hold."""
    olds = kept.windows or (None, None)
    before = kept.request.first.window, kept.request.second.window
    now = request.first.window, request.second.window
    first, second = (
        old if old is not None and was == choice else volume_window(volume, choice)
        for volume, choice, was, old in zip(kept.volumes, now, before, olds, strict=True)
    )
    return first, second


def _run(request: Request, kept: Kept, canvases: tuple[Canvas, ...]) -> Work:
    """Yield the slices of a checked pair."""
    from napari_refusion.fusion.canvas import empty_canvas, find_canvas
    from napari_refusion.fusion.colouring import choose_colouring
    from napari_refusion.fusion.preparation import plan_with
    from napari_refusion.fusion.provenance import describe_origin

    assert kept.engine is not None
    assert kept.windows is not None
    pair = kept.pair
    plan = plan_with(kept.engine, pair, kept.windows, request.settings.axis)
    canvas = find_canvas(canvases, empty_canvas(pair, plan.windows, plan.axis, plan.engine.identity))
    looked_at = slice_index(request.point, AXES[plan.axis], pair.fixed.grid)
    if request.extent != "volume" and not 0 <= looked_at < len(canvas.done):
        raise _outside(pair, plan.axis, looked_at)
    colouring = choose_colouring(pair, plan.windows, request.settings.palette)
    findings = (*pair.findings, *plan.findings)
    yield Started(kept, canvas, findings, plan.engine.device, describe_origin(pair, plan), colouring)
    yield from _fill(canvas, kept, looked_at, request.extent)


def _fill(canvas: Canvas, kept: Kept, looked_at: int, extent: Extent) -> Work:
    """Yield the missing slices of a canvas, nearest first; the canvas itself is left to whoever receives them."""
    from napari_refusion.fusion.canvas import next_slice

    done = canvas.done.copy()
    while (index := next_slice(done, looked_at, extent)) is not None:
        try:
            image = _fuse_one(canvas, kept, index)
        except (MemoryError, RuntimeError) as error:
            if not (_is_out_of_memory(error) and _is_on_gpu(kept)):
                raise
            kept = _on_cpu(kept)
            sentence = "The GPU's memory is full: the rest is fused on the CPU, more slowly and with the same result."
            yield Moved(kept, Finding("warn", "device", sentence))
            continue
        done[index] = True
        now = yield FusedSlice(canvas, index, image)
        looked_at = looked_at if now is None else now


def _fuse_one(canvas: Canvas, kept: Kept, index: int) -> NDArray[np.float32]:
    from napari_refusion.fusion.slices import slice_sources

    assert kept.engine is not None
    a, b = slice_sources(canvas.pair, canvas.windows, canvas.axis, index)
    return kept.engine.fuse(np.ascontiguousarray(a), np.ascontiguousarray(b))


def _is_on_gpu(kept: Kept) -> bool:
    return kept.engine is not None and kept.engine.device_name != "cpu"


def _on_cpu(kept: Kept) -> Kept:
    from napari_refusion.fusion.engines import start_engine

    settings = kept.request.settings
    return replace(kept, engine=start_engine(settings.task, settings.weights, "cpu", settings.engine))


def _is_out_of_memory(error: Exception) -> bool:
    return isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"


def _outside(pair: Pair, axis: str, index: int) -> RefusedError:
    count = pair.fixed.shape[AXES[axis]]
    sentence = (
        f"The viewer shows a place outside {pair.fixed.name}, whose {count} {axis} slices are fused on: move the "
        "slider to where both volumes are."
    )
    return refuse("slice", sentence, f"slice {index + 1} of {count}")
