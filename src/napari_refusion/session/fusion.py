"""The fusion of one window, one command or one notebook: what is asked for, what is shown, and how to go back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from psygnal import Signal

from napari_refusion.fusion.filling import FusedSlice, MovedToCpu
from napari_refusion.session.fusion_queue import FusionQueue
from napari_refusion.session.messages import Message, Paired, Refused, Stage, Started
from napari_refusion.session.moves import Moves, moved_request, with_move
from napari_refusion.session.runner import Runner, run_at_once
from napari_refusion.volume.finding import Finding, RefusedError, refuse

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from napari_refusion.fusion.canvas import Canvas
    from napari_refusion.fusion.fuse import Fused
    from napari_refusion.session.source import Request
    from napari_refusion.volume.rigid import RigidMove

SNAPSHOTS: Final = 5
"""Fusions that can be undone; each may hold a volume."""


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """The result that is shown."""

    started: Started
    is_coloured: bool

    @property
    def keys(self) -> tuple[str, str]:
        """Return the keys of the sources, in the order in which they were chosen."""
        return self.started.kept.request.keys

    @property
    def name(self) -> str:
        """Return what to call the pair."""
        return self.started.kept.request.name


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """What was shown and chosen before a fusion."""

    shown: Shown | None
    done: NDArray[np.bool_] | None
    """(n,) which slices there were."""
    choices: Any
    """What whoever asked wants to have back; the session does not look into it."""
    moves: Moves


class FusionSession:
    """Fuses what is asked for and says what is to be shown; it knows no window.

    Everything that happens is emitted in the thread in which the `Runner` reports it. A result is shown from the moment
    on when the wanted slice is on it: until then an older image is better than none, for it would flicker while a
    window is dragged.
    """

    stage = Signal(str)
    """Emitted with a sentence on what is being done, or why it is not."""
    paired = Signal(object)
    """Emitted with a `Pair` that was checked anew, before windows and network are looked for."""
    started = Signal(object)
    """Emitted with `Started` before slices follow."""
    arrived = Signal(object)
    """Emitted with each `FusedSlice`, which is on its canvas then."""
    noticed = Signal(object)
    """Emitted with a `Finding` on the way."""
    refused = Signal(object, bool)
    """Emitted with the findings that forbid it, and whether nobody had pressed a button for it."""
    ended = Signal(str, bool)
    """Emitted when nothing is left to do, see `FusionQueue.ended`."""
    changed = Signal(object)
    """Emitted with what is to be shown now, a `Shown`, or None for nothing."""
    recoloured = Signal(object)
    """Emitted with the same result with or without colours."""
    live_changed = Signal(bool)
    """Emitted when the session itself switched Live on or off."""

    def __init__(self, runner: Runner = run_at_once) -> None:
        self._queue = FusionQueue(runner)
        self._queue.received.connect(self._receive)
        self._queue.ended.connect(self.ended.emit)
        self._started: Started | None = None
        self._snapshots: tuple[Snapshot, ...] = ()
        self._refusal: tuple[Finding, ...] = ()
        self.shown: Shown | None = None
        """What is shown now."""
        self.moves: Moves = {}
        """Registrations that were accepted so far; replaced, never edited."""
        self.is_live = False
        """Whether slices are fused without being asked for."""
        self.is_coloured = True
        """Whether results are shown in colours where they have some."""

    @property
    def request(self) -> Request | None:
        """What is being fused."""
        return self._queue.request

    @property
    def is_filling(self) -> bool:
        """Whether a whole volume is being fused."""
        return self._queue.is_filling

    @property
    def can_undo(self) -> bool:
        """Whether there is a fusion that can be undone."""
        return bool(self._snapshots)

    @property
    def canvas(self) -> Canvas | None:
        """What is shown, as far as it is fused."""
        return None if self.shown is None else self.shown.started.canvas

    def looked_at(self) -> int | None:
        """Return the index of the slice that was asked for last, None before the pair is known."""
        return self._queue.looked_at()

    def fuse(self, request: Request, choices: Any = None) -> None:  # noqa: ANN401 - given back as it is
        """Fuse what somebody asks for; it can be undone.

        Parameters
        ----------
        choices
            Handed back by `undo`: what was chosen before.
        """
        done = None if self.shown is None else self.shown.started.canvas.done.copy()
        snapshot = Snapshot(self.shown, done, choices, self.moves)
        self._snapshots = (*self._snapshots, snapshot)[-SNAPSHOTS:]
        self.ask(request)

    def ask(self, request: Request) -> None:
        """Fuse this next, where accepted registrations put its sources."""
        self._refusal = ()
        self._queue.ask(moved_request(request, self.moves))

    def fuse_live(self, request: Request, direction: str) -> None:
        """Fuse what is looked at without being asked, unless it is there or another direction is being looked at.

        Parameters
        ----------
        direction
            Of the slices that are looked at, one of `volume.affine.AXES`.
        """
        if not self.is_live or self._is_there(request):
            return
        if self.request is not None and self.is_filling:
            # a rolled view must not stop the volume that is being filled in another direction
            request = request.with_axis(self.request.settings.axis)
        elif request.settings.axis != direction:
            self.stage.emit(f"Live fuses {request.settings.axis} slices, and these are {direction}: see Slices")
            return
        self.ask(request)

    def set_live(self, is_live: bool) -> None:
        """Fuse slices without being asked from now on, or only on demand."""
        self.is_live = is_live

    def pause_live(self) -> None:
        """Switch Live off for now."""
        self.is_live = False
        self.live_changed.emit(False)

    def set_coloured(self, is_coloured: bool) -> None:
        """Show results with or without colours."""
        self.is_coloured = is_coloured
        if self.shown is not None:
            self.shown = replace(self.shown, is_coloured=is_coloured)
            self.recoloured.emit(self.shown)

    def move(self, move: RigidMove | None) -> None:
        """Take over a registration of the shown pair, for the next fusion of it; None takes it back."""
        if self.shown is not None:
            self.moves = with_move(self.moves, self.shown.started.kept, move)

    def undo(self) -> Snapshot | None:
        """Go back to what was shown before the last fusion that was asked for; return what was chosen then."""
        if not self._snapshots:
            return None
        *rest, last = self._snapshots
        self._snapshots, self.moves = tuple(rest), last.moves
        self._queue.close()
        if last.shown is None:
            # else it would come back at once
            self.pause_live()
        elif last.done is not None:
            canvas = last.shown.started.canvas
            canvas.keep(last.done)
            self._queue.adopt(canvas)
        self._show(last.shown)
        self.stage.emit("Undone")
        return last

    def cancel(self) -> None:
        """Stop after the slice that is being computed."""
        self._queue.cancel()

    def close(self, why: str = "") -> None:
        """Stop at once, and say why: what is still computed is not shown any more."""
        self._queue.close()
        if why:
            self.stage.emit(why)

    def clear(self) -> None:
        """Stop, and show nothing: another pair comes."""
        self._queue.close()
        self._snapshots = ()
        self._show(None)

    def forget_result(self) -> None:
        """Stop: the result was deleted by whoever looked at it, and must not come back by itself."""
        self._show(None)
        self.pause_live()
        self.close("The fused layer was deleted, so Live is off now")

    def fused(self) -> Fused:
        """Return the whole result, to be written.

        Raises
        ------
        RefusedError
            If the last fusion was refused, or slices are missing.
        """
        from napari_refusion.fusion.fuse import fused_of

        if self._refusal:
            raise RefusedError(self._refusal)
        if self.shown is None or not self.shown.started.canvas.is_complete:
            raise refuse("slices", "Fuse the whole volume first: slices are missing.")
        started = self.shown.started
        return fused_of(started.canvas, started.provenance, started.colouring)

    def _receive(self, message: Message) -> None:
        match message:
            case Stage(sentence):
                self.stage.emit(sentence)
            case Paired(kept):
                self.paired.emit(kept.pair)
            case Started():
                self._begin(message)
            case FusedSlice():
                self._arrive(message)
            case MovedToCpu(_, finding):
                self.noticed.emit(finding)
            case Refused(findings):
                self._refuse(findings)

    def _begin(self, started: Started) -> None:
        self._started = started
        self.started.emit(started)
        done, index = started.canvas.done, self.looked_at()
        is_there = index is not None and 0 <= index < len(done) and bool(done[index])
        if is_there and self._is_new(started):
            self._show(Shown(started, self.is_coloured))

    def _arrive(self, message: FusedSlice) -> None:
        self.arrived.emit(message)
        if self._started is not None and self._is_new(self._started):
            self._show(Shown(self._started, self.is_coloured))

    def _refuse(self, findings: tuple[Finding, ...]) -> None:
        self._refusal = findings
        is_live = self.request is not None and self.request.is_live
        if is_live and [finding.rule for finding in findings] == ["slice"]:
            # nothing new about the pair: a hand on the slider goes past its ends
            self.stage.emit(findings[0].sentence)
        else:
            self.refused.emit(findings, is_live)

    def _show(self, shown: Shown | None) -> None:
        self.shown = shown
        self.changed.emit(shown)

    def _is_new(self, started: Started) -> bool:
        """Return whether something else is shown yet."""
        if self.shown is None:
            return True
        old = self.shown.started
        legends = [one.colouring.legend if one.colouring is not None else None for one in (old, started)]
        return old.canvas is not started.canvas or legends[0] != legends[1]

    def _is_there(self, request: Request) -> bool:
        """Return whether all slices that could be asked for are shown already, in whatever direction."""
        if self.shown is None or self.request is not None or not self.shown.started.canvas.is_complete:
            return False
        done = self.shown.started.kept.request
        return moved_request(request, self.moves).is_same_work(done.with_axis(request.settings.axis))
