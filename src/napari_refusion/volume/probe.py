"""What is at one place in the patient: the place in words, and the value of a volume there."""

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.look import SIDES
from napari_refusion.numerics.colour import luminance
from napari_refusion.volume.affine import AXES
from napari_refusion.volume.figures import in_figures
from napari_refusion.volume.grid import Grid, Voxel
from napari_refusion.volume.volume import Volume

_DIRECTIONS: Final = SIDES[::-1]
"""Letters towards which x, y and z of RAS+ mm grow and shrink."""

_NUMBER: Final = r"\d+(?:[.,]\d+)?"


@dataclass(frozen=True, slots=True)
class Sample:
    """What a volume holds at a place."""

    value: float | None
    """None outside the volume; may be NaN or infinite as in the file."""
    unit: str
    """``HU``, ``SUVbw``..., ``a.u.`` for arbitrary units, ``luminance`` for colours."""

    def in_words(self) -> str:
        """Return the value with its unit, as ``412 a.u.``, or what there is instead."""
        if self.value is None:
            return "outside"
        return f"{in_figures(self.value)} {self.unit}" if np.isfinite(self.value) else "no number in the file"


def unit_of(volume: Volume) -> str:
    """Return the unit of a volume's values as it is written behind them, never empty."""
    return "luminance" if volume.is_rgb else volume.unit or "a.u."


def sample_at(volume: Volume, point: NDArray[np.float64]) -> Sample:
    """Return the value of the voxel that a place lies in, on the volume's own grid; nothing is interpolated.

    Parameters
    ----------
    point
        (3,) RAS+ mm.
    """
    return sample_of(volume, volume.grid.voxel_at(volume.grid.index_at(point)))


def sample_of(volume: Volume, voxel: Voxel | None) -> Sample:
    """Return the value of a voxel: of a colour its luminance, of None that the place is outside."""
    if voxel is None:
        return Sample(None, unit_of(volume))
    values = volume.data[voxel]
    return Sample(float(luminance(values) if volume.is_rgb else values), unit_of(volume))


def position_in_words(point: NDArray[np.float64]) -> str:
    """Return a place, (3,) RAS+ mm, as ``R 12.3  A 40.1  S 5.0 mm``."""
    rounded = [round(float(value), 1) for value in point]  # before the letter: -0.04 is no left
    words = [
        f"{grows if value >= 0 else shrinks} {abs(value):.1f}"
        for value, (grows, shrinks) in zip(rounded, _DIRECTIONS, strict=True)
    ]
    return "  ".join(words) + " mm"


def position_of(text: str) -> NDArray[np.float64]:
    """Return the place, (3,) RAS+ mm, that a reader wrote.

    Either three numbers towards right, anterior and superior, negative towards left, posterior and inferior; or each
    behind its letter, in any order, as `position_in_words` writes them; with a decimal point or a decimal comma.

    Raises
    ------
    ValueError
        With a sentence that shows how a place is written.
    """
    letters = re.findall(rf"([RLAPSI])\s*({_NUMBER})", text.upper())
    axes = [next(axis for axis, pair in enumerate(_DIRECTIONS) if letter in pair) for letter, _ in letters]
    if sorted(axes) == [0, 1, 2] and not re.sub(rf"([RLAPSI])\s*{_NUMBER}|MM|[\s,;]", "", text.upper()):
        place = np.zeros(3)
        for axis, (letter, number) in zip(axes, letters, strict=True):
            place[axis] = float(number.replace(",", ".")) * (1 if letter == _DIRECTIONS[axis][0] else -1)
        return place
    for between in ("[;]", "[,;]"):  # a comma lies within a number, 12,5 3 1, if there are three then, else between two
        numbers = re.sub(f"(?i)mm|{between}", " ", text).split()
        if len(numbers) == 3 and all(re.fullmatch(f"[+-]?{_NUMBER}", number) for number in numbers):
            return np.array([float(number.replace(",", ".")) for number in numbers])
    raise ValueError(f"Write a place as R 12 A 40 S 5, or as three numbers in mm, 12 40 5: {text!r} is neither.")


def place_in_words(axis: str, mm: float) -> str:
    """Return a place along the direction of the slices as ``S 12.5 mm``, ``P 3.0 mm`` or ``L 7.1 mm``."""
    grows, shrinks = _DIRECTIONS[2 - AXES[axis]]
    rounded = round(mm, 1)
    return f"{grows if rounded >= 0 else shrinks} {abs(rounded):.1f} mm"


def slice_in_words(grid: Grid, axis: str, index: int) -> str:
    """Return which slice of a grid is meant and where its middle lies, as ``slice 46 of 91, S 10.0 mm``.

    Everything that names a slice to a reader names it by these words, so that two places that mean one slice say so.

    Parameters
    ----------
    axis
        Direction of the slices, one of `AXES`.
    index
        From 0; the words count from 1. It may lie outside the grid, which is said.
    """
    count, place = grid.count(axis), place_in_words(axis, grid.position(axis, index))
    if not 0 <= index < count:
        return f"outside the {count} slices, {place}"
    return f"slice {index + 1} of {count}, {place}"
