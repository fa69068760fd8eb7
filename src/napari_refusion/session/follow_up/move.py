"""How a baseline is laid on a follow-up: a move that is looked for on request and used once the reader accepted it."""

from __future__ import annotations

from collections.abc import Generator
from threading import Event
from typing import TYPE_CHECKING

from napari_refusion.session.accepted_moves import AcceptedMoves
from napari_refusion.session.move_search import MoveSearch
from napari_refusion.session.proposing import Refusal
from napari_refusion.session.runner import Runner, run_at_once
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.registration.register import RegistrationStep, register_rigidly
from napari_refusion.volume.rigid import matrix_of

if TYPE_CHECKING:
    from napari_refusion.volume.affine import Affine
    from napari_refusion.volume.rigid import RigidMove
    from napari_refusion.volume.volume import Volume

FROM_FILES = "The baseline lies where its files place it: nothing was registered."


class FollowUpMove(MoveSearch["RigidMove"]):
    """Looks for the move from a baseline to a follow-up; the reader accepts it, discards it, or takes it back."""

    def __init__(self, runner: Runner = run_at_once, accepted: AcceptedMoves | None = None) -> None:
        super().__init__(runner)
        self._accepted = AcceptedMoves() if accepted is None else accepted
        self._volumes: tuple[Volume, Volume] | None = None
        self.move: RigidMove | None = None
        """What the reader accepted; None for the places in the files."""

    @property
    def can_register(self) -> bool:
        """Whether there are two volumes, and nothing is under way or to be decided."""
        return self._volumes is not None and not self.is_running and self.proposal is None

    @property
    def matrix(self) -> Affine:
        """Return the move that counts, (4, 4) RAS+ mm: from places of the baseline to those of the follow-up."""
        return matrix_of(self.move)

    @property
    def seen(self) -> RigidMove | None:
        """Return the move with which the baseline is shown: the proposal while there is one."""
        return self.move if self.proposal is None else self.proposal

    def show(self, volumes: tuple[Volume, Volume] | None) -> None:
        """Begin with the volume that stays and the one that is moved, as the reader left them; None for none."""
        self._drop()
        self._volumes, self.move = volumes, self._accepted.of(volumes)
        self.stage.emit("" if volumes is None else self._decided())
        self.changed.emit()

    def register(self) -> None:
        """Look for the move with which the two agree best."""
        if self._volumes is None or self.is_running:
            return
        self._drop()
        self._begin(_looking, self._volumes, "Preparing the volumes ...", self._receive)

    def cancel(self) -> None:
        """Stop looking; nothing is moved."""
        if self._job is not None:
            self._stopped.set()
            self._job.cancel()

    def accept(self) -> None:
        """Use the proposal from now on."""
        if self.proposal is not None:
            move, self.proposal = self.proposal, None
            self._decide(move)

    def undo(self) -> None:
        """Take the accepted move back."""
        if self.move is not None:
            self._drop()
            self._decide(None)

    def _decide(self, move: RigidMove | None) -> None:
        self.move = move
        if self._volumes is not None:
            self._accepted.take(self._volumes, move)
        self.stage.emit(self._decided())
        self.changed.emit()

    def _decided(self) -> str:
        if self.move is None:
            return FROM_FILES
        return f"Accepted: the baseline, {self.move.moving}, {self.move.words}, and what lies beside it."

    def _receive(self, message: RegistrationStep | RigidMove | Refusal) -> None:
        if isinstance(message, RegistrationStep):
            self.stage.emit(message.words)
        elif isinstance(message, Refusal):
            self.stage.emit(message.sentence)
        else:
            self.proposal = message
            self.stage.emit(_in_words(message))
            self.changed.emit()


def _in_words(move: RigidMove) -> str:
    return (
        f"Proposal: the baseline, {move.moving}, {move.words}. Agreement (mutual information) {move.metric_before:.3f} "
        f"before, {move.metric_after:.3f} after. It is shown there: check on several slices that it lies as the "
        f"follow-up, {move.fixed}, then accept or discard. A rigid move follows no bending and no breathing."
    )


def _looking(
    fixed: Volume, moving: Volume, stopped: Event
) -> Generator[RegistrationStep | RigidMove | Refusal, object, None]:
    """Yield the steps of a registration, and at last the move or why there is none."""
    try:
        yield from register_rigidly(fixed, moving, stopped)
    except RefusedError as error:
        yield Refusal(str(error))
