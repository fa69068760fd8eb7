"""One fusion at a time: the newest request wins, and finished slices are kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from psygnal import Signal

from napari_refusion.fusion.engine import Successor
from napari_refusion.fusion.filling import FusedSlice
from napari_refusion.session.fusing import fuse_request
from napari_refusion.session.messages import Compared, Message, Paired, Refused, Started
from napari_refusion.session.source import Request

if TYPE_CHECKING:
    from napari_refusion.fusion.partial import PartialFusion
    from napari_refusion.session.preparing import FusionCache
    from napari_refusion.session.runner import Runner, Running

PARTIALS: Final = 3
"""Canvases that are kept, so that going back to earlier windows or weights shows their slices at once."""


class FusionQueue:
    """Fuses what is asked for.

    A request for another place goes to the fusion that is running; any other one stops it and is begun when it has
    ended, for two at once would only slow each other down. Answers to older requests never reach what is shown.
    """

    received = Signal(object)
    """Emitted with every `Message`; a fused slice is in its place then."""
    ended = Signal(str, bool)
    """Emitted when nothing is left to do, with ``finished``, ``cancelled``, ``failed`` or ``closed``, and with whether
    neighbours were fused ahead."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._job: Running | None = None
        self._next: Request | None = None
        self._partial: PartialFusion | None = None
        self._partials: tuple[PartialFusion, ...] = ()
        self.request: Request | None = None
        """What is being fused."""
        self.kept: FusionCache | None = None
        """What the last fusion prepared."""

    @property
    def is_filling(self) -> bool:
        """Whether a whole volume is being fused."""
        return self.request is not None and self.request.extent == "volume"

    @property
    def device(self) -> str:
        """What the last fusion was asked to run on; empty before the first."""
        return "" if self.kept is None else self.kept.request.settings.device

    def ask(self, request: Request) -> None:
        """Fuse this next; what is running is redirected or stopped."""
        if self._job is None or self.request is None:
            self._begin(request)
        elif self._awaits_volume(request):
            # one moves on while what is running comes to its end
            self._next = replace(request, extent="volume", is_live=False)
        elif request.extent != "volume" and request.is_same_work(self.request):
            # an older request must not come back later
            self._next = None
            self.request = replace(self.request, place=request.place)
            self._redirect()
        else:
            self._next = request
            self._job.cancel()

    def _awaits_volume(self, request: Request) -> bool:
        """Return whether a volume was asked for that a request for a slice belongs to, and has not begun."""
        awaited = self._next
        is_slice = request.extent != "volume"
        return is_slice and awaited is not None and awaited.extent == "volume" and request.is_same_work(awaited)

    def cancel(self) -> None:
        """Stop after the slice that is being computed."""
        self._next = None
        if self._job is not None:
            self._job.cancel()

    def close(self) -> None:
        """Stop; a thread ends by itself after the slice that it is at."""
        self._next = None
        if self._job is not None:
            self._job.close()

    def keep_first(self, partial: PartialFusion) -> None:
        """Keep a partial fusion as the one used last."""
        others = tuple(other for other in self._partials if other is not partial)
        self._partials = (partial, *others)[:PARTIALS]

    def looked_at(self) -> int | None:
        """Return the index of the slice that was asked for last, None before the pair is known."""
        if self._partial is None or self.request is None:
            return None
        return self.request.place(self._partial.study.grid, self._partial.axis)

    def _begin(self, request: Request) -> None:
        self.request, self._partial = request, None
        self._job = self._runner(fuse_request, (request, self.kept, self._partials), self._receive, self._end)
        # only now: a runner in this thread has ended when `start` returns
        self._job.start()

    def _receive(self, message: Message) -> None:
        match message:
            case Paired(kept):
                self.kept = kept
            case Compared(kept):
                self.kept = kept
            case Started():
                self._start(message)
            case FusedSlice(partial, index, image, made_with):
                partial.put(index, image, made_with)
            case Successor(engine) if self.kept is not None:
                self.kept = replace(self.kept, engine=engine)
            case Refused():
                # what is missing then is refused, not forgotten: asked for again, it would be refused for ever
                self._partial = None
        self.received.emit(message)
        if isinstance(message, FusedSlice) and self.is_filling and self._job is not None:
            self._job.advance()

    def _start(self, started: Started) -> None:
        self.kept, self._partial = started.kept, started.partial
        self.keep_first(started.partial)
        if self.is_filling and self._job is not None:
            missing = int((~started.partial.done).sum())
            self._job.announce(missing, "ReFusion")
        self._redirect()

    def _redirect(self) -> None:
        """Say which slice is the current one."""
        if self._job is not None and (index := self.looked_at()) is not None:
            self._job.send(index)

    def _end(self, end: str) -> None:
        last, partial, index = self.request, self._partial, self.looked_at()
        self._job, self.request = None, None
        request, self._next = self._next, None
        if request is None and end == "finished" and last is not None and partial is not None and index is not None:
            # a wish that came when the fusion was about to end
            missed = 0 <= index < len(partial.done) and not partial.done[index]
            request = replace(last, extent="slice") if missed else None
        if request is not None:
            self._begin(request)
        else:
            self.ended.emit(end, last is not None and last.extent == "near")
