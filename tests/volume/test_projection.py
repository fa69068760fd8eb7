"""Projections in the patient: which side is where, and where a click leads."""

from dataclasses import replace

import numpy as np
import pytest

from napari_refusion.volume.projection import Projection, projections, sides_at, turntable, upright
from napari_refusion.volume.volume import Volume
from tests.small_pair import IPL_AFFINE, oblique

SPOT = (1, 5, 25)
"""Voxel of the marker: high up, in front, and on the left of the middle."""


def marked(affine: np.ndarray = IPL_AFFINE) -> Volume:
    """Return a PET of 6 x 24 x 32 voxels of 4 x 2 x 1 mm with one that is hot, seen from afar."""
    data = np.full((6, 24, 32), 0.5, np.float32)
    data[SPOT] = 9.0
    return Volume(data, affine, "PT", "SUVbw", name="pet")


def seen(volume: Volume, degrees: float) -> Projection:
    return next(projections(volume, turntable(volume), [degrees]))


def brightest(projection: Projection) -> tuple[int, int]:
    row, column = np.unravel_index(np.nanargmax(projection.values), projection.values.shape)
    return int(row), int(column)


@pytest.mark.parametrize(
    ("degrees", "towards"),
    # mm from the middle of the volume, R 10 - 15.5 and A 20 - 23: the marker lies 9.5 to the left and 13 in front of it
    [(0.0, 9.5), (90.0, -13.0), (180.0, -9.5), (270.0, 13.0)],
)
def test_a_marker_on_the_left_in_front_lies_right_from_the_front_and_left_from_the_left(
    degrees: float, towards: float
) -> None:
    volume = marked()
    table = turntable(volume)
    row, column = table.pixel_of(volume.grid.point_at(np.array(SPOT, float)), degrees)
    assert row == pytest.approx(1)
    assert (column - (table.shape[1] - 1) / 2) * table.pixel[1] == pytest.approx(towards)
    at_row, at_column = brightest(seen(volume, degrees))
    assert at_row == 1
    assert abs(at_column - column) <= 1


def test_the_letters_at_the_borders_are_those_of_the_nearest_quarter() -> None:
    assert [sides_at(degrees) for degrees in (0, 90, 180, 270)] == [("R", "L"), ("A", "P"), ("L", "R"), ("P", "A")]
    assert sides_at(350) == ("R", "L")
    assert sides_at(50) == ("A", "P")


@pytest.mark.parametrize("degrees", [0.0, 40.0, 90.0, 130.0, 180.0, 225.0, 270.0, 300.0])
def test_a_click_on_the_marker_leads_to_its_very_voxel(degrees: float) -> None:
    volume = marked()
    projection, table = seen(volume, degrees), turntable(volume)
    place = table.places_of(projection.voxels)[brightest(projection)]
    # R 10 - 25, A 20 - 2 * 5, S 30 - 4 * 1
    assert place.tolist() == [-15.0, 10.0, 26.0]


def test_pixels_have_the_smaller_distance_within_a_slice_and_rows_that_of_the_slices() -> None:
    table = turntable(marked())
    assert table.pixel == (4.0, 1.0)
    assert table.shape[0] == 6
    # from the middle to the marker 16.1 mm, and the voxels beside it 2.2 mm
    assert table.shape[1] == 2 * 19
    assert turntable(marked(), 3.0).pixel == (4.0, 3.0)


def test_empty_corners_are_left_out_and_nothing_else_is() -> None:
    middle = np.hypot(np.arange(24)[:, None] * 2 - 23, np.arange(32)[None, :] - 15.5)
    data = np.random.default_rng(1).random((6, 24, 32), dtype=np.float32) + 1
    data[:, middle > 12] = 0
    data[0, 0, 0] = np.nan
    cut = replace(marked(), data=data)
    held = data.copy()
    held[5, 0, 31] = 1e-6
    whole = replace(cut, data=held)
    for degrees in (0.0, 45.0, 200.0):
        small, large = seen(cut, degrees).values, seen(whole, degrees).values
        beside = (large.shape[1] - small.shape[1]) // 2
        assert beside > 5
        assert np.allclose(small, large[:, beside:-beside], atol=1e-5)
        rest = np.concatenate([large[:, :beside], large[:, -beside:]], axis=1)
        assert np.nanmax(rest) <= 1e-5


def test_from_behind_is_what_is_projected_there() -> None:
    noise = np.random.default_rng(5).random((6, 24, 32), dtype=np.float32)
    volume = replace(marked(), data=noise)
    for degrees in (0.0, 30.0, 100.0):
        behind = seen(volume, degrees).from_behind()
        expected = seen(volume, degrees + 180)
        assert behind.degrees == degrees + 180
        assert np.allclose(behind.values, expected.values, equal_nan=True, atol=1e-6)


def test_a_volume_along_the_patients_axes_is_projected_as_it_is_stored() -> None:
    volume = marked()
    assert upright(volume) is volume
    front = seen(volume, 0.0).values
    # rays of 1 mm through voxels of 1 mm: nothing is interpolated from the front
    beside = (front.shape[1] - 32) // 2
    assert np.array_equal(front[:, beside : beside + 32], volume.data.max(axis=1))


@pytest.mark.parametrize("turn", [15.0, -25.0])
def test_an_oblique_volume_is_projected_where_it_lies_in_the_patient(turn: float) -> None:
    volume = marked(oblique(turn))
    straight = upright(volume)
    assert straight is not volume
    table = turntable(straight)
    truth = volume.grid.point_at(np.array(SPOT, float))
    for degrees in (0.0, 60.0, 90.0, 180.0):
        projection = next(projections(straight, table, [degrees]))
        place = table.places_of(projection.voxels)[brightest(projection)]
        # within a voxel of 4 x 2 x 1 mm
        assert np.abs(np.linalg.inv(volume.affine[:3, :3]) @ (place - truth)).max() <= 1.0
        row, column = table.pixel_of(truth, degrees)
        assert np.abs(np.array(brightest(projection)) - (row, column)).max() <= 2.0


def test_what_an_oblique_volume_does_not_cover_is_no_number() -> None:
    straight = upright(marked(oblique(25.0)))
    assert np.isnan(straight.data[0, 0, 0])
    assert np.nanmin(straight.data) >= 0.5 - 1e-6
