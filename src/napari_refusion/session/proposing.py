"""A registration as a generator that any thread can run: steps first, then a proposal or a refusal."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from threading import Event
from typing import TYPE_CHECKING

from napari_refusion.volume.align import align
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.registration.register import RegistrationStep, register_rigidly
from napari_refusion.volume.rigid import RigidMove, moved

if TYPE_CHECKING:
    from napari_refusion.fusion.partial import PartialFusion
    from napari_refusion.study.study import Side, Study


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """A move that the reader may accept, and the pair as it would be."""

    move: RigidMove
    partial: PartialFusion

    def in_words(self) -> str:
        """Return what is proposed, and how to decide."""
        move = self.move
        return (
            f"Proposal: {move.moving} {move.words}. Agreement (mutual information) {move.metric_before:.3f} before, "
            f"{move.metric_after:.3f} after. The lines are the edges of {move.moving} at the proposed position: check "
            f"on several slices that they follow {move.fixed}, then accept or discard."
        )


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
