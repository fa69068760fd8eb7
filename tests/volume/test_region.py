"""Statistics of sources inside regions."""

from dataclasses import replace

import numpy as np
import pytest

from napari_refusion.volume.region import (
    ELLIPSE_POINTS,
    Region,
    ellipse_vertices,
    region_of,
    region_statistics,
    tab_separated,
)
from napari_refusion.volume.volume import Volume

GRID = (4, 20, 30)
AFFINE = np.array([[0, 0, -1, 0], [0, -2, 0, 0], [-4, 0, 0, 0], [0, 0, 0, 1]], dtype=np.float64)
"""Voxels of 4 x 2 x 1 mm along (I, P, L)."""

EVERYWHERE = np.ones(GRID, np.bool_)


def ramp() -> Volume:
    """Return a volume whose value is 100 times its plane plus its column."""
    planes, _, columns = np.meshgrid(*map(np.arange, GRID), indexing="ij")
    return Volume((100 * planes + columns).astype(np.float32), AFFINE, "PT", "SUVbw", name="pet")


def box(axis: int, index: float, low: tuple[float, float], high: tuple[float, float]) -> Region:
    """Return a rectangle on a slice."""
    corners = np.array([[low[0], low[1]], [low[0], high[1]], [high[0], high[1]], [high[0], low[1]]])
    region = region_of(np.insert(corners, axis, index, axis=1))
    assert region is not None
    return region


def test_a_rectangle_counts_the_voxels_whose_centres_it_holds() -> None:
    # rows 2 to 5 and columns 10 to 14 of plane 3: 4 x 5 voxels of 2 x 1 mm, 4 mm thick
    found = region_statistics(ramp(), box(0, 3, (1.5, 9.5), (5.5, 14.5)), EVERYWHERE)
    assert (found.voxels, found.left_out) == (20, 0)
    assert (found.area, found.volume) == (pytest.approx(40.0), pytest.approx(160.0))
    assert (found.minimum, found.maximum, found.mean, found.median) == (310, 314, 312, 312)
    assert found.sd == pytest.approx(np.sqrt(2))  # of five equally frequent neighbouring numbers: (25 - 1) / 12
    assert (found.source, found.unit) == ("pet", "SUVbw")


@pytest.mark.parametrize(("axis", "area"), [(0, 2.0), (1, 4.0), (2, 8.0)])
def test_the_area_of_a_voxel_is_that_of_its_face_in_the_slice(axis: int, area: float) -> None:
    found = region_statistics(ramp(), box(axis, 2, (0.6, 0.6), (2.4, 2.4)), EVERYWHERE)
    assert (found.voxels, found.area, found.volume) == (4, pytest.approx(4 * area), pytest.approx(32.0))


def test_an_ellipse_has_the_area_pi_a_b() -> None:
    corners = np.array([[-3.0, -7.0], [-3.0, 7.0], [3.0, 7.0], [3.0, -7.0]]) + 10
    points = ellipse_vertices(corners)
    assert points.shape == (ELLIPSE_POINTS, 2)
    np.testing.assert_allclose(((points - 10) ** 2 / np.array([9, 49])).sum(axis=1), 1.0)
    x, y = points.T
    area = abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2  # of a polygon, by its vertices
    assert area == pytest.approx(np.pi * 3 * 7, rel=2e-4)


def test_a_turned_ellipse_stays_in_its_turned_box() -> None:
    turn = np.array([[0.8, -0.6], [0.6, 0.8]])
    straight = np.array([[-1.0, -2.0], [-1.0, 2.0], [1.0, 2.0], [1.0, -2.0]])
    np.testing.assert_allclose(ellipse_vertices(straight @ turn.T), ellipse_vertices(straight) @ turn.T, atol=1e-12)


def test_voxels_without_a_value_are_left_out_and_counted() -> None:
    volume = ramp()
    volume.data[3, 2, 10], volume.data[3, 3, 11] = np.nan, np.inf
    covered = EVERYWHERE.copy()
    covered[3, 4] = False
    found = region_statistics(volume, box(0, 3, (1.5, 9.5), (5.5, 14.5)), covered)
    assert (found.voxels, found.left_out) == (13, 7)
    assert found.maximum == 314
    assert found.area == pytest.approx(26.0)


@pytest.mark.parametrize("index", [-1, 4])
def test_a_region_beside_the_volume_has_no_voxels(index: int) -> None:
    found = region_statistics(ramp(), box(0, index, (1.5, 9.5), (5.5, 14.5)), EVERYWHERE)
    assert (found.voxels, found.area, found.volume) == (0, 0.0, 0.0)
    assert np.isnan(found.mean)


def test_a_region_that_reaches_over_the_border_counts_what_is_inside() -> None:
    assert region_statistics(ramp(), box(0, 0, (-9.0, -9.0), (1.5, 2.5)), EVERYWHERE).voxels == 2 * 3


def test_a_photograph_has_no_area_in_the_patient() -> None:
    found = region_statistics(replace(ramp(), is_photograph=True), box(0, 0, (1.5, 1.5), (3.5, 3.5)), EVERYWHERE)
    assert (found.voxels, found.area, found.volume) == (4, None, None)
    assert "Area (mm²)" not in found.rows()


def test_colours_are_measured_by_their_luminance() -> None:
    green = np.zeros((*GRID, 3), np.float32)
    green[..., 1] = 1.0
    found = region_statistics(Volume(green, AFFINE), box(0, 0, (1.5, 1.5), (3.5, 3.5)), EVERYWHERE)
    assert found.mean == pytest.approx(0.587)
    assert found.unit == "luminance"


@pytest.mark.parametrize(
    "vertices",
    [
        [[0, 1, 1], [0, 1, 5], [0, 1, 9]],  # all on one line
        [[0, 1, 1], [1, 5, 1], [2, 5, 5]],  # across slices
        [[0, 1, 1], [0, 5, 5]],
    ],
)
def test_a_shape_without_area_on_one_slice_is_no_region(vertices: list[list[float]]) -> None:
    assert region_of(np.array(vertices, dtype=np.float64)) is None


def test_a_region_between_two_slices_is_on_the_nearer_one() -> None:
    assert box(0, 2.4, (1.0, 1.0), (3.0, 3.0)).index == 2
    assert box(0, 2.6, (1.0, 1.0), (3.0, 3.0)).index == 3


def test_the_statistics_are_copied_as_a_table_with_a_line_for_each_source() -> None:
    found = region_statistics(ramp(), box(0, 3, (1.5, 9.5), (5.5, 14.5)), EVERYWHERE)
    text = tab_separated([found, replace(found, source="mri", unit="a.u.")])
    lines = [line.split("\t") for line in text.split("\n")]
    assert lines[0][:4] == ["Source", "Unit", "Voxels", "Left out"]
    assert [line[:3] for line in lines[1:]] == [["pet", "SUVbw", "20"], ["mri", "a.u.", "20"]]
    assert dict(zip(lines[0], lines[1], strict=True))["Volume (ml)"] == "0.16"
    assert tab_separated([]) == ""
