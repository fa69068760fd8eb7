"""Statistics of sources inside regions, from their own voxels."""

from dataclasses import replace

import numpy as np
import pytest

from napari_refusion.volume.grid import Grid
from napari_refusion.volume.region import Outline, Together, painted
from napari_refusion.volume.region_statistics import region_statistics, statistics_table
from napari_refusion.volume.volume import Volume
from tests.volume.test_region import box

GRID = (4, 20, 30)
AFFINE = np.array([[0, 0, -1, 0], [0, -2, 0, 0], [-4, 0, 0, 0], [0, 0, 0, 1]], dtype=np.float64)
"""Voxels of 4 x 2 x 1 mm along (I, P, L)."""

SAME = Grid(GRID, AFFINE)


def ramp() -> Volume:
    """Return a volume whose value is 100 times its plane plus its column."""
    planes, _, columns = np.meshgrid(*map(np.arange, GRID), indexing="ij")
    return Volume((100 * planes + columns).astype(np.float32), AFFINE, "PT", "SUVbw", name="pet")


def test_a_rectangle_counts_the_voxels_whose_centres_it_holds() -> None:
    # rows 2 to 5 and columns 10 to 14 of plane 3: 4 x 5 voxels of 2 x 1 mm, 4 mm thick
    found = region_statistics(ramp(), SAME, box(0, 3, (1.5, 9.5), (5.5, 14.5)))
    assert (found.voxels, found.left_out) == (20, 0)
    assert (found.area, found.volume) == (pytest.approx(40.0), pytest.approx(160.0))
    assert (found.minimum, found.maximum, found.mean, found.median) == (310, 314, 312, 312)
    assert found.sd == pytest.approx(np.sqrt(2))  # of five equally frequent neighbouring numbers: (25 - 1) / 12
    assert (found.source, found.unit) == ("pet", "SUVbw")


@pytest.mark.parametrize(("axis", "area"), [(0, 2.0), (1, 4.0), (2, 8.0)])
def test_the_area_of_a_voxel_is_that_of_its_face_in_the_slice(axis: int, area: float) -> None:
    found = region_statistics(ramp(), SAME, box(axis, 2, (0.6, 0.6), (2.4, 2.4)))
    assert (found.voxels, found.area, found.volume) == (4, pytest.approx(4 * area), pytest.approx(32.0))


def test_voxels_without_a_value_are_left_out_and_counted() -> None:
    volume = ramp()
    volume.data[3, 2, 10], volume.data[3, 3, 11] = np.nan, np.inf
    found = region_statistics(volume, SAME, box(0, 3, (1.5, 9.5), (5.5, 14.5)))
    assert (found.voxels, found.left_out) == (18, 2)
    assert found.maximum == 314
    assert found.area == pytest.approx(36.0)


@pytest.mark.parametrize("index", [-1, 4])
def test_a_region_beside_the_volume_has_no_voxels(index: int) -> None:
    found = region_statistics(ramp(), SAME, box(0, index, (1.5, 9.5), (5.5, 14.5)))
    assert (found.voxels, found.area, found.volume) == (0, 0.0, 0.0)
    assert np.isnan(found.mean)


def test_a_region_that_reaches_over_the_border_counts_what_is_inside() -> None:
    assert region_statistics(ramp(), SAME, box(0, 0, (-9.0, -9.0), (1.5, 2.5))).voxels == 2 * 3


def test_a_photograph_has_no_area_in_the_patient() -> None:
    found = region_statistics(replace(ramp(), is_photograph=True), SAME, box(0, 0, (1.5, 1.5), (3.5, 3.5)))
    assert (found.voxels, found.area, found.volume) == (4, None, None)
    assert "Area (mm²)" not in found.rows()


def test_colours_are_measured_by_their_luminance() -> None:
    green = np.zeros((*GRID, 3), np.float32)
    green[..., 1] = 1.0
    found = region_statistics(Volume(green, AFFINE), SAME, box(0, 0, (1.5, 1.5), (3.5, 3.5)))
    assert found.mean == pytest.approx(0.587)
    assert found.unit == "luminance"


def test_the_statistics_make_a_table_with_a_line_for_each_source() -> None:
    found = region_statistics(ramp(), SAME, box(0, 3, (1.5, 9.5), (5.5, 14.5)))
    lines = statistics_table([found, replace(found, source="mri", unit="a.u.")])
    assert lines[0][:4] == ["Source", "Unit", "Voxels", "Left out"]
    assert [line[:3] for line in lines[1:]] == [["pet", "SUVbw", "20"], ["mri", "a.u.", "20"]]
    assert dict(zip(lines[0], lines[1], strict=True))["Volume (ml)"] == "0.16"
    assert statistics_table([]) == []


def test_the_maximum_is_that_of_the_file_and_not_of_a_resampled_volume() -> None:
    """One hot voxel of a coarse PET keeps its height; on the fine grid interpolation would have lowered it."""
    affine = AFFINE @ np.diag([1, 3, 3, 1.0])
    data = np.zeros((4, 7, 10), np.float32)
    data[2, 3, 4] = 10.0
    pet = Volume(data, affine, "PT", "SUVbw", name="pet")
    found = region_statistics(pet, SAME, box(0, 2, (5.5, 8.5), (13.5, 16.5)))
    # rows 6, 9, 12 and columns 9, 12, 15 of the reference are its centres
    assert (found.voxels, found.maximum, found.mean) == (9, 10.0, pytest.approx(10 / 9))
    assert (found.area, found.volume) == (pytest.approx(9 * 18.0), pytest.approx(9 * 72.0))


def test_a_tilted_volume_is_measured_over_the_same_area_in_its_own_voxels() -> None:
    """A region of 40 x 60 mm across a volume of 1 mm that is turned by 20 degrees has 2,400 mm2, as it is drawn."""
    angle = np.radians(20.0)
    turn = np.eye(4)
    turn[1:3, 1:3] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    reference = Grid((100, 100, 100), np.diag([1.0, 1, 1, 1])[[2, 1, 0, 3]] * [-1, -1, -1, 1])
    centred = np.eye(4)
    centred[:3, 3] = -49.5
    back = np.linalg.inv(centred)
    tilted = (reference.affine @ back) @ np.linalg.inv(reference.affine) @ turn @ reference.affine @ centred
    volume = Volume(np.ones((100, 100, 100), np.float32), tilted, "MR", name="mri")
    found = region_statistics(volume, reference, box(0, 50, (29.5, 19.5), (69.5, 79.5)))
    assert found.left_out == 0
    assert found.area == pytest.approx(2400.0, rel=0.02)


def test_in_space_there_is_a_volume_and_no_area() -> None:
    slabs = tuple(Outline(0, index, box(0, 0, (1.5, 9.5), (5.5, 14.5)).vertices, is_slab=True) for index in (1, 2, 3))
    labels = np.zeros(GRID, np.uint8)
    labels[1:4, 2:6, 10:15] = 1
    for region in (Together(slabs), painted(labels, 1, np.eye(4))):
        assert region is not None
        found = region_statistics(ramp(), SAME, region)
        assert (found.voxels, found.area, found.volume) == (60, None, pytest.approx(480.0))
        assert (found.minimum, found.maximum, found.mean) == (110, 314, 212)
        assert "Area (mm²)" not in found.rows()


def test_without_a_voxel_there_is_no_figure() -> None:
    rows = region_statistics(ramp(), SAME, box(0, 9, (1.5, 9.5), (5.5, 14.5))).rows()
    assert (rows["Voxels"], rows["Mean"], rows["Maximum"]) == ("0", "none", "none")
