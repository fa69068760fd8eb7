"""Projections of planes against scipy's resampling, and markers against trigonometry."""

import numpy as np
import pytest
from scipy import ndimage

from napari_refusion.numerics.projection import Rays, columns_of, project

ANISOTROPIC = Rays((20, 26), (2.0, 1.5), 1.5)


@pytest.fixture
def volume() -> np.ndarray:
    noise = np.random.default_rng(3).random((5, 20, 26))
    return ndimage.gaussian_filter(noise, 1.0).astype(np.float32)


def resampled_maximum(volume: np.ndarray, rays: Rays, degrees: float) -> np.ndarray:
    """Return numpy's maximum over each plane resampled by scipy to a grid that is turned, -inf outside of the plane.

    A place of this grid, (step, ray) from its middle in mm, lies at (step cos + ray sin, ray cos - step sin) of the
    plane: the axes of the eye after it walked by an angle towards the last column.
    """
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    matrix = np.diag(1 / np.array(rays.spacing)) @ turn * rays.pixel
    size = (rays.steps, rays.count)
    offset = (np.array(rays.shape) - 1) / 2 - matrix @ ((np.array(size) - 1) / 2)
    steps = np.stack(np.meshgrid(*map(np.arange, size), indexing="ij"))
    places = np.tensordot(matrix, steps, 1) + offset[:, None, None]
    ends = np.array(rays.shape)[:, None, None] - 0.5
    inside = ((places > -0.5 - 1e-6) & (places < ends + 1e-6)).all(axis=0)
    planes = [
        ndimage.affine_transform(plane.astype(np.float64), matrix, offset, size, order=1, mode="nearest")
        for plane in volume
    ]
    return np.where(inside, planes, -np.inf).max(axis=1)


def seen_in_their_pixels(volume: np.ndarray, rays: Rays, degrees: float) -> np.ndarray:
    """Return the largest voxel whose middle each ray passes within half a pixel, -inf where there is none."""
    largest = np.full((len(volume), rays.count), -np.inf)
    for row, column in np.ndindex(volume.shape[1:]):
        ray = int(np.floor(rays.ray_at(row, column, degrees) + 0.5))
        largest[:, ray] = np.maximum(largest[:, ray], volume[:, row, column])
    return largest


@pytest.mark.parametrize("degrees", [0.0, 10.0, 37.0, 90.0, 135.0, 180.0, 250.0, 270.0, 359.0])
@pytest.mark.parametrize("rays", [ANISOTROPIC, Rays((20, 26), (1.0, 1.0), 1.0), Rays((20, 26), (1.0, 3.0), 0.7)])
def test_a_projection_is_numpys_maximum_over_the_resampled_rotation_and_the_voxels_themselves(
    volume: np.ndarray, rays: Rays, degrees: float
) -> None:
    values, voxels = project(columns_of(volume), rays, degrees)
    expected = np.maximum(resampled_maximum(volume, rays, degrees), seen_in_their_pixels(volume, rays, degrees))
    is_met = np.isfinite(expected)
    assert np.allclose(values[is_met], expected[is_met], atol=1e-6)
    assert np.isnan(values[~is_met]).all()
    assert ((voxels >= 0) == is_met).all()


def test_from_the_front_and_from_behind_no_voxel_is_interpolated(volume: np.ndarray) -> None:
    rays = Rays((20, 26), (1.0, 1.0), 1.0)
    beside = (rays.count - 26) // 2
    front, _ = project(columns_of(volume), rays, 0.0)
    back, _ = project(columns_of(volume), rays, 180.0)
    assert np.array_equal(front[:, beside:-beside], volume.max(axis=1))
    assert np.array_equal(back[:, beside:-beside], volume.max(axis=1)[:, ::-1])


@pytest.mark.parametrize(
    ("degrees", "across"),
    # row 3 of 20 lies 6.5 rows of 2 mm above the middle, column 21 of 26 lies 8.5 columns of 1.5 mm right of it
    [(0.0, 8.5 * 1.5), (90.0, -6.5 * 2), (180.0, -8.5 * 1.5), (270.0, 6.5 * 2)],
)
def test_a_marker_is_seen_where_the_quarter_turns_take_it(degrees: float, across: float) -> None:
    assert ANISOTROPIC.ray_at(3, 21, degrees) == pytest.approx(across / 1.5 + (ANISOTROPIC.count - 1) / 2)
    volume = np.zeros((5, 20, 26), np.float32)
    volume[2, 3, 21] = 7.0
    values, _ = project(columns_of(volume), ANISOTROPIC, degrees)
    plane, ray = np.unravel_index(np.nanargmax(values), values.shape)
    assert plane == 2
    assert abs(ray - ANISOTROPIC.ray_at(3, 21, degrees)) <= 1


@pytest.mark.parametrize("degrees", range(0, 360, 10))
def test_the_voxel_of_a_maximum_is_named_exactly(degrees: int) -> None:
    volume = np.zeros((5, 20, 26), np.float32)
    volume[2, 3, 21], volume[4, 12, 6] = 7.0, 5.0
    values, voxels = project(columns_of(volume), ANISOTROPIC, float(degrees))
    for marked in ((2, 3, 21), (4, 12, 6)):
        row = values[marked[0]]
        named = np.unravel_index(voxels[marked[0], int(np.nanargmax(row))], volume.shape)
        assert tuple(map(int, named)) == marked


@pytest.mark.parametrize("degrees", [0, 3, 45, 77, 90, 135, 200, 315])
@pytest.mark.parametrize("rays", [ANISOTROPIC, Rays((20, 26), (1.0, 1.0), 1.0), Rays((20, 26), (1.0, 1.0), 3.0)])
def test_no_side_shows_less_than_the_highest_uptake(volume: np.ndarray, rays: Rays, degrees: int) -> None:
    values, voxels = project(columns_of(volume), rays, float(degrees))
    assert np.array_equal(np.nanmax(values, axis=1), volume.max(axis=(1, 2)))
    assert np.array_equal(volume.ravel()[voxels[np.arange(5), np.nanargmax(values, axis=1)]], volume.max(axis=(1, 2)))


@pytest.mark.parametrize("missing", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_no_maximum_and_takes_nothing_from_its_neighbour(missing: float) -> None:
    volume = np.ones((2, 9, 9), np.float32)
    volume[0, 4, 5], volume[0, 4, 4] = 6.0, missing
    volume[1] = missing
    rays = Rays((9, 9), (1.0, 1.0), 1.0)
    for degrees in (0.0, 30.0, 90.0, 200.0):
        values, voxels = project(columns_of(volume), rays, degrees)
        assert 1.0 < np.nanmax(values[0]) <= 6.0
        assert np.isfinite(values[0][voxels[0] >= 0]).all()
        assert voxels[0, np.nanargmax(values[0])] == 4 * 9 + 5
        assert np.isnan(values[1]).all()
        assert (voxels[1] == -1).all()
    beside = (rays.count - 9) // 2
    assert project(columns_of(volume), rays, 0.0)[0][0, beside + 5] == 6.0


def test_integers_are_projected_as_their_values() -> None:
    volume = np.arange(2 * 4 * 4, dtype=np.int16).reshape(2, 4, 4)
    rays = Rays((4, 4), (1.0, 1.0), 1.0)
    values, _ = project(columns_of(volume), rays, 0.0)
    beside = (rays.count - 4) // 2
    assert np.array_equal(values[:, beside:-beside], volume.max(axis=1))
