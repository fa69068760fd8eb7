"""Where a contour may grow: the ball about a click, and the hottest voxel near it."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.lesion.ball import Ball, ball
from napari_refusion.volume.finding import refuse
from napari_refusion.volume.grid import Grid, Voxel
from napari_refusion.volume.probe import position_in_words
from napari_refusion.volume.volume import Volume

RADIUS: Final = 40.0
"""mm about the click, as far as a contour grows unless the reader chooses otherwise."""

CLIMB: Final = 6.0
"""mm; a step of the climb goes to the hottest voxel within this distance, about the resolution of PET, so that a single
noisy voxel on the way does not end it."""


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """The values about a click."""

    grid: Grid
    """Of the box around the ball."""
    ball: Ball
    values: NDArray[np.float64] = field(repr=False)
    """Of the box, in the source's unit; minus infinity outside the ball and where the source has no finite value."""
    seed: Voxel
    """Index in the box that a contour grows from."""

    @property
    def highest(self) -> float:
        """Return the value of the seed."""
        return float(self.values[self.seed])


def search(volume: Volume, point: NDArray[np.float64], radius: float, *, climbs: bool = True) -> Search:
    """Return the values of a source within a distance of a click.

    Parameters
    ----------
    point
        The click, (3,) RAS+ mm.
    radius
        mm.
    climbs
        Whether the seed is the local maximum that the click leads to, and not the clicked voxel.

    Raises
    ------
    RefusedError
        If the click is outside the source, or no voxel near it has a finite value.
    """
    clicked = volume.grid.voxel_at(volume.grid.index_at(point))
    if clicked is None:
        sentence = f"Click within {volume.title}: {position_in_words(point)} lies outside its field."
        raise refuse("volume of interest", sentence, position_in_words(point))
    around = ball(volume.grid, point, radius)
    values = np.where(around.mask, volume.grey[around.box], -np.inf).astype(np.float64)
    values[~np.isfinite(values)] = -np.inf
    corner = np.array([end.start for end in around.box])
    affine = volume.affine.copy()
    affine[:3, 3] = volume.grid.point_at(corner.astype(np.float64))
    shape = values.shape
    grid = Grid((shape[0], shape[1], shape[2]), affine)
    if not np.isfinite(values).any():
        sentence = (
            f"Click elsewhere or choose a larger size: {volume.title} has no value within {radius:g} mm of there."
        )
        raise refuse("volume of interest", sentence, "0 voxels")
    inside = np.clip(np.array(clicked) - corner, 0, np.array(shape) - 1)
    start = (int(inside[0]), int(inside[1]), int(inside[2]))
    seed = _hottest_near(values, grid, start) if climbs else start
    if climbs and not np.isfinite(values[seed]):
        sentence = (
            f"Click on the uptake: {volume.title} has no value (NaN or infinite) within {CLIMB:g} mm of the click."
        )
        raise refuse("volume of interest", sentence, "0 voxels")
    return Search(grid, around, values, seed)


def _hottest_near(values: NDArray[np.float64], grid: Grid, start: Voxel) -> Voxel:
    """Return the voxel that a climb ends at; each step goes to the hottest one near, and none is hotter at the end."""
    step = max(CLIMB, float(np.linalg.norm(grid.spacing)))
    here = start
    while True:
        near = ball(grid, grid.point_at(np.array(here, np.float64)), step)
        found = np.where(near.mask, values[near.box], -np.inf)
        highest = np.unravel_index(int(found.argmax()), found.shape)
        if not found[highest] > values[here]:
            return here
        one, two, three = (int(at) + end.start for at, end in zip(highest, near.box, strict=True))
        here = (one, two, three)
