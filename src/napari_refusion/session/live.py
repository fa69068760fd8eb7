"""What Live fuses without being asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_refusion.session.result import Shown
    from napari_refusion.session.source import Request


def is_there(request: Request, shown: Shown | None, device: str) -> bool:
    """Return whether all slices that could be asked for are shown already, in whatever direction.

    Parameters
    ----------
    device
        That was asked for last: what is shown may have been begun on one device and gone on with on another.
    """
    if shown is None or not shown.started.partial.is_complete or request.settings.device != device:
        return False
    done = shown.started.kept.request
    return request.is_same_work(done.with_axis(request.settings.axis))


def live_request(request: Request, running: Request | None, direction: str) -> Request | str:
    """Return what to fuse, or why there is nothing that would be seen.

    Parameters
    ----------
    running
        What is being fused now.
    direction
        Of the current slices, one of `volume.affine.AXES`.
    """
    if running is not None and running.extent == "volume":
        # a rolled view must not stop the volume that is being filled in another direction
        return request.with_axis(running.settings.axis)
    if request.settings.axis != direction:
        return f"Live fuses {request.settings.axis} slices, but these are {direction}: see Slices"
    return request
