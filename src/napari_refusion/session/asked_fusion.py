"""What is asked for and what comes of it: slices that arrive, a result that is shown, a comparison, or a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psygnal import Signal

from napari_refusion.fusion.engine import Successor
from napari_refusion.fusion.filling import FusedSlice
from napari_refusion.session.fusion_queue import FusionQueue
from napari_refusion.session.messages import Compared, Message, Paired, Refused, Stage, Started
from napari_refusion.session.result import Result, Shown
from napari_refusion.volume.finding import Finding, RefusedError

if TYPE_CHECKING:
    from napari_refusion.fusion.fuse import Fused
    from napari_refusion.fusion.partial import PartialFusion
    from napari_refusion.session.runner import Runner
    from napari_refusion.session.source import Request


class AskedFusion:
    """Fuses what is asked for and says what comes of it; it knows no window.

    Everything that happens is emitted in the thread in which the `Runner` reports it.
    """

    stage = Signal(str)
    """Emitted with a sentence on what is being done, or why it is not."""
    paired = Signal(object)
    """Emitted with a `Study` that was checked anew, before the network is looked for."""
    compared = Signal(object)
    """Emitted with `Compared`, before the refusal to fuse."""
    started = Signal(object)
    """Emitted with `Started` before slices follow."""
    arrived = Signal(object)
    """Emitted with each `FusedSlice`, which is in its place in `partial` then."""
    noticed = Signal(object, str)
    """Emitted with a `Finding` on the way."""
    refused = Signal(object, bool)
    """Emitted with the findings that forbid it, and whether it was not asked for by a button."""
    ended = Signal(str, bool)
    """Emitted when nothing is left to do, see `FusionQueue.ended`."""

    def __init__(self, runner: Runner) -> None:
        self._queue = FusionQueue(runner)
        self._queue.received.connect(self._receive)
        self._queue.ended.connect(self.ended.emit)
        self._refusal: tuple[Finding, ...] = ()
        self._refused: Request | None = None
        self.result = Result()
        """What is shown."""
        self.comparing: Compared | None = None
        """The pair that was asked for last, where it is compared and not fused."""

    @property
    def request(self) -> Request | None:
        """What is being fused."""
        return self._queue.request

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being fused."""
        return self.request is None

    @property
    def is_filling(self) -> bool:
        """Whether a whole volume is being fused."""
        return self._queue.is_filling

    @property
    def shown(self) -> Shown | None:
        """What is shown now."""
        return self.result.shown

    @property
    def partial(self) -> PartialFusion | None:
        """What is shown, as far as it is fused."""
        return None if self.shown is None else self.shown.started.partial

    @property
    def _pair(self) -> Compared | Started | None:
        """What is spoken of: the pair that is compared, or the one that is shown."""
        return self.comparing or (None if self.shown is None else self.shown.started)

    def looked_at(self) -> int | None:
        """Return the index of the slice that was asked for last, None before the pair is known."""
        return self._queue.looked_at()

    def ask(self, request: Request) -> None:
        """Fuse this next."""
        self._refusal = ()
        self._queue.ask(request)

    def cancel(self) -> None:
        """Stop after the slice that is being computed."""
        self._queue.cancel()

    def close(self, why: str = "") -> None:
        """Stop at once, and say why: what is still computed is not shown any more."""
        self._queue.close()
        if why:
            self.stage.emit(why)

    def fused(self) -> Fused:
        """Return the whole result, to be written.

        Raises
        ------
        RefusedError
            If the last fusion was refused, or slices are missing.
        """
        if self._refusal:
            raise RefusedError(self._refusal)
        return self.result.fused()

    def _receive(self, message: Message) -> None:
        match message:
            case Stage(sentence):
                self.stage.emit(sentence)
            case Paired(kept):
                self.paired.emit(kept.study)
            case Compared():
                self.comparing = message
                self.compared.emit(message)
            case Started():
                self.comparing = None
                self.started.emit(message)
                self.result.begin(message, self.looked_at())
            case FusedSlice():
                # shown first: who listens may undo or clear, which must be the last word
                self.result.arrive()
                self.arrived.emit(message)
            case Successor(engine, finding):
                self.noticed.emit(finding, engine.device)
            case Refused(findings):
                self._refuse(findings)

    def _refuse(self, findings: tuple[Finding, ...]) -> None:
        self._refusal, self._refused = findings, self.request
        is_live = self.request is not None and self.request.is_live
        if is_live and [finding.rule for finding in findings] == ["slice"] and self._is_of_pair(self.request):
            # nothing new about the pair: a hand on the slider goes past its ends
            self.stage.emit(findings[0].sentence)
        else:
            self.refused.emit(findings, is_live)

    def _is_of_pair(self, request: Request | None) -> bool:
        """Return whether a request is about the images as they are spoken of: none are, or they lie where they lay."""
        pair = self._pair
        return pair is None or request is None or request.is_same_pair(pair.kept.request)
