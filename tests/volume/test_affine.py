import numpy as np
import pytest
from nibabel.orientations import aff2axcodes
from numpy.testing import assert_allclose, assert_array_equal

from napari_refusion.volume.affine import (
    GRID_TOLERANCE,
    IPL,
    corners,
    empty_ipl,
    from_ipl,
    obliquity,
    same_grid,
    spacing,
    spans_space,
    to_ipl,
)

SHAPE = (4, 5, 6)
MARKER = (1, 2, 4)


def rotation(axis: int, degrees: float) -> np.ndarray:
    matrix = np.eye(4)
    first, second = [other for other in range(3) if other != axis]
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    matrix[first, first] = matrix[second, second] = cosine
    matrix[second, first], matrix[first, second] = sine, -sine
    return matrix


def grid(columns: list[list[float]], origin: list[float]) -> np.ndarray:
    affine = np.eye(4)
    affine[:3, :3] = np.array(columns, dtype=float).T
    affine[:3, 3] = origin
    return affine


# name, world steps of (i, j, k), world place of voxel (0, 0, 0), world place of MARKER worked out by hand
ORIENTATIONS = [
    # i to the right, j to the front, k up, 2 mm: marker at (2 * 1, 2 * 2, 2 * 4)
    ("RAS", [[2, 0, 0], [0, 2, 0], [0, 0, 2]], [0, 0, 0], [2, 4, 8]),
    # the usual radiological storage: i to the left, so x falls from 90 by 2 * 1
    ("LAS", [[-2, 0, 0], [0, 2, 0], [0, 0, 2]], [90, -126, -72], [88, -122, -64]),
    # as DICOM axial slices: i to the left 1 mm, j to the back 1 mm, k up 5 mm
    ("LPS", [[-1, 0, 0], [0, -1, 0], [0, 0, 5]], [10, 20, 30], [9, 18, 50]),
    # sagittal slices: i to the back 1 mm, j down 1 mm, k to the right 3 mm
    ("PIR", [[0, -1, 0], [0, 0, -1], [3, 0, 0]], [0, 0, 0], [12, -1, -2]),
    # coronal slices: i to the left 0.5 mm, j down 0.5 mm, k to the front 4 mm
    ("LIA", [[-0.5, 0, 0], [0, 0, -0.5], [0, 4, 0]], [1, 2, 3], [0.5, 18, 2]),
    # already in the package's order
    ("IPL", [[0, 0, -2], [0, -2, 0], [-2, 0, 0]], [0, 0, 0], [-8, -4, -2]),
]


@pytest.mark.parametrize(("name", "columns", "origin", "place"), ORIENTATIONS, ids=[row[0] for row in ORIENTATIONS])
def test_a_marker_keeps_its_place_in_the_patient_in_ipl_order(
    name: str, columns: list[list[float]], origin: list[float], place: list[float]
) -> None:
    data, affine = np.zeros(SHAPE), grid(columns, origin)
    data[MARKER] = 1

    reordered, moved, axes = to_ipl(data, affine)

    (index,) = np.argwhere(reordered == 1)
    assert_allclose((moved @ [*index, 1])[:3], place)
    assert "".join(axes) == name
    assert aff2axcodes(moved) == IPL


@pytest.mark.parametrize(("name", "columns", "origin", "place"), ORIENTATIONS, ids=[row[0] for row in ORIENTATIONS])
def test_what_is_written_to_the_view_of_an_empty_array_is_where_to_ipl_puts_it(
    name: str, columns: list[list[float]], origin: list[float], place: list[float]
) -> None:
    values, affine = np.random.default_rng(0).random(SHAPE, dtype=np.float32), grid(columns, origin)

    data, view, moved, axes = empty_ipl(SHAPE, affine)
    for number, plane in enumerate(values):
        view[number] = plane

    expected, its_affine, its_axes = to_ipl(values, affine)
    assert_array_equal(data, expected)
    assert_array_equal(moved, its_affine)
    assert axes == its_axes
    assert data.flags.c_contiguous


def test_a_marker_in_an_oblique_volume_keeps_its_place() -> None:
    data, affine = (
        np.zeros(SHAPE),
        rotation(0, 25) @ rotation(2, -15) @ grid([[1, 0, 0], [0, 2, 0], [0, 0, 3]], [7, 8, 9]),
    )
    data[MARKER] = 1

    reordered, moved, _ = to_ipl(data, affine)

    (index,) = np.argwhere(reordered == 1)
    assert_allclose(moved @ [*index, 1], affine @ [*MARKER, 1])


def test_the_axes_of_an_ipl_array_mean_head_to_foot_front_to_back_right_to_left() -> None:
    _, moved, _ = to_ipl(np.zeros(SHAPE), np.eye(4))

    assert_array_equal(moved[:3, :3], [[0, 0, -1], [0, -1, 0], [-1, 0, 0]])


