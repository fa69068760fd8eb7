"""A review that begins with a pair that is not shown yet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_refusion.session.messages import Started


@dataclass(frozen=True, slots=True)
class Awaited:
    """Whose review begins, where, and with which pair."""

    folder: Path
    """Of the project."""
    reader: str
    again: bool = False
    """Whether a case that has a verdict is read once more."""
    keys: frozenset[str] = frozenset()
    """Ids of the images of the pair; none for whichever pair is shown next."""

    def is_for(self, started: Started) -> bool:
        """Return whether it is to begin with a pair."""
        return not self.keys or self.keys == frozenset(started.kept.request.keys)
