"""How much of a lesion survives fusion: planted in one source, looked for in the fused image.

The functional source comes first, so a bright lesion in it is extra uptake in PET or SPECT; in CT it is a spot of
greater density, as a small bleed or a calcification. A dark one is a defect of uptake, an infarct or a cyst. It is
planted wherever either source shows anything: where only the MRI does, as in skull and meninges, a fusion hides it most
easily. The mean of both sources passes exactly one half, the brighter source max(0, a + 0.3 - max(a, b)) / 0.3 of a
bright one: all where the first source a is the brighter one, none where the second source b is brighter by more than
the lesion.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from training.baselines import Fuse
from training.figures.sets import spread

POSITIONS: Final = 33
"""Lesions for each slice, one at a time in effect."""

SIGMA: Final = 4.0
"""Standard deviation of the Gaussian lesion in pixels."""

AMPLITUDE: Final = 0.3
"""Height of the lesion, where 1 is the full scale."""

HIDDEN: Final = 0.2
"""A lesion of which less than this is left counts as hidden."""

FOREGROUND: Final = 0.1
"""Smallest value of the brighter source, smoothed, that counts as foreground."""

APART: Final = 40.0
"""Pixels between lesions that share a pass: ten sigma, beyond the network's convolutions. Its attention sees the whole
image: against one lesion at a time a transfer changed by at most 0.03, the mean of a slice by 0.005."""

FINEST: Final = 4
"""Pixels between neighbours on the finest grid that is tried."""

SLICES: Final = 8
"""Slices of a set in which lesions are planted; with 8 of them the mean is known to about 0.04."""

Position = tuple[int, int]
"""Row and column of a lesion's centre."""


def contrast_transfer(
    fuse: Fuse, first: NDArray[np.float64], second: NDArray[np.float64], amplitude: float = AMPLITUDE
) -> NDArray[np.float64]:
    """Return for each of `lesion_positions` how much of the lesion is left in the fused image.

    That is the change of the fused image at the lesion's centre, divided by the change of the first source there: 1 if
    the lesion stands out as in its source, 0 if nothing is left, negative if a bright one darkens the fused image.

    Parameters
    ----------
    first, second
        Sources, (H, W) in [0, 1]. Beside its centre a lesion is cut off at 0 and 1, like any value beyond the window.
    amplitude
        Height of the lesion, -1 to 1; negative for a dark one.
    """
    positions = lesion_positions(first, second, amplitude)
    without = fuse(first, second)
    transfers = dict.fromkeys(positions, 0.0)
    for together in _far_apart(positions):
        planted = plant_lesions(first, together, amplitude)
        change = fuse(planted, second) - without
        for position in together:
            transfers[position] = change[position] / (planted - first)[position]
    return np.array([transfers[position] for position in positions])


def lesion_positions(
    first: NDArray[np.float64], second: NDArray[np.float64], amplitude: float = AMPLITUDE
) -> list[Position]:
    """Return 33 positions on a square grid in the foreground where the lesion is not cut off, fewer in a tiny one.

    The grid is the coarsest one, centred on the image, with so many positions; if it has more, some are left out
    evenly.
    """
    fits = (first <= 1 - amplitude) & (first >= -amplitude)
    usable = (gaussian_filter(np.maximum(first, second), 2.0) > FOREGROUND) & fits
    positions: list[Position] = []
    for step in range(max(usable.shape), FINEST - 1, -1):
        rows, columns = (range(size // 2 % step, size, step) for size in usable.shape)
        positions = [(row, column) for row in rows for column in columns if usable[row, column]]
        if len(positions) >= POSITIONS:
            kept = np.linspace(0, len(positions) - 1, POSITIONS).round().astype(int)
            return [positions[index] for index in kept]
    return positions


def plant_lesions(
    first: NDArray[np.float64], positions: Sequence[Position], amplitude: float = AMPLITUDE
) -> NDArray[np.float64]:
    """Return the first source, (H, W) in [0, 1], with a lesion at each position, dark for a negative amplitude."""
    rows, columns = np.indices(first.shape)
    planted = first.copy()
    for row, column in positions:
        planted += amplitude * np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / (2 * SIGMA**2))
    return np.clip(planted, 0.0, 1.0)


def _far_apart(positions: Sequence[Position]) -> list[list[Position]]:
    """Return the positions in groups, those of one group at least `APART` from each other."""
    groups: list[list[Position]] = []
    for position in positions:
        for group in groups:
            if all(np.hypot(position[0] - row, position[1] - column) >= APART for row, column in group):
                group.append(position)
                break
        else:
            groups.append([position])
    return groups


def probed(count: int) -> list[int]:
    """Return which slices of a set of `count` get lesions: the middle of each of `SLICES` equal parts."""
    return spread(count, SLICES)
