"""What a reader chose of comparing, by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class CompareChoices:
    """What a reader chose, to come back to it; `is_flickering` and the names as in `compare_state.CompareState`."""

    mode: str | None
    last_mode: str
    amounts: tuple[tuple[str, float], ...]
    colour_map: str
    threshold: float | None
    is_side_by_side: bool
    is_flickering: bool
    is_inverted_beside: bool = False

    def is_same_as(self, other: CompareChoices) -> bool:
        """Return whether the same is chosen; what was chosen last is seen only when it is chosen again."""
        return replace(self, last_mode=other.last_mode) == other

    def is_same_but_for_drag(self, other: CompareChoices) -> bool:
        """Return whether no more has changed than how far a slider was dragged, or the threshold turned."""
        return replace(self, amounts=other.amounts, threshold=other.threshold).is_same_as(other)
