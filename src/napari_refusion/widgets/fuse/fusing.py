"""One fusion at a time in a worker: the newest request wins, and finished slices are kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from qtpy.QtCore import QObject, Signal

from napari_refusion.volume.affine import AXES
from napari_refusion.widgets.fuse.job import fuse_layers
from napari_refusion.widgets.fuse.messages import FusedSlice, Kept, Message, Moved, Refused, Request, Stage, Started
from napari_refusion.widgets.worker import Job
from napari_refusion.widgets.world import slice_index

if TYPE_CHECKING:
    from napari_refusion.fusion.canvas import Canvas

CANVASES: Final = 3
"""Canvases that are kept, so that going back to earlier windows or weights shows their slices at once."""


class Fusing(QObject):
    """Fuses what is asked for.

    A request for another place goes to the running job; any other one stops it and is begun when it has ended, for two
    jobs at once would only slow each other down. Answers to older requests never reach the shown canvas.
    """

    stage = Signal(str)
    """Emitted with a sentence on what is being done."""
    started = Signal(object)
    """Emitted with `Started` before slices follow."""
    arrived = Signal(object)
    """Emitted with each `FusedSlice`, which is on its canvas then."""
    noticed = Signal(object)
    """Emitted with a `Finding` on the way."""
    refused = Signal(object)
    """Emitted with the findings that forbid it."""
    ended = Signal(str, bool)
    """Emitted when nothing is left to do, with ``finished``, ``cancelled``, ``failed`` or ``closed``, and with whether
    neighbours were fused ahead."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._job: Job | None = None
        self._running: Request | None = None
        self._next: Request | None = None
        self._canvas: Canvas | None = None
        self._kept: Kept | None = None
        self._canvases: tuple[Canvas, ...] = ()

    @property
    def is_filling(self) -> bool:
        """Whether a whole volume is being fused."""
        return self._running is not None and self._running.extent == "volume"

    @property
    def request(self) -> Request | None:
        """What is being fused."""
        return self._running

    @property
    def kept(self) -> Kept | None:
        """What the last job prepared."""
        return self._kept

    def ask(self, request: Request) -> None:
        """Fuse this next; what is running is redirected or stopped."""
        if self._job is None or self._running is None:
            self._begin(request)
        elif request.extent != "volume" and request.is_same_work(self._running):
            # an older request must not come back later
            self._next = None
            self._running = replace(self._running, point=request.point)
            self._redirect(self._job)
        else:
            self._next = request
            self._job.cancel()

    def cancel(self) -> None:
        """Stop after the slice that is being computed."""
        self._next = None
        if self._job is not None:
            self._job.cancel()

    def close(self) -> None:
        """Stop; its thread ends by itself after the slice that it is at."""
        self._next = None
        if self._job is not None:
            self._job.close()

    def adopt(self, canvas: Canvas) -> None:
        """Keep a canvas as the one used last."""
        others = tuple(other for other in self._canvases if other is not canvas)
        self._canvases = (canvas, *others)[:CANVASES]

    def advance(self) -> None:
        """Move the bar in napari's activity dock by one slice."""
        if self._job is not None:
            self._job.advance()

    def _begin(self, request: Request) -> None:
        self._running, self._canvas = request, None
        self._job = Job(self, fuse_layers, request, self._kept, self._canvases)
        self._job.message.connect(self._receive)
        self._job.ended.connect(self._end)
        self._job.start()

    def _receive(self, message: Message) -> None:
        match message:
            case Stage(sentence):
                self.stage.emit(sentence)
            case Started():
                self._start(message)
            case FusedSlice():
                message.canvas.put(message.index, message.image)
                self.arrived.emit(message)
            case Moved():
                self._kept = message.kept
                self.noticed.emit(message.finding)
            case Refused():
                self._kept = message.kept or self._kept
                self.refused.emit(message.findings)

    def _start(self, started: Started) -> None:
        self._kept, self._canvas = started.kept, started.canvas
        self.adopt(started.canvas)
        if self.is_filling and self._job is not None:
            missing = int((~started.canvas.done).sum())
            self._job.announce(missing, "ReFusion")
        if self._job is not None:
            self._redirect(self._job)
        self.started.emit(started)

    def _redirect(self, job: Job) -> None:
        """Tell the job which slice is looked at now."""
        if (index := self.looked_at()) is not None:
            job.send(index)

    def looked_at(self) -> int | None:
        """Return the index of the slice that was asked for last, None before the pair is known."""
        if self._canvas is None or self._running is None:
            return None
        fixed = self._canvas.pair.fixed
        return slice_index(self._running.point, AXES[self._canvas.axis], fixed.grid)

    def _end(self, end: str) -> None:
        last, canvas, index = self._running, self._canvas, self.looked_at()
        self._job, self._running = None, None
        request, self._next = self._next, None
        if request is None and end == "finished" and last is not None and canvas is not None and index is not None:
            # a wish that came when the job was about to end
            missed = 0 <= index < len(canvas.done) and not canvas.done[index]
            request = replace(last, extent="slice") if missed else None
        if request is not None:
            self._begin(request)
        else:
            self.ended.emit(end, last is not None and last.extent == "near")
