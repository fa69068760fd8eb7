"""Positions that one volume could have beside another."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

DIRECTIONS: Final = (("head", "feet"), ("front", "back"), ("patient's right", "patient's left"))
"""Where smaller and larger indices of (I, P, L) lie."""


@dataclass(frozen=True, slots=True)
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
