"""What can be undone: frozen values, the newest last, and not too many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from napari_refusion.session.moves import Moves
    from napari_refusion.session.result import Shown

FUSIONS: Final = 5
"""Fusions that can be undone; each may hold a volume."""

STEPS: Final = 50
"""Choices and fusions together that can be undone."""


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """What was shown and chosen before a fusion, or only chosen before another choice."""

    shown: Shown | None
    done: NDArray[np.bool_] | None
    """(n,) which slices there were."""
    choices: Any
    """What the caller wants to have back; the session does not inspect it."""
    moves: Moves
    keys: frozenset[str] = frozenset()
    """Of the images without which there is no way back."""
    is_choice: bool = False
    """Whether nothing was fused: what is shown stays."""


def remembered(snapshots: tuple[Snapshot, ...], newest: Snapshot) -> tuple[Snapshot, ...]:
    """Return the snapshots with another one; the oldest go where there are more than can be undone."""
    kept = (*snapshots, newest)[-STEPS:]
    fusions = [place for place, one in enumerate(kept) if not one.is_choice]
    # what was chosen before a fusion that cannot be undone any more is out of reach
    return kept[fusions[-FUSIONS - 1] + 1 :] if len(fusions) > FUSIONS else kept


class History:
    """Remembers what was shown and chosen before each fusion and each choice, as long as its images are there."""

    def __init__(self) -> None:
        self.steps: tuple[Snapshot, ...] = ()
        """What can be undone, the newest last; replaced, never edited."""
        self._there: frozenset[str] | None = None

    def note_fusion(self, shown: Shown | None, choices: Any, moves: Moves, keys: frozenset[str]) -> None:  # noqa: ANN401 - given back as it is
        """Remember what is shown before something else is fused.

        Parameters
        ----------
        keys
            Of the images that are fused.
        """
        if shown is not None and self._there is not None and not self._there.issuperset(shown.keys):
            shown = None  # its images are gone, and it must not come back beside another pair
        done = None if shown is None else shown.started.partial.done.copy()
        needed = keys | frozenset(() if shown is None else shown.keys)
        self.steps = remembered(self.steps, Snapshot(shown, done, choices, moves, needed))

    def note_choice(self, choices: Any, moves: Moves, keys: frozenset[str]) -> None:  # noqa: ANN401 - given back as it is
        """Remember what was chosen before something else is, which changes nothing of what is shown.

        Parameters
        ----------
        keys
            Of the images that these choices need.
        """
        self.steps = remembered(self.steps, Snapshot(None, None, choices, moves, keys, is_choice=True))

    def prune(self, there: frozenset[str]) -> None:
        """Forget what can no longer be undone: of images that are not there any more."""
        self._there = there
        self.steps = tuple(one for one in self.steps if one.keys <= there)

    def take(self) -> Snapshot | None:
        """Return what was remembered last, and remember it no longer; None where there is nothing."""
        if not self.steps:
            return None
        *rest, last = self.steps
        self.steps = tuple(rest)
        return last

    def clear(self) -> None:
        """Forget everything that could be undone."""
        self.steps = ()
