"""Lists of lesions that can be undone: frozen values, as long as no review records them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from napari_refusion.lesion.lesions import Lesions
from napari_refusion.session.history import STEPS

NONE: Final = Lesions()


@dataclass(frozen=True, slots=True, eq=False)
class LesionSteps:
    """A list, and those before and after it."""

    now: Lesions = NONE
    before: tuple[Lesions, ...] = ()
    """The newest last, not more than `history.STEPS`."""
    after: tuple[Lesions, ...] = ()
    """What was undone, the next one last."""

    def changed(self, lesions: Lesions) -> LesionSteps:
        """Return it with another list; what was undone cannot be redone any more."""
        return LesionSteps(lesions, (*self.before, self.now)[-STEPS:])

    def undone(self) -> LesionSteps:
        """Return it with the list before, itself where there is none; numbers are not given again."""
        if not self.before:
            return self
        *before, now = self.before
        return LesionSteps(replace(now, last=self.now.last), tuple(before), (*self.after, self.now))

    def redone(self) -> LesionSteps:
        """Return it with what was undone last, itself where there is nothing."""
        if not self.after:
            return self
        *after, now = self.after
        return LesionSteps(now, (*self.before, self.now), tuple(after))
