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
