"""A fusion from the request to its last slice, as a generator that any thread can run.

torch and MONAI are imported when it runs, never when a window opens.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from napari_refusion.fusion.engines import PYTORCH
from napari_refusion.fusion.filling import is_out_of_memory, missing_slices
from napari_refusion.session.messages import Refused, Started, Work
from napari_refusion.session.preparing import FusionCache, prepare
from napari_refusion.session.source import Request
from napari_refusion.volume.affine import AXES
from napari_refusion.volume.finding import Finding, RefusedError, refuse

if TYPE_CHECKING:
    from napari_refusion.fusion.partial import PartialFusion
    from napari_refusion.study.study import Study


def fuse_request(request: Request, kept: FusionCache | None = None, partials: Iterable[PartialFusion] = ()) -> Work:
    """Yield what happens while two sources are fused: stages, `Paired`, `Started` and slices, or `Refused`.

    Slices that a partial fusion of the same pair, windows and weights has already are not fused again. The next slice
    is always the missing one nearest to the current one.
    """
    try:
        kept = yield from prepare(request, kept)
        yield from _run(kept, tuple(partials))
    except RefusedError as error:
        yield Refused(error.findings)
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        sentence = "Crop the sources, make them coarser or close programs, for this computer's memory does not suffice"
        needed = str(error).rstrip(".")
        yield Refused((Finding("block", "memory", f"{sentence}: {needed}." if needed else f"{sentence}.", needed),))


def _run(kept: FusionCache, partials: tuple[PartialFusion, ...]) -> Work:
    """Yield the slices of a checked study."""
    from napari_refusion.fusion.colouring import choose_colouring
    from napari_refusion.fusion.partial import find_partial, new_partial
    from napari_refusion.fusion.preparation import plan_with
    from napari_refusion.fusion.provenance import describe_origin

    assert kept.engine is not None
    study, request, engine = kept.study, kept.request, kept.engine
    plan = plan_with(engine, study, request.settings.axis)
    wanted = new_partial(study, plan.axis, engine.identity)
    made_with = engine.made_with(np.moveaxis(wanted.fused, AXES[plan.axis], 0).shape[1:])
    if request.settings.device == PYTORCH:  # who asks for it alone wants no slice of compiled code
        partials = tuple(one for one in partials if one.made_with <= {made_with})
    partial = find_partial(partials, wanted)
    looked_at = request.place(study.grid, plan.axis)
    if request.extent != "volume" and not 0 <= looked_at < len(partial.done):
        raise _outside(study, plan.axis, looked_at)
    colouring = choose_colouring(study, request.settings.palette)
    findings = (*study.findings, *plan.findings, *_take_over(request, partial, made_with))
    yield Started(kept, partial, findings, engine.device, describe_origin(study, plan), colouring)
    yield from missing_slices(partial, engine, looked_at, request.extent)


def _take_over(request: Request, partial: PartialFusion, made_with: str) -> tuple[Finding, ...]:
    """Put slices that were fused earlier in their places; return why some or all of them were not.

    Parameters
    ----------
    made_with
        See `earlier_slices.without_outdated`.
    """
    from napari_refusion.fusion.earlier_slices import without_outdated

    if request.finished is None:
        return ()
    if other := request.finished.differs(partial):
        sentence = f"Fuse this pair again: the fused slices that were saved are not shown, for {other} changed since."
        return (Finding("warn", "session", sentence, other),)
    current = without_outdated(request.finished, partial, made_with)
    current.put_into(partial)
    had, left = (int(one.done.sum()) for one in (request.finished, current))
    if left == had:
        return ()
    sentence = (
        f"Fuse this pair again: {had - left} of {had} fused slices that were saved are not shown, for an earlier "
        "version fused them, which hid what is near the edges of a slice."
    )
    return (Finding("warn", "session", sentence, f"{had - left} of {had} slices"),)


def _outside(study: Study, axis: str, index: int) -> RefusedError:
    count = study.grid.count(axis)
    sentence = (
        f"The viewer is outside the {count} {axis} slices of {study.fixed.name}: move the slider to where both volumes "
        "are."
    )
    return refuse("slice", sentence, f"slice {index + 1} of {count}")
