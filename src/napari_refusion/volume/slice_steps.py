"""Where a stack of slices breaks: a body changes gradually from slice to slice, whatever its anatomy."""

from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.volume.registration.levels import AIR, SOFT_TISSUE, averaged
from napari_refusion.volume.volume import Volume

PIXEL: Final = 4.0
"""mm; slices are averaged to about this, so that noise hardly counts."""

MOST_VOXELS: Final = 2**24
"""Of larger volumes every n-th pixel is looked at."""

SQUARE: Final = 0.05
"""Share by which the sides of square pixels may differ."""

FEWEST: Final = 6
"""Slices; fewer have no course."""

THICKEST: Final = 10.0
"""mm from slice to slice; farther apart even neighbours show other anatomy: PET of every fourth slice, 13 mm, breaks
2.3-fold as it is, of every third 1.6-fold at most."""

FAINT: Final = 0.25
"""Share of the median step; smaller ones, as of air beyond a body, are taken for this."""

MARGIN: Final = 2.0
"""How many times as large as the steps beside it a step must be. In 170 real volumes as they are, CT, PET, SPECT and
MRI of legs, trunks, heads and a whole body, slices 1 to 10 mm apart, it is 1.80 at most."""


LEAST_SHOWN: Final = 0.1
"""Share of what the fullest slice shows; beside slices of less, air above noise, a phantom begins or ends at once."""

FEW_VALUES: Final = 10
"""Of fewer different values are masks, whose outlines end and widen as they were drawn."""


@dataclass(frozen=True, slots=True)
class Break:
    """A place where a stack does not go on as it does around it."""

    first: int
    """Index of the last slice in front of it, ..."""
    last: int
    """... and of the first one behind it: two further on where a single slice is unlike both its neighbours."""
    times: float
    """By how many times the steps in it are larger than those beside it."""


@dataclass(frozen=True, slots=True)
class Course:
    """How a stack goes on from slice to slice."""

    axis: int
    """Array axis along which the slices are stacked."""
    breaks: tuple[Break, ...]
    """Above `MARGIN`, the largest first."""
    empty: tuple[int, ...]
    """Indices of slices of one value that lie between others."""


def stack_axis(spacing: tuple[float, float, float]) -> int:
    """Return the axis of the slices: where two spacings are equal, for pixels are square, the third, else I."""
    for axis in range(3):
        one, other = (spacing[at] for at in range(3) if at != axis)
        is_square = abs(one - other) <= SQUARE * min(one, other)
        if is_square and abs(spacing[axis] - one) > SQUARE * one:
            return axis
    return 0


def course_of(volume: Volume) -> Course:
    """Return how the slices of a volume follow upon each other; without breaks where that cannot be judged."""
    axis = stack_axis(volume.spacing)
    count = volume.shape[axis]
    if volume.is_photograph or count < FEWEST or _is_mask(volume.data):
        return Course(axis, (), ())
    means = _coarse(volume, axis)
    empty = np.array([plane.min() == plane.max() for plane in means])
    filled = np.flatnonzero(~empty)
    inside = tuple(int(at) for at in np.flatnonzero(empty) if filled.size and filled[0] < at < filled[-1])
    if volume.spacing[axis] > THICKEST or not filled.size:
        return Course(axis, (), inside)
    grey = _windowed(means, volume.modality)
    shown = grey.mean(axis=(1, 2)) - grey.min()
    steps = np.array([np.abs(after - before).mean() for before, after in pairwise(grey)])
    found = sorted(_breaks(steps, empty | (shown <= LEAST_SHOWN * shown.max())), key=lambda one: -one.times)
    return Course(axis, tuple(found), inside)


def _is_mask(data: np.ndarray) -> bool:
    """Return whether a volume holds few different values; in an image the first slice of a body has more."""
    held: set[float] = set()
    for plane in data:
        held.update(np.unique(plane).tolist())
        if len(held) >= FEW_VALUES:
            return False
    return True


def _coarse(volume: Volume, axis: int) -> NDArray[np.float32]:
    """Return the means of blocks of pixels, (slices, rows, columns), finite; of a large volume of every n-th pixel."""
    thinned = [ceil((np.prod(volume.shape) / MOST_VOXELS) ** 0.5)] * 3
    thinned[axis] = 1
    data = volume.data[tuple(slice(None, None, one) for one in thinned)]
    steps = np.array(volume.spacing) * thinned
    factors = [max(1, min(size // 8, round(PIXEL / step))) for size, step in zip(data.shape, steps, strict=False)]
    factors[axis] = 1
    means = np.moveaxis(averaged(_brightest(data), factors), axis, 0)
    finite = np.isfinite(means)
    lowest = means[finite].min() if finite.any() else np.float32(0)
    return np.where(finite, means, lowest)


def _brightest(data: np.ndarray) -> np.ndarray:
    """Return the strongest channel of colours, anything else as it is."""
    return np.maximum.reduce([data[..., channel] for channel in range(3)]) if data.ndim == 4 else data


def _windowed(means: NDArray[np.float32], modality: str) -> NDArray[np.float32]:
    """Return values without what is beyond soft tissue in HU, or above the 99.5th percentile of the foreground."""
    low, top = float(means.min()), float(means.max())
    if modality == "CT" and low < AIR:
        return np.clip(means, *SOFT_TISSUE)
    high = np.percentile(means[means > low + 0.02 * (top - low)], 99.5)
    return np.minimum(means, np.float32(high))


def _breaks(steps: NDArray[np.float64], empty: NDArray[np.bool_]) -> list[Break]:
    """Return where one step, or two in a row to a slice and back, is above the margin.

    Parameters
    ----------
    steps
        (N - 1,) mean difference of each slice from the next.
    empty
        (N,) slices of one value or of air, beside which nothing is judged: fields of view and phantoms end there.
    """
    least = FAINT * float(np.median(steps[steps > 0])) if (steps > 0).any() else np.inf
    found = []
    for wide in (1, 2):
        for at in range(1, len(steps) - wide):
            if empty[at - 1 : at + wide + 2].any():
                continue
            times = float(steps[at : at + wide].min() / max(steps[at - 1], steps[at + wide], least))
            if times > MARGIN:
                found.append(Break(at, at + wide, times))
    return found
