"""A registration as a generator that any thread can run: steps first, then a proposal or a refusal."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Final

from napari_refusion.volume.align import align
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.registration.register import RegistrationStep, register_rigidly, with_agreement
from napari_refusion.volume.registration.self_test import is_same_position
from napari_refusion.volume.rigid import RigidMove, moved

if TYPE_CHECKING:
    from napari_refusion.fusion.partial import PartialFusion
    from napari_refusion.study.study import Side, Study


LEAD: Final = 1.01
"""By which factor the agreement must exceed that of another place, or the reader is told to look twice."""


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """A move that the reader may accept, and the pair as it would be."""

    move: RigidMove
    partial: PartialFusion

    def in_words(self) -> str:
        """Return what is proposed, and how to decide."""
        move = self.move
        of_file = f" of the {move.read_from}" if move.read_from else ""
        by_header = self._by_the_header()
        return (
            f"Proposal{of_file}: {move.moving} {move.words}. Agreement (mutual information) {move.metric_before:.3f} "
            f"before, {move.metric_after:.3f} after{_elsewhere(move)}. {by_header}The lines are the edges of "
            f"{move.moving} at the proposed position: check on several slices that they follow {move.fixed}, then "
            f"accept or discard."
        )

    def _by_the_header(self) -> str:
        """Return a warning for pairs of one scanner position: of bodies the place found is often 5 mm off."""
        a, b = (side.source for side in self.partial.study.sides)
        if self.move.read_from or not is_same_position(a, b):
            return ""
        return "By their headers both lie in one scanner position already: distrust a small move. "


def _elsewhere(move: RigidMove) -> str:
    """Return what is to be said about the best other place, or a worse agreement; the window's reader decides."""
    if move.read_from:
        return ": less than where the files put it, so look twice" if move.metric_after < move.metric_before else ""
    if len(move.coarse_metrics) < 2:
        return "; all starts of the search ended here" if move.coarse_metrics else ""
    best, second = move.coarse_metrics[:2]
    doubt = ", almost as good, so look twice" if best < LEAD * second else ""
    return f"; another start of the search ended elsewhere{doubt} ({second:.3f} there, {best:.3f} here, coarsely)"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no move."""

    sentence: str


Proposing = Generator[RegistrationStep | Proposal | Refusal, object, None]
"""Yields the steps of a registration, and at last a proposal or a refusal."""


def propose(partial: PartialFusion, stopped: Event) -> Proposing:
    """Yield the steps of a registration, and at last a proposal or a refusal.

    Parameters
    ----------
    partial
        The study as it is now; its sources are registered from where their files place them.
    stopped
        Set it to stop the optimiser.
    """
    try:
        fixed, moving = roles(partial.study)
        for step in register_rigidly(fixed.source, moving.source, stopped):
            if isinstance(step, RegistrationStep):
                yield step
                continue
            yield Proposal(step, replace(partial, study=_moved_study(partial.study, step)))
    except RefusedError as error:
        yield Refusal(str(error))


def propose_read(partial: PartialFusion, path: Path, _stopped: Event) -> Proposing:
    """Yield what a DICOM registration says about a pair, as a proposal, or why it says nothing.

    Parameters
    ----------
    partial
        The study as it is now.
    path
        The file.
    """
    from napari_refusion.io.dicom.spatial_registration import read_registration

    try:
        fixed, moving = roles(partial.study)
        found = read_registration(path).move(fixed.source, moving.source)
        move = with_agreement(fixed.source, moving.source, found)
        yield Proposal(move, replace(partial, study=_moved_study(partial.study, move)))
    except RefusedError as error:
        yield Refusal(str(error))


def registrations_beside(study: Study) -> tuple[Path, ...]:
    """Return the DICOM registrations that lay beside a source and say how the two lie to each other."""
    from napari_refusion.io.dicom.spatial_registration import read_registration

    fixed, moving = (side.source for side in roles(study))
    found = []
    for path in dict.fromkeys((*fixed.origin.registrations, *moving.origin.registrations)):
        with suppress(RefusedError):  # it is of other images, or of another kind
            read_registration(path).move(fixed, moving)
            found.append(path)
    return tuple(found)


def roles(study: Study) -> tuple[Side, Side]:
    """Return the side that stays and the one that moves."""
    return (study.a, study.b) if study.reference == "a" else (study.b, study.a)


def _moved_study(study: Study, move: RigidMove) -> Study:
    """Return the study as it would be with a move of the side that is not the reference."""
    _, moving = roles(study)
    aligned = align(study.fixed, moved(moving.source, move))
    side = replace(moving, volume=aligned.volume, move=move)
    a, b = (side, study.b) if study.reference == "b" else (study.a, side)
    return replace(study, a=a, b=b, covered=aligned.covered)
