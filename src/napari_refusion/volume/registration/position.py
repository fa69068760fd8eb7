"""Positions that one volume could have beside another."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import permutations, product
from typing import Final

import numpy as np
from numpy.typing import NDArray

DIRECTIONS: Final = (("head", "feet"), ("front", "back"), ("patient's right", "patient's left"))
"""Where smaller and larger indices of (I, P, L) lie."""

LEFT_TO_RIGHT: Final = "mirrored left to right"
_MIRRORED: Final = ("head to foot", "front to back", "left to right")
_AXES: Final = ("head-feet", "front-back", "left-right")
_INDEXED: Final = ("slices", "rows", "columns")


@dataclass(frozen=True, slots=True, eq=False)
class Position:
    """A position of volume a: the point x of b, in mm along (I, P, L), meets a at ``matrix @ x + offset``."""

    matrix: NDArray[np.float64]
    """(3, 3)."""
    offset: NDArray[np.float64]
    """(3,) mm."""
    words: str = ""
    """What was done to a (``mirrored front to back``)."""

    def shifted(self, axis: int, millimetres: float) -> "Position":
        """Return it shifted along an array axis, so that b meets what lies further along it."""
        return replace(self, offset=self.offset + np.eye(3)[axis] * millimetres)


AS_GIVEN: Final = Position(np.eye(3), np.zeros(3))
"""Where the files place it."""


def about(
    middle_a: NDArray[np.float64], middle_b: NDArray[np.float64], matrix: NDArray[np.float64], words: str = ""
) -> Position:
    """Return a position in which a turned volume has its middle, (3,) mm, where b has its own."""
    return Position(matrix, middle_a - matrix @ middle_b, words)


def rotation(axis: int, degrees: float) -> NDArray[np.float64]:
    """Return the rotation about an array axis, (3, 3)."""
    matrix, (first, second) = np.eye(3), [other for other in range(3) if other != axis]
    angle = np.radians(degrees)
    matrix[first, first] = matrix[second, second] = np.cos(angle)
    matrix[second, first], matrix[first, second] = np.sin(angle), -np.sin(angle)
    return matrix


def shift_in_words(axis: int, millimetres: float, unit: str = "mm") -> str:
    """Return a shift of a: ``shifted by 8 mm towards the head``."""
    return f"shifted by {abs(millimetres):.0f} {unit} towards the {DIRECTIONS[axis][int(millimetres < 0)]}"


def orientations() -> Iterator[tuple[NDArray[np.float64], str]]:
    """Yield the other 47 ways in which a file can store the axes of one body, as (3, 3) and in words.

    Converters and viewers that lose or misread a header exchange axes and reverse them; no patient lies so.
    """
    for order in permutations(range(3)):
        for signs in product((1.0, -1.0), repeat=3):
            matrix = np.diag(signs) @ np.eye(3)[list(order)]
            if not np.array_equal(matrix, np.eye(3)):
                yield matrix, _in_words(matrix)


def _in_words(matrix: NDArray[np.float64]) -> str:
    """Return what exchanges and reverses axes as it would be said: a turn or a mirroring where it is one."""
    moved, is_turn = np.flatnonzero(np.diag(matrix) == 0), np.linalg.det(matrix) > 0
    kept, reversed_ = np.flatnonzero(np.diag(matrix) == 1), np.flatnonzero(matrix.sum(axis=1) < 0)
    if is_turn and len(kept) == 1:
        return f"turned by {90 if len(moved) else 180} degrees about its {_AXES[kept[0]]} axis"
    if not len(moved):
        return f"mirrored {_MIRRORED[reversed_[0]] if len(reversed_) == 1 else 'in all directions'}"
    exchanged = " and ".join(_INDEXED[axis] for axis in moved) if len(moved) == 2 else "its three axes"
    return f"with {exchanged} exchanged{' and reversed' if len(reversed_) else ''}"
