"""The fusion of one window, one command or one notebook: what the reader decides, Live, and how to go back.

What is asked for and what comes of it is in `asked_fusion`, what can be undone in `history`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psygnal import Signal

from napari_refusion.session.asked_fusion import AskedFusion
from napari_refusion.session.history import History, Snapshot
from napari_refusion.session.live import is_there, live_request
from napari_refusion.session.messages import Paired
from napari_refusion.session.moves import (
    Moves,
    Reasons,
    Voxels,
    are_exchanged,
    decided_request,
    move_of,
    voxels_of,
    with_move,
)
from napari_refusion.session.runner import Runner, run_at_once
from napari_refusion.study.pairing import reason_of

if TYPE_CHECKING:
    from napari_refusion.session.messages import Message
    from napari_refusion.session.preparing import FusionCache
    from napari_refusion.session.source import Request
    from napari_refusion.study.study import Study
    from napari_refusion.volume.rigid import RigidMove


class FusionSession(AskedFusion):
    """Fuses pairs as a reader decided about them, on demand or by itself, and goes back; it knows no window."""

    lapsed = Signal(object)
    """Emitted with a `RigidMove` that was accepted for other voxels than its images have now, and counts no more."""
    live_changed = Signal(bool)
    """Emitted when the session itself switched Live on or off."""

    def __init__(self, runner: Runner = run_at_once) -> None:
        super().__init__(runner)
        self.history = History()
        """What can be undone."""
        self.moves: Moves = {}
        """Registrations that were accepted so far; replaced, never edited."""
        self._registered: dict[tuple[frozenset[str], RigidMove], Voxels] = {}
        """Keys of a pair and its accepted registration -> the voxels that were registered."""
        self._reasons: Reasons = {}
        self.is_live = False
        """Whether slices are fused without being asked for."""

    @property
    def can_undo(self) -> bool:
        """Whether there is a choice or a fusion that can be undone."""
        return bool(self.history.steps)

    def fuse(self, request: Request, choices: Any = None) -> None:  # noqa: ANN401 - given back as it is
        """Fuse what the user asks for; it can be undone.

        Parameters
        ----------
        choices
            Handed back by `undo`: what was chosen before.
        """
        self.history.note_fusion(self.shown, choices, self.moves, frozenset(request.keys))
        self.ask(request)

    def note(self, choices: Any, keys: frozenset[str]) -> None:  # noqa: ANN401 - given back as it is
        """Remember what was chosen before something else was: `undo` gives it back and leaves what is shown.

        Parameters
        ----------
        keys
            Of the images that these choices need.
        """
        self.history.note_choice(choices, self.moves, keys)

    def ask(self, request: Request) -> None:
        """Fuse this next, where accepted registrations put its sources."""
        super().ask(self.decided(request))

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
        pair = self._pair
        study = study or (None if pair is None else pair.kept.study)
        if study is not None:
            self.moves = with_move(self.moves, study, move)
            keys = frozenset(side.key for side in study.sides)
            if move is not None and pair is not None and keys == frozenset(pair.kept.request.keys):
                self._registered[keys, move] = voxels_of(pair.kept.request, study)

    def undo(self) -> Snapshot | None:
        """Go back to what was chosen before the last choice, or shown before the last fusion; return what it was."""
        if (last := self.history.take()) is None:
            return None
        self.moves = last.moves
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

    def clear(self) -> None:
        """Stop, and show nothing: another pair comes."""
        self._queue.close()
        self.history.clear()
        self._refusal, self.comparing = (), None
        self.result.show(None)

    def forget_pair(self) -> None:
        """Show and undo nothing of an examination that was closed; another one that is being fused goes on."""
        self.history.clear()
        self.result.show(None)

    def forget_result(self) -> None:
        """Stop: the result was deleted by the user, and must not come back by itself."""
        self.result.show(None)
        self.pause_live()
        self.close("The fused layer was deleted, so Live is off now")

    def _receive(self, message: Message) -> None:
        super()._receive(message)
        if isinstance(message, Paired):
            self._judge_move(message.kept)

    def _judge_move(self, kept: FusionCache) -> None:
        """Let go of a registration that was accepted for other voxels, and fuse where the images lie."""
        keys = frozenset(kept.request.keys)
        request, move = self.request, move_of(self.moves, keys)
        if move is None or request is None:
            return
        now = voxels_of(kept.request, kept.study)
        if not are_exchanged(self._registered.setdefault((keys, move), now), now):
            return
        self.moves = with_move(self.moves, kept.study, None)
        self.lapsed.emit(move)
        self.ask(request.with_moves(None, None))
