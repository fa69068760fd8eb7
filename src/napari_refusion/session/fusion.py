"""The fusion of one window, one command or one notebook: what is asked for, what is shown, and how to go back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psygnal import Signal

from napari_refusion.fusion.engine import Successor
from napari_refusion.fusion.filling import FusedSlice
from napari_refusion.session.fusion_queue import FusionQueue
from napari_refusion.session.history import Snapshot, remembered
from napari_refusion.session.live import is_there, live_request
from napari_refusion.session.messages import Compared, Message, Paired, Refused, Stage, Started
from napari_refusion.session.moves import Moves, Reasons, decided_request, with_move
from napari_refusion.session.result import Result, Shown
from napari_refusion.session.runner import Runner, run_at_once
from napari_refusion.study.pairing import reason_of
from napari_refusion.volume.finding import Finding, RefusedError

if TYPE_CHECKING:
    from napari_refusion.fusion.fuse import Fused
    from napari_refusion.fusion.partial import PartialFusion
    from napari_refusion.session.source import Request
    from napari_refusion.study.study import Study
    from napari_refusion.volume.rigid import RigidMove


class FusionSession:
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
    live_changed = Signal(bool)
    """Emitted when the session itself switched Live on or off."""

    def __init__(self, runner: Runner = run_at_once) -> None:
        self._queue = FusionQueue(runner)
        self._queue.received.connect(self._receive)
        self._queue.ended.connect(self.ended.emit)
        self._snapshots: tuple[Snapshot, ...] = ()
        self._there: frozenset[str] | None = None
        self._refusal: tuple[Finding, ...] = ()
        self.result = Result()
        """What is shown."""
        self.moves: Moves = {}
        """Registrations that were accepted so far; replaced, never edited."""
        self._reasons: Reasons = {}
        self._refused: Request | None = None
        self.comparing: Compared | None = None
        """The pair that was asked for last, where it is compared and not fused."""
        self.is_live = False
        """Whether slices are fused without being asked for."""

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
    def can_undo(self) -> bool:
        """Whether there is a choice or a fusion that can be undone."""
        return bool(self._snapshots)

    @property
    def partial(self) -> PartialFusion | None:
        """What is shown, as far as it is fused."""
        return None if self.shown is None else self.shown.started.partial

    def looked_at(self) -> int | None:
        """Return the index of the slice that was asked for last, None before the pair is known."""
        return self._queue.looked_at()

    def fuse(self, request: Request, choices: Any = None) -> None:  # noqa: ANN401 - given back as it is
        """Fuse what the user asks for; it can be undone.

        Parameters
        ----------
        choices
            Handed back by `undo`: what was chosen before.
        """
        shown = self.shown
        if shown is not None and self._there is not None and not self._there.issuperset(shown.keys):
            shown = None  # its images are gone, and it must not come back beside another pair
        done = None if shown is None else shown.started.partial.done.copy()
        keys = frozenset(request.keys) | frozenset(() if shown is None else shown.keys)
        self._snapshots = remembered(self._snapshots, Snapshot(shown, done, choices, self.moves, keys))
        self.ask(request)

    def note(self, choices: Any, keys: frozenset[str]) -> None:  # noqa: ANN401 - given back as it is
        """Remember what was chosen before something else was: `undo` gives it back and leaves what is shown.

        Parameters
        ----------
        keys
            Of the images that these choices need.
        """
        self._snapshots = remembered(self._snapshots, Snapshot(None, None, choices, self.moves, keys, is_choice=True))

    def prune(self, there: frozenset[str]) -> None:
        """Forget what can no longer be undone: of images that are not there any more."""
        self._there = there
        self._snapshots = tuple(one for one in self._snapshots if one.keys <= there)

    def ask(self, request: Request) -> None:
        """Fuse this next, where accepted registrations put its sources."""
        self._refusal = ()
        self._queue.ask(self.decided(request))

    def decided(self, request: Request) -> Request:
        """Return a request with what the reader decided about its pair."""
        return decided_request(request, self.moves, self._reasons)

    def pair_two_patients(self, reason: str) -> None:
        """Pair the images that were refused last although they are of two patients, and fuse what was asked for.

        Raises
        ------
        RefusedError
            Without a reason.
        """
        if not (words := reason_of(reason or " ")) or self._refused is None:
            return
        self._reasons = {**self._reasons, frozenset(self._refused.keys): words}
        self.ask(self._refused)

    def reason_for(self, keys: frozenset[str]) -> str:
        """Return why two images are paired although they are of two patients; empty where nothing was said."""
        return self._reasons.get(keys, "")

    def reopen(self, request: Request, moves: Moves, two_patients: str = "") -> None:
        """Go on with a pair where it was left: with registrations that were accepted, and slices that are finished."""
        self.clear()
        self.moves = dict(moves)
        self._reasons = {frozenset(request.keys): two_patients} if two_patients else {}
        self.ask(request)

    def fuse_live(self, request: Request, direction: str) -> None:
        """Fuse the current slice without being asked, unless it is there or another direction is being viewed.

        Parameters
        ----------
        direction
            Of the current slices, one of `volume.affine.AXES`.
        """
        moved = self.decided(request)
        if not self.is_live or (self.request is None and is_there(moved, self.shown, self._queue.device)):
            return
        wanted = live_request(request, self.request, direction)
        if isinstance(wanted, str):
            self.stage.emit(wanted)
        else:
            self.ask(wanted)

    def set_live(self, is_live: bool) -> None:
        """Fuse slices without being asked from now on, or only on demand."""
        self.is_live = is_live

    def pause_live(self) -> None:
        """Switch Live off for now."""
        self.is_live = False
        self.live_changed.emit(False)

    def move(self, move: RigidMove | None, study: Study | None = None) -> None:
        """Take over a registration of a pair, for the next fusion of it; None takes it back.

        Parameters
        ----------
        study
            The pair that was registered; None for the one that is shown.
        """
        pair = self.comparing or (None if self.shown is None else self.shown.started)
        study = study or (None if pair is None else pair.kept.study)
        if study is not None:
            self.moves = with_move(self.moves, study, move)

    def undo(self) -> Snapshot | None:
        """Go back to what was chosen before the last choice, or shown before the last fusion; return what it was."""
        if not self._snapshots:
            return None
        *rest, last = self._snapshots
        self._snapshots, self.moves = tuple(rest), last.moves
        if last.is_choice:
            return last
        self._refusal = ()
        self._queue.close()
        if last.shown is None:
            # else it would come back at once
            self.pause_live()
        elif last.done is not None:
            partial = last.shown.started.partial
            partial.keep(last.done)
            self._queue.keep_first(partial)
        self.result.show(last.shown)
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
        self._snapshots, self._refusal, self.comparing = (), (), None
        self.result.show(None)

    def forget_pair(self) -> None:
        """Show and undo nothing of an examination that was closed; another one that is being fused goes on."""
        self._snapshots = ()
        self.result.show(None)

    def forget_result(self) -> None:
        """Stop: the result was deleted by the user, and must not come back by itself."""
        self.result.show(None)
        self.pause_live()
        self.close("The fused layer was deleted, so Live is off now")

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
        pair = self.comparing or (None if self.shown is None else self.shown.started)
        return pair is None or request is None or request.is_same_pair(pair.kept.request)
