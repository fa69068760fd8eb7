"""A registration as a generator that any thread can run: steps first, then a proposal or a refusal."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from threading import Event
from typing import TYPE_CHECKING

from napari_refusion.volume.align import align
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.rigid import RegistrationStep, RigidMove, moved, register_rigidly

if TYPE_CHECKING:
    from napari_refusion.fusion.canvas import Canvas
    from napari_refusion.volume.volume import Volume


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """A move that the reader may accept, and the pair as it would be."""

    move: RigidMove
    canvas: Canvas

    def in_words(self) -> str:
        """Return what is proposed, and how to decide."""
        move = self.move
        return (
            f"Proposal: {move.moving} {move.words}. Agreement (mutual information) {move.metric_before:.3f} "
            f"before, {move.metric_after:.3f} after. The lines in the picture are the edges of {move.moving} "
            f"as it would lie: look whether they follow {move.fixed} on several slices, then accept or discard."
        )


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no move."""

    sentence: str


Proposing = Generator[RegistrationStep | Proposal | Refusal, object, None]
"""Yields the steps of a registration, and at last a proposal or a refusal."""


def propose(canvas: Canvas, fixed: Volume, moving: Volume, stopped: Event) -> Proposing:
    """Yield the steps of a registration, and at last a proposal or a refusal.

    Parameters
    ----------
    canvas
        The pair as it is now, on the grid of `fixed`.
    fixed, moving
        Its sources on their own grids.
    stopped
        Set it to stop the optimiser.
    """
    try:
        for step in register_rigidly(fixed, moving, stopped):
            if isinstance(step, RegistrationStep):
                yield step
                continue
            aligned = align(canvas.pair.fixed, moved(moving, step))
            pair = replace(canvas.pair, covered=aligned.covered)
            is_first = pair.reference == "b"
            pair = replace(pair, a=aligned.volume) if is_first else replace(pair, b=aligned.volume)
            yield Proposal(step, replace(canvas, pair=pair))
    except RefusedError as error:
        yield Refusal(str(error))
