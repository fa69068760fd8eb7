"""The lesions of a baseline: a list for each examination that was chosen, measured in it, that can be undone.

What the reader decided about them stays with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from napari_refusion.lesion.held import on_grid
from napari_refusion.lesion.lesions import Lesions
from napari_refusion.lesion.measured import Measured, measure
from napari_refusion.lesion.methods import draw
from napari_refusion.session.accepted_moves import AcceptedMoves
from napari_refusion.session.follow_up.matching import group_of
from napari_refusion.session.lesions.steps import LesionSteps

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from napari_refusion.io.overlays.overlay import Overlay
    from napari_refusion.lesion.drawn_by import DrawnBy
    from napari_refusion.lesion.lesion import Lesion
    from napari_refusion.lesion.voi import VolumeOfInterest
    from napari_refusion.session.follow_up.examination import Examination
    from napari_refusion.volume.finding import Finding


class BaselineLesions:
    """A list belongs to the voxels of an examination in their place; it comes back when that is chosen again."""

    def __init__(self) -> None:
        self.reader = ""
        """Whose review was open last while one of them was compared; empty before there was one."""
        self.moves = AcceptedMoves()
        """How examinations were registered."""
        self._lists: dict[tuple[str, bytes], LesionSteps] = {}
        self._taken: dict[tuple[str, bytes], frozenset[str]] = {}
        """Of those that were drawn when the examination was the pair that was shown, by their groups."""
        self._gone: dict[tuple[str, str], frozenset[str]] = {}
        self._kept: dict[int, tuple[VolumeOfInterest, Measured]] = {}
        self._examination: Examination | None = None

    @property
    def now(self) -> Lesions:
        """Return the list of the examination that is chosen."""
        return self._steps.now

    @property
    def content(self) -> str:
        """Return the hash of what the examination that is chosen measures, empty for none."""
        return "" if self._examination is None else self._examination.content

    @property
    def can_undo(self) -> bool:
        """Whether it was changed."""
        return bool(self._steps.before)

    @property
    def are_drawn(self) -> bool:
        """Whether any examination, chosen now or before, has a lesion."""
        return any(len(steps.now) for steps in self._lists.values())

    @property
    def measured(self) -> Mapping[int, Measured]:
        """Return number -> what the examination holds in a lesion."""
        return MappingProxyType({number: one[1] for number, one in self._kept.items()})

    def choose(self, examination: Examination | None) -> None:
        """Take the list of an examination; None for none."""
        self._examination, self._kept = examination, {}
        self._measure()

    def take_reader(self, reader: str) -> bool:
        """Keep no list, registration or lesion that is gone of another reader; return whether it is another one.

        Each reader draws those that the own comparison rests on. What was drawn before any review is of this reader.
        """
        before, self.reader = self.reader, reader
        if not before or reader == before:
            return False
        self._lists, self._taken, self._gone = {}, {}, {}
        self.moves.forget()
        self._measure()
        return True

    def gone_at(self, follow_up: str) -> frozenset[str]:
        """Return the groups of lesions that a follow-up, by its content, is said not to have any more."""
        return self._gone.get((self.content, follow_up), frozenset())

    def say_gone(self, follow_up: str, groups: frozenset[str]) -> None:
        """Say which lesions these are now, by their groups."""
        self._gone = {**self._gone, (self.content, follow_up): groups}

    def draw(self, point: NDArray[np.float64], how: DrawnBy) -> tuple[Finding, ...]:
        """Draw one at a place of the examination's files, (3,) RAS+ mm; return what was noticed.

        Raises
        ------
        RefusedError
            If nothing can be drawn there.
        """
        chosen = self._chosen
        drawn = draw(chosen.measured, point, how.method, how.amount)
        self._put(self.now.added(drawn.voi, chosen.content))
        return drawn.findings

    def add(self, overlay: Overlay) -> int:
        """Add the regions of a file that was read for the examination, on its grid; return how many lie in it."""
        lesions, before = self.now, self.now.last
        for one in overlay.segments:
            voi = replace(one.voi, method=one.voi.method or overlay.kind)
            own = on_grid(voi, self._chosen.measured.grid)
            if own is not None:
                lesions = lesions.added(own, self._chosen.content, one.name)
        if lesions.last > before:
            self._put(lesions)
        return lesions.last - before

    def take(self, lesions: Sequence[Lesion]) -> int:
        """Take lesions that lie on the examination's grid in place of the list; return how many."""
        grid = self._chosen.measured.grid
        found = tuple(one for one in lesions if one.voi.grid.matches(grid))
        if found:
            self._put(Lesions(found, max(one.number for one in found)))
            self._taken[_key(self._chosen)] = frozenset(map(group_of, lesions))
        return len(found)

    def is_behind(self, lesions: Sequence[Lesion]) -> bool:
        """Return whether lesions that were taken are others now, in number or voxels; there may be none to compare."""
        taken = None if self._examination is None else self._taken.get(_key(self._examination))
        return bool(taken and lesions) and taken != frozenset(map(group_of, lesions))

    def remove(self, number: int) -> None:
        """Take one from the list."""
        self._put(self.now.removed(number))

    def undo(self) -> None:
        """Take the last change of the list back."""
        if self._examination is not None:
            self._lists[_key(self._examination)] = self._steps.undone()
            self._measure()

    @property
    def _chosen(self) -> Examination:
        assert self._examination is not None
        return self._examination

    @property
    def _steps(self) -> LesionSteps:
        known = self._examination
        return LesionSteps() if known is None else self._lists.get(_key(known), LesionSteps())

    def _put(self, lesions: Lesions) -> None:
        self._lists[_key(self._chosen)] = self._steps.changed(lesions)
        self._measure()

    def _measure(self) -> None:
        """Measure what is not measured yet, and forget what is gone."""
        kept = {}
        for one in self.now:
            old = self._kept.get(one.number)
            same = old is not None and old[0] is one.voi
            kept[one.number] = old if old is not None and same else (one.voi, measure(self._chosen.measured, one.voi))
        self._kept = kept


def _key(examination: Examination) -> tuple[str, bytes]:
    """Return what a list belongs to: these voxels, in this place."""
    return examination.content, examination.measured.affine.tobytes()
