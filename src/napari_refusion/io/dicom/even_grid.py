"""The even grid that lies nearest to the slices of a series, and how far each of them lies off it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.io.dicom.slice import ImagePlane, Slice
from napari_refusion.volume.affine import Affine

WORTH_SAYING: Final = 0.05
"""mm off the even grid from which a warning is due; positions rounded to two decimals stay below it."""
FARTHEST: Final = 0.25
"""mm; a voxel that lies farther off the even grid is not where it is shown."""
SHARE_OF_STEP: Final = 0.1
"""The same as a share of the slice distance: for very thin slices a quarter of a millimetre would be a whole one."""
TENTHS: Final = 0.1
"""mm off the grid that positions of one decimal explain: 0.05 mm along each axis are 0.087 mm, the fit adds some."""
TENTHS_OF_STEP: Final = 0.25
"""The most of this as a share of the slice distance."""
_TENTH_EXACTLY: Final = 1e-6
"""Of a tenth: what is left of its last digit in double precision."""


@dataclass(frozen=True, eq=False)
class Planes:
    """The planes of slices in numbers; n slices, LPS mm."""

    first: NDArray[np.float64]
    """Centres of the first pixels, (n, 3)."""
    rows: NDArray[np.float64]
    """Steps along a row, from column to column, (n, 3)."""
    columns: NDArray[np.float64]
    """Steps along a column, from row to row, (n, 3)."""
    size: tuple[int, int]
    """Rows and columns of each."""

    @cached_property
    def middles(self) -> NDArray[np.float64]:
        """Return the middles of the slices, (n, 3)."""
        high, wide = self.size
        return self.first + self.rows * (wide - 1) / 2 + self.columns * (high - 1) / 2

    @cached_property
    def corners(self) -> NDArray[np.float64]:
        """Return the centres of the four outermost pixels of each, (n, 4, 3)."""
        high, wide = self.size
        right, down = self.rows * (wide - 1), self.columns * (high - 1)
        return np.stack([self.first, self.first + right, self.first + down, self.first + right + down], axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class EvenGrid:
    """Straight slices at one distance, whose axes are at right angles."""

    affine: Affine
    """(4, 4), (slice, row, column) -> LPS mm."""
    departures: NDArray[np.float64]
    """How far the farthest corner of each slice lies off the grid, (n,) mm."""
    middles_off: NDArray[np.float64]
    """How far the middle of each slice lies off the grid, (n,) mm."""
    is_in_tenths: bool = False
    """Whether all positions are whole tenths of a millimetre."""

    @property
    def step(self) -> float:
        """Return the distance of the slices in mm."""
        return float(np.linalg.norm(self.affine[:3, 0]))

    @property
    def limit(self) -> float:
        """Return how far a voxel may lie off the grid, in mm."""
        rounding = min(TENTHS, TENTHS_OF_STEP * self.step) if self.is_in_tenths else 0.0
        return max(min(FARTHEST, SHARE_OF_STEP * self.step), rounding)

    @property
    def normal(self) -> NDArray[np.float64]:
        """Return the direction in which the slices follow each other, (3,) of length 1."""
        return self.affine[:3, 0] / self.step


def planes_of(slices: Sequence[Slice]) -> Planes:
    """Return the planes of slices whose places are stated and whose matrices are alike."""
    places: list[ImagePlane] = [image.place for image in slices]
    cosines = np.array([place.orientation for place in places], dtype=np.float64).reshape(-1, 2, 3)
    cosines /= np.linalg.norm(cosines, axis=2, keepdims=True)  # or rounded ones would stretch the pixels
    spacings = np.array([place.pixel_spacing for place in places], dtype=np.float64)
    first = np.array([place.position for place in places], dtype=np.float64)
    size = places[0].rows, places[0].columns
    return Planes(first, cosines[:, 0] * spacings[:, 1:], cosines[:, 1] * spacings[:, :1], size)


def nearest_grid(slices: Sequence[Slice], thickness: float = 0.0) -> EvenGrid:
    """Return the even grid nearest to sorted slices in the sense of least squares.

    Parameters
    ----------
    slices
        Sorted along their normal, with places that are stated and matrices that are alike.
    thickness
        Distance to assume for a single slice, mm.
    """
    planes = planes_of(slices)
    row, column, normal = right_angles(planes)
    middles = planes.middles
    step, start = thickness, float(middles[0] @ normal)
    if len(slices) > 1:
        number = np.arange(len(slices)) - (len(slices) - 1) / 2
        along = middles @ normal - start
        step = float(number @ along / (number @ number))
        start += float(along.mean()) + step * float(number[0])
    middle = _mean(middles)
    middle = middle + (start - middle @ normal) * normal
    high, wide = planes.size
    affine = np.eye(4)
    affine[:3, :3] = np.column_stack([step * normal, column, row])
    affine[:3, 3] = middle - column * (high - 1) / 2 - row * (wide - 1) / 2
    on_grid = affine[:3, 3] + np.arange(len(slices))[:, None] * affine[:3, 0]
    even = Planes(on_grid, np.broadcast_to(row, on_grid.shape), np.broadcast_to(column, on_grid.shape), planes.size)
    departures = np.linalg.norm(planes.corners - even.corners, axis=2).max(axis=1)
    is_in_tenths = bool(np.abs(planes.first / TENTHS - np.rint(planes.first / TENTHS)).max() < _TENTH_EXACTLY)
    return EvenGrid(affine, departures, np.linalg.norm(middles - even.middles, axis=1), is_in_tenths)


def _mean(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of vectors, (n, 3); of equal ones exactly these."""
    return vectors[0] + (vectors - vectors[0]).mean(axis=0)


def right_angles(planes: Planes) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean steps along rows and columns turned to a right angle, and the unit normal, each (3,).

    Both directions are turned by the same small angle: rounded cosines are all that is undone.
    """
    row, column = _mean(planes.rows), _mean(planes.columns)
    wide, high = np.linalg.norm(row), np.linalg.norm(column)
    one, other = row / wide, column / high
    middle, across = one + other, one - other
    middle, across = middle / np.linalg.norm(middle), across / np.linalg.norm(across)
    one, other = (middle + across) / np.sqrt(2), (middle - across) / np.sqrt(2)
    return one * wide, other * high, np.cross(one, other)
