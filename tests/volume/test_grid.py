"""A grid: places to voxels and back, and which grids are one."""

import numpy as np
import pytest

from napari_refusion.volume.affine import IPL_TO_RAS
from napari_refusion.volume.grid import Grid

TILTED = IPL_TO_RAS @ np.array([[4.0, 0.3, 0, -7], [0, 2, 0.1, 5], [0.2, 0, 1, 11], [0, 0, 0, 1]])


def test_a_voxel_reaches_half_an_index_to_each_side() -> None:
    grid = Grid((2, 3, 4), np.eye(4))
    assert grid.voxel_at(np.array([-0.5, 1.49, 3.4])) == (0, 1, 3)
    assert grid.voxel_at(np.array([-0.51, 0, 0])) is None
    assert grid.voxel_at(np.array([0, 0, 3.5])) is None


def test_index_and_place_are_inverse() -> None:
    grid, index = Grid((5, 6, 7), TILTED), np.array([1.5, 2.0, 6.25])
    np.testing.assert_allclose(grid.index_at(grid.point_at(index)), index, atol=1e-12)
    np.testing.assert_allclose(grid.point_at(index), (TILTED @ [*index, 1])[:3])


@pytest.mark.parametrize(("axis", "count"), [("axial", 5), ("coronal", 6), ("sagittal", 7)])
def test_slices_are_counted_along_their_direction(axis: str, count: int) -> None:
    assert Grid((5, 6, 7), TILTED).count(axis) == count


def test_the_position_of_a_slice_is_that_of_its_middle() -> None:
    # x of the middle of sagittal slice 3: (2, 2.5, 3) -> -(0.2 * 2 + 0 + 3 + 11)
    assert Grid((5, 6, 7), TILTED).position("sagittal", 3) == pytest.approx(-14.4)


@pytest.mark.parametrize(("shift", "same"), [(0.0009, True), (0.0011, False)])
def test_grids_within_a_thousandth_of_a_millimetre_are_one(shift: float, same: bool) -> None:
    moved = TILTED.copy()
    moved[0, 3] += shift
    grid = Grid((5, 6, 7), TILTED)
    assert grid.matches(Grid((5, 6, 7), moved)) is same
    assert grid.apart(moved) == pytest.approx(shift)
    assert not grid.matches(Grid((5, 6, 8), TILTED))