@pytest.mark.parametrize("axes", ["RAS", "LAS", "PIR", "SLA", "AIL"])
def test_from_ipl_undoes_to_ipl(axes: str) -> None:
    data = np.random.default_rng(0).random((*SHAPE, 3))
    affine = grid([[1, 0, 0], [0, 2, 0], [0, 0, 3]], [4, 5, 6])
    stored, its_affine = from_ipl(*to_ipl(data, affine)[:2], (axes[0], axes[1], axes[2]))

    back, its_affine_back, found = to_ipl(stored, its_affine)

    assert "".join(found) == axes
    assert_array_equal(back, to_ipl(data, affine)[0])
    assert_allclose(its_affine_back, to_ipl(data, affine)[1])


@pytest.mark.parametrize("degrees", [0.0, 3.0, 15.0, 40.0])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_obliquity_of_a_rotated_grid_is_the_angle(axis: int, degrees: float) -> None:
    assert obliquity(rotation(axis, degrees) @ np.diag([1.0, 2.0, 3.0, 1.0])) == pytest.approx(degrees, abs=1e-5)


def test_obliquity_of_a_grid_along_the_space_diagonal_is_54_7_degrees() -> None:
    # (1, 1, 1) is arccos(1 / sqrt 3) from each axis
    assert obliquity(grid([[1, 1, 1], [0, 1, 0], [0, 0, 1]], [0, 0, 0])) == pytest.approx(54.7356, abs=1e-3)


def test_spacing_is_the_length_of_the_steps() -> None:
    # 3-4-5 triangle, and a rotation that changes no length
    assert_allclose(spacing(grid([[3, 4, 0], [0, 2, 0], [0, 0, 1]], [9, 9, 9])), [5, 2, 1])
    assert_allclose(spacing(rotation(1, 33) @ np.diag([1.0, 2.0, 3.0, 1.0])), [1, 2, 3])


def test_corners_are_the_outermost_voxel_centres() -> None:
    found = corners((2, 3, 4), np.diag([1.0, 10.0, 100.0, 1.0]))

    assert sorted(map(tuple, found)) == sorted((i, j, k) for i in (0, 1) for j in (0, 20) for k in (0, 300))


def test_grids_within_the_tolerance_are_the_same_and_beyond_it_are_not() -> None:
    near, far = np.eye(4), np.eye(4)
    near[0, 3], far[0, 3] = 0.9 * GRID_TOLERANCE, 1.1 * GRID_TOLERANCE

    assert same_grid(SHAPE, np.eye(4), SHAPE, near)
    assert not same_grid(SHAPE, np.eye(4), SHAPE, far)
    assert not same_grid(SHAPE, np.eye(4), (4, 5, 7), np.eye(4))


def test_a_small_angle_counts_at_the_far_corner() -> None:
    # 0.0001 in a matrix entry is nothing at the first voxel and 0.05 mm after 511 of them
    turned = np.eye(4)
    turned[1, 2] = 1e-4

    assert not same_grid((1, 512, 512), np.eye(4), (1, 512, 512), turned)


@pytest.mark.parametrize("size", [1e-5, 1.0, 1e3])
def test_right_angled_and_tilted_axes_span_space_whatever_the_voxel_size(size: float) -> None:
    """The share of the box is the sine of the angle between two axes: 1, and 0.5 at 30 degrees."""
    tilted = grid([[1, 0, 0], [0, 1, 0], [0, np.cos(np.radians(30)), np.sin(np.radians(30))]], [0, 0, 0])
    for affine in (np.eye(4), tilted, rotation(0, 20) @ rotation(2, 50)):
        assert spans_space(affine @ np.diag([size, size, size, 1.0]))


@pytest.mark.parametrize(
    ("columns", "origin"),
    [
        ([[1, 0, 0], [0, 1, 0], [1, 1, 0]], [0, 0, 0]),
        ([[1, 0, 0], [0, 1, 0], [0, 1, 1e-7]], [0, 0, 0]),
        ([[1, 0, 0], [0, 0, 0], [0, 0, 1]], [0, 0, 0]),
        ([[1e3, 0, 0], [0, 1e3, 0], [1e3, 1e3, 1e-4]], [0, 0, 0]),
        ([[1, 0, 0], [0, np.nan, 0], [0, 0, 1]], [0, 0, 0]),
        ([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [0, np.inf, 0]),
    ],
    ids=["in one plane", "nearly", "no size", "nearly, large voxels", "not a number", "infinitely far"],
)
def test_axes_in_one_plane_and_numbers_that_are_not_finite_span_no_space(
    columns: list[list[float]], origin: list[float]
) -> None:
    assert not spans_space(grid(columns, origin))
