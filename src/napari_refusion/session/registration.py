"""Registering the pair that is shown: the optimiser at work, a proposal, and the reader's decision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from psygnal import Signal

from napari_refusion.io.given_path import GivenPath, given_path
from napari_refusion.session.move_search import MoveSearch
from napari_refusion.session.proposing import (
    Proposal,
    Proposing,
    Refusal,
    propose,
    propose_read,
    registrations_beside,
    roles,
)
from napari_refusion.session.runner import Runner, run_at_once
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.registration.register import RegistrationStep
from napari_refusion.volume.rigid import RigidMove

if TYPE_CHECKING:
    from napari_refusion.fusion.partial import PartialFusion
    from napari_refusion.study.study import Side

Action = Literal["register", "read", "cancel", "accept", "discard", "undo"]
"""What the reader can do."""


class RegistrationSession(MoveSearch[Proposal]):
    """Lays one source on the other on request; nothing is moved before the reader has accepted it."""

    stepped = Signal(object)
    """Emitted with each `RegistrationStep`."""
    began = Signal()
    """Emitted when the steps so far no longer matter: a new registration or another pair."""
    accepted = Signal(object)
    """Emitted with the `RigidMove` that the reader accepted."""
    undone = Signal()
    """Emitted when the reader takes an accepted move back."""

    def __init__(self, runner: Runner = run_at_once) -> None:
        super().__init__(runner)
        self.partial: PartialFusion | None = None
        """The pair that can be registered."""
        self.move: RigidMove | None = None
        """What the reader accepted."""
        self.lapsed: Finding | None = None
        """Why a registration that was accepted counts no more; None where none was."""
        self.beside: tuple[Path, ...] = ()
        """DICOM registrations of this pair that lay beside its files."""

    @property
    def actions(self) -> frozenset[Action]:
        """Return what can be done now."""
        if self.is_running:
            return frozenset({"cancel"})
        found: set[Action] = set()
        if self.partial is not None and self.move is None:
            found |= {"register", "read"}
        if self.proposal is not None:
            found |= {"accept", "discard"}
        if self.move is not None:
            found.add("undo")
        return frozenset(found)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return why a registration ended, and what the self-test found.

        Where all is well it is with the number, which a warning names in its sentence.
        """
        found = () if self.partial is None else self.partial.study.findings
        tested = tuple(
            replace(one, sentence=f"{one.sentence} {one.value}.") if one.level == "ok" else one
            for one in found
            if one.check == "Registration"
        )
        return tested if self.lapsed is None else (self.lapsed, *tested)

    def roles(self) -> tuple[Side, Side] | None:
        """Return the side that stays and the one that moves; None without a pair."""
        return None if self.partial is None else roles(self.partial.study)

    def show_pair(self, partial: PartialFusion | None) -> None:
        """Offer to register the sources of a partial fusion; None where there is no pair.

        What runs, and a proposal that is open, end with the pair they belong to. An accepted move can be undone
        whenever its two volumes are shown, also when others were shown meanwhile.
        """
        old, self.partial = self.partial, partial
        is_same = _identity(old) == _identity(partial)
        is_same_grid = old is not None and partial is not None and partial.study.reference == old.study.reference
        if not is_same:
            self.move = None if partial is None else _accepted_move(partial)
            self.lapsed = None
        if not (is_same and is_same_grid):
            self.beside = () if partial is None else registrations_beside(partial.study)
            self._drop()
            self.began.emit()
            self.stage.emit("")
        self.changed.emit()

    def register(self) -> None:
        """Look for the move with which the sources agree best."""
        self._propose(propose, (), "Preparing the volumes ...")

    def read(self, path: GivenPath) -> None:
        """Propose what a DICOM registration says about the pair."""
        self._propose(propose_read, (given_path(path),), "Reading the registration ...")

    def cancel(self) -> None:
        """Stop the optimiser; nothing is moved."""
        if self._job is not None:
            self.stage.emit("Stopping ...")
            self._stopped.set()
            self._job.cancel()

    def accept(self) -> None:
        """Take over the proposal."""
        if self.proposal is None:
            return
        self.move = move = self.proposal.move
        self.lapsed = None
        self._drop()
        where = "It is fused there; its own layer stays at its position in the file."
        self.stage.emit(f"Accepted: {move.moving} {move.words}. {where}")
        self.changed.emit()
        self.accepted.emit(move)

    def undo(self) -> None:
        """Take the accepted move back."""
        if self.move is None:
            return
        self.stage.emit(f"Undone: {self.move.moving} is fused again at its position in the file.")
        self.move = None
        self.changed.emit()
        self.undone.emit()

    def take(self, move: RigidMove | None, lapsed: Finding | None = None) -> None:
        """Take note of the move that the shown pair is fused with from now on, whatever its slices were made with.

        Parameters
        ----------
        lapsed
            Why a move that was accepted before counts no more.
        """
        if self.partial is None or (move, lapsed) == (self.move, self.lapsed):
            return
        self.lapsed = lapsed
        if move == self.move:
            self.changed.emit()
            return
        self._drop()
        old, self.move = self.move, move
        if move is not None:
            self.stage.emit(f"Accepted: {move.moving} {move.words}.")
        elif lapsed is not None:
            self.stage.emit("")
        elif old is not None:
            self.stage.emit(f"Undone: {old.moving} is fused again at its position in the file.")
        self.changed.emit()

    def close(self) -> None:
        """Stop what runs and forget the proposal."""
        self._drop()
        self.changed.emit()

    def _propose(self, how: Callable[..., Proposing], given: tuple[Path, ...], words: str) -> None:
        if self.is_running or self.partial is None:
            return
        self._drop()
        self.began.emit()
        self._begin(how, (self.partial, *given), words, self._receive)

    def _receive(self, message: RegistrationStep | Proposal | Refusal) -> None:
        match message:
            case RegistrationStep():
                self.stepped.emit(message)
                self.stage.emit(message.words)
            case Proposal():
                self.proposal = message
                self.stage.emit(message.in_words())
                self.changed.emit()
            case Refusal(sentence):
                self.stage.emit(sentence)


def _identity(partial: PartialFusion | None) -> list[tuple[object, ...]]:
    """Return what tells two sources from others, those of no file by their array; quick, voxels are not read."""
    sources = [] if partial is None else [side.source for side in partial.study.sides]
    contents = [one.origin.sha256 or id(one.data) for one in sources]
    return [
        (one.name, content, one.modality, one.shape, one.affine.tobytes())
        for one, content in zip(sources, contents, strict=True)
    ]


def _accepted_move(partial: PartialFusion) -> RigidMove | None:
    """Return the move with which a partial fusion was made; None where both sources are where their files say."""
    return next((side.move for side in partial.study.sides if side.move is not None), None)
