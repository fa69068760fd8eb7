"""Places in words, and values of volumes at them."""

import numpy as np
import pytest

from napari_refusion.numerics.colour import LUMA
from napari_refusion.volume.grid import Grid
from napari_refusion.volume.probe import (
    Sample,
    in_figures,
    place_in_words,
    position_in_words,
    position_of,
    sample_at,
)
from napari_refusion.volume.volume import Volume

AFFINE = np.array([[0, 0, -1, 10], [0, -2, 0, 20], [-4, 0, 0, 30], [0, 0, 0, 1]], dtype=np.float64)
"""Voxels of 4 x 2 x 1 mm along (I, P, L); voxel (0, 0, 0) lies at R 10, A 20, S 30."""

WIDER = np.array([[0, 0, -2.0, 10], [0, -2.0, 0, 20], [-4.0, 0, 0, 30], [0, 0, 0, 1]])
"""The same with 2 mm along L."""

COUNTED = np.arange(2 * 3 * 4, dtype=np.float32).reshape(2, 3, 4)


def test_a_place_gives_the_value_of_the_voxel_that_it_lies_in() -> None:
    volume = Volume(COUNTED, AFFINE, "CT", "HU")
    # voxel (1, 2, 3) is at R 10 - 3, A 20 - 4, S 30 - 4 and reaches 0.5, 1 and 2 mm to each side
    for point in ([7.0, 16.0, 26.0], [7.4, 16.9, 27.9], [6.6, 15.1, 24.1]):
        assert sample_at(volume, np.array(point)) == Sample(23.0, "HU")


@pytest.mark.parametrize("point", [[10.6, 20, 30], [10, 21.1, 30], [10, 20, 32.1], [6.4, 20, 30], [1e9, 0, 0]])
def test_a_place_beside_the_volume_has_no_value(point: list[float]) -> None:
    sample = sample_at(Volume(COUNTED, AFFINE), np.array(point, dtype=np.float64))
    assert sample.value is None
    assert sample.in_words() == "outside"


def test_an_oblique_volume_is_read_where_it_lies_in_the_patient() -> None:
    turn = np.eye(4)
    turn[:2, :2] = np.array([[np.cos(0.4), -np.sin(0.4)], [np.sin(0.4), np.cos(0.4)]])
    affine = turn @ AFFINE
    for voxel in np.ndindex(2, 3, 4):
        point = affine[:3, :3] @ voxel + affine[:3, 3]
        np.testing.assert_allclose(Grid((9, 9, 9), affine).index_at(point), voxel, atol=1e-12)
        assert sample_at(Volume(COUNTED, affine), point).value == COUNTED[voxel]


def test_a_colour_is_read_as_luminance_and_says_so() -> None:
    rgb = np.zeros((1, 1, 1, 3), np.float32)
    rgb[..., 1] = 1.0
    sample = sample_at(Volume(rgb, np.eye(4)), np.zeros(3))
    assert sample.value == pytest.approx(float(LUMA[1]))
    assert sample.in_words() == "0.587 luminance"


def test_a_value_that_is_no_number_is_named() -> None:
    volume = Volume(np.full((1, 1, 1), np.nan, np.float32), np.eye(4))
    assert sample_at(volume, np.zeros(3)).in_words() == "no number in the file"


def test_a_value_without_a_unit_is_in_arbitrary_units() -> None:
    assert Sample(412.0, "a.u.") == sample_at(Volume(np.full((1, 1, 1), 412, np.float32), np.eye(4)), np.zeros(3))


@pytest.mark.parametrize(
    ("point", "words"),
    [
        ([12.3, 40.1, 5.0], "R 12.3  A 40.1  S 5.0 mm"),
        ([-12.3, -40.1, -5.0], "L 12.3  P 40.1  I 5.0 mm"),
        ([-0.04, 0.04, -0.06], "R 0.0  A 0.0  I 0.1 mm"),
    ],
)
def test_a_place_is_told_by_the_side_of_the_patient(point: list[float], words: str) -> None:
    assert position_in_words(np.array(point)) == words


@pytest.mark.parametrize(
    ("value", "words"), [(12345.6, "12346"), (-1000, "-1000"), (4.9649, "4.965"), (0.0, "0"), (1e12, "1e+12")]
)
def test_large_values_are_written_without_an_exponent(value: float, words: str) -> None:
    assert in_figures(value) == words


@pytest.mark.parametrize(
    ("axis", "index", "words"), [("axial", 2, "S 22.0 mm"), ("coronal", 12, "P 4.0 mm"), ("sagittal", 8, "L 6.0 mm")]
)
def test_the_place_of_a_slice_is_along_its_direction(axis: str, index: int, words: str) -> None:
    # z = 30 - 4 * 2; y = 20 - 2 * 12 = -4; x = 10 - 2 * 8 = -6
    assert place_in_words(axis, Grid((6, 20, 16), WIDER).position(axis, index)) == words


def test_almost_nothing_is_no_place_below() -> None:
    assert place_in_words("axial", -0.04) == "S 0.0 mm"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("R 12.3  A 40.1  S 5.0 mm", [12.3, 40.1, 5.0]),
        ("s5 l12 p40", [-12, -40, 5]),
        ("12, -40, 5", [12, -40, 5]),
        ("  -1.5 0 +3 mm", [-1.5, 0, 3]),
        ("R 12,5 A 3, S 1,25 mm", [12.5, 3, 1.25]),
        ("-12,5; 3 +1,25", [-12.5, 3, 1.25]),
        ("12,40,5", [12, 40, 5]),
    ],
)
def test_a_place_is_read_as_it_is_written(text: str, place: list[float]) -> None:
    assert np.allclose(position_of(text), place)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12 40",
        "R 1 R 2 S 3",
        "R 1 L 2 S 3",
        "R 1 A 2 S 3 4",
        "1 2 3 4",
        "R -1 A 2 S 3",
        "1e9 2 3",
        "1,2,3,4",
        "1,5 2,5",
    ],
)
def test_what_is_no_place_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="R 12 A 40 S 5"):
        position_of(text)


def test_reading_undoes_writing() -> None:
    for place in ([-0.04, 3.2, -7.7], [120.0, -80.5, 0.0]):
        assert np.allclose(position_of(position_in_words(np.array(place))), np.round(place, 1))
