"""Regions drawn on slices and painted in space, and which voxels lie in them."""

import numpy as np
import pytest

from napari_refusion.volume.region import (
    ELLIPSE_POINTS,
    Outline,
    Together,
    ellipse_vertices,
    painted,
    region_of,
    through,
    voxels_in,
)

SAME = np.eye(4)


def box(axis: int, index: float, low: tuple[float, float], high: tuple[float, float]) -> Outline:
    """Return a rectangle on a slice."""
    corners = np.array([[low[0], low[1]], [low[0], high[1]], [high[0], high[1]], [high[0], low[1]]])
    region = region_of(np.insert(corners, axis, index, axis=1))
    assert region is not None
    return region


def own_grid(step: tuple[float, float, float], first: tuple[float, float, float] = (0, 0, 0)) -> np.ndarray:
    """Return the matrix of a volume whose voxels are `step` voxels of the reference apart and begin at `first`."""
    own = np.diag([*step, 1.0])
    own[:3, 3] = first
    return own


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


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_on_the_reference_the_voxels_of_the_slice_are_those_whose_centres_lie_inside(axis: int) -> None:
    found = voxels_in(box(axis, 3, (1.5, 9.5), (5.5, 14.5)), SAME)
    expected = [np.insert((row, column), axis, 3) for row in range(2, 6) for column in range(10, 15)]
    assert sorted(map(tuple, found)) == sorted(map(tuple, expected))


@pytest.mark.parametrize(("index", "slice_"), [(0, 0), (1, 0), (2, 1), (3, 1), (4, 1), (5, 2)])
def test_of_thicker_slices_the_one_is_taken_that_the_region_lies_in_once(index: int, slice_: int) -> None:
    """Slices of three: the second one reaches from 1.5 to 4.5 slices of the reference."""
    found = voxels_in(box(0, index, (-0.5, -0.5), (5.5, 5.5)), own_grid((3, 3, 3)))
    assert sorted(map(tuple, found)) == [(slice_, row, column) for row in (0, 1) for column in (0, 1)]


@pytest.mark.parametrize("first", [0.5, 0.5 + 1e-12, 0.5 - 1e-12])
def test_halfway_between_two_slices_one_of_them_is_taken_however_it_is_rounded(first: float) -> None:
    """Slices of two that begin half a slice on: the reference's slice 1 + 0.5 is the border of two of them."""
    found = voxels_in(box(0, 3, (-0.5, -0.5), (0.5, 0.5)), own_grid((1, 1, 1), (first, 0, 0)))
    assert len(found) == 1


@pytest.mark.parametrize("degrees", [0.0, 10.0, 30.0])
def test_a_turned_volume_has_one_voxel_of_each_column_in_a_slice(degrees: float) -> None:
    """Columns stand a cosine closer: as many of them per area as the cosine is smaller."""
    angle = np.radians(degrees)
    own = np.eye(4)
    own[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    found = voxels_in(box(0, 0, (-50.5, -50.5), (50.5, 50.5)), own)
    columns = {(int(row), int(column)) for _, row, column in found}
    assert len(columns) == len(found)
    assert len(found) == pytest.approx(101 * 101 * through(own, 0), rel=0.02)


def test_regions_on_slices_beside_each_other_fill_space_for_thinner_voxels_and_count_thicker_ones_once() -> None:
    parts = tuple(Outline(0, index, box(0, 0, (-0.5, -0.5), (2.5, 2.5)).vertices, is_slab=True) for index in range(6))
    region = Together(parts)
    assert len(voxels_in(region, SAME)) == 6 * 9
    # half as thick: slices -0.25, 0.25, 0.75... between -0.5 and 5.5 are twelve
    assert len(voxels_in(region, own_grid((0.5, 1, 1), (0.25, 0, 0)))) == 12 * 9
    # three times as thick, the first one about slice 1: two of them
    assert len(voxels_in(region, own_grid((3, 1, 1), (1, 0, 0)))) == 2 * 9


def test_what_is_painted_holds_the_voxels_whose_centres_lie_in_it() -> None:
    labels = np.zeros((6, 8, 10), np.uint8)
    labels[1:4, 2:6, 3:9] = 2
    labels[0, 0, 0] = 1
    region = painted(labels, 2, SAME)
    assert region is not None
    assert len(voxels_in(region, SAME)) == 3 * 4 * 6
    # halves of the voxels, whose centres lie a quarter beside the whole ones'
    assert len(voxels_in(region, own_grid((0.5, 0.5, 0.5), (0.25, 0.25, 0.25)))) == 6 * 8 * 12
    # a grid of its own: twice as large voxels painted, so eight times as many held
    scaled = painted(labels, 2, np.diag([0.5, 0.5, 0.5, 1.0]))
    assert scaled is not None
    assert len(voxels_in(scaled, SAME)) == 8 * 3 * 4 * 6
    assert painted(labels, 3, SAME) is None


def test_a_ball_has_the_volume_of_a_ball() -> None:
    """4/3 pi r^3 voxels of the reference, in voxels of any size: r = 20, to 1 % in voxels of 1 and of 2."""
    places = np.stack(np.meshgrid(*[np.arange(64)] * 3, indexing="ij"))
    labels = (np.linalg.norm(places - 31.5, axis=0) < 20).astype(np.int32)
    region = painted(labels, 1, SAME)
    assert region is not None
    ball = 4 / 3 * np.pi * 20**3
    assert len(voxels_in(region, SAME)) == pytest.approx(ball, rel=0.01)
    assert len(voxels_in(region, own_grid((2, 2, 2)))) * 8 == pytest.approx(ball, rel=0.01)


def test_straight_and_turned_grids_are_looked_up_alike() -> None:
    """A turn that is too small to move any centre out of its voxel holds the same voxels."""
    labels = (np.random.default_rng(0).random((9, 11, 13)) > 0.5).astype(np.uint8)
    region = painted(labels, 1, SAME)
    assert region is not None
    for own in (SAME, own_grid((0.5, 2, 1.5), (0.25, 1, -0.5)), own_grid((-1, 1, 1), (8, 0, 0))):
        turned = own.copy()
        turned[0, 1] = 1e-4
        assert np.array_equal(np.sort(voxels_in(region, own), axis=0), np.sort(voxels_in(region, turned), axis=0))
