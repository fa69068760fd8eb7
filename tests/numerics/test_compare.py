"""Two images in one picture, from what the mathematics says."""

import colorsys

import numpy as np
import pytest

from napari_refusion.numerics.colour import PALETTES, palette_colours
from napari_refusion.numerics.colour_maps import COLOUR_MAPS, colour_table
from napari_refusion.numerics.compare import (
    EDGE_COLOUR,
    blend,
    checkerboard,
    edges,
    edges_over,
    map_colours,
    overlay,
    swipe,
)

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(5, 7), (3, 5, 7)])
def test_a_share_of_0_is_only_a_and_of_1_only_b_and_between_it_is_linear(shape: tuple[int, ...]) -> None:
    a, b = (RNG.random(shape, dtype=np.float32) for _ in range(2))
    assert np.array_equal(blend(a, b, 0.0), a)
    assert np.array_equal(blend(a, b, 1.0), b)
    assert blend(a, b, 0.25) == pytest.approx(0.75 * a + 0.25 * b)
    assert blend(a, b, 0.25).dtype == np.float32


def test_a_mask_takes_each_voxel_from_one_image() -> None:
    a, b = np.zeros((1, 3), np.float32), np.ones((1, 3), np.float32)
    assert blend(a, b, np.array([[True, False, True]])).tolist() == [[1, 0, 1]]


def test_a_checkerboard_alternates_along_every_axis() -> None:
    board = checkerboard(np.ix_(range(4), range(6)), (2, 3))
    assert board.astype(int).tolist() == [[0, 0, 0, 1, 1, 1]] * 2 + [[1, 1, 1, 0, 0, 0]] * 2


def test_a_slice_of_a_checkerboard_is_the_slice_of_the_whole() -> None:
    whole = checkerboard(np.ix_(range(8), range(9), range(10)), (2.5, 2, 3))
    part = checkerboard(np.ix_([5], range(9), range(4, 10)), (2.5, 2, 3))
    assert np.array_equal(part, whole[5:6, :, 4:])


def test_a_swipe_shows_a_before_the_line_and_b_after_it() -> None:
    place = np.arange(10)
    assert not swipe(place, 10, 1.0).any()
    assert swipe(place, 10, 0.0).all()
    assert swipe(place, 10, 0.3).tolist() == [False] * 3 + [True] * 7


def test_an_overlay_mixes_colour_and_grey_by_its_opacity() -> None:
    grey, red = np.full((2, 2), 0.5, np.float32), np.full((2, 2, 3), [1.0, 0.0, 0.0], np.float32)
    assert overlay(grey, red, 0.5)[0, 0] == pytest.approx([0.75, 0.25, 0.25])
    without = overlay(grey, red, np.array([[0.0, 0.5], [0.5, 0.5]]))
    assert without[0, 0] == pytest.approx([0.5] * 3)


@pytest.mark.parametrize("axis", [0, 1])
def test_the_edge_of_a_step_is_one_line_beside_it(axis: int) -> None:
    step = np.zeros((12, 12), np.float32)
    step[6:] = 1.0
    found = edges(np.moveaxis(step, 0, axis), 0.1)
    lines = np.flatnonzero(np.moveaxis(found, axis, 0).all(axis=1))
    assert lines.tolist() in ([5], [6])
    assert found.sum() == 12


def test_edges_weaker_than_the_threshold_and_flat_images_give_none() -> None:
    step = np.zeros((12, 12), np.float32)
    step[:, 6:] = 0.2  # smoothed with [1 2 1]/4, its central difference is at most 0.075
    assert edges(step, 0.07).any()
    assert not edges(step, 0.08).any()
    assert not edges(np.full((12, 12), 0.7, np.float32), 1e-6).any()
    assert not edges(np.ones((1, 1)), 0.1).any()


def test_the_edges_of_a_disc_surround_it() -> None:
    y, x = np.mgrid[-20:21, -20:21]
    found = np.argwhere(edges((np.hypot(x, y) < 12).astype(np.float32), 0.1)) - 20
    radii = np.linalg.norm(found, axis=1)
    assert len(found) > 2 * 12 * 2.5
    assert np.abs(radii - 11.5).max() < 1.5


def test_edges_are_found_in_a_volume_and_in_a_volume_of_one_slice() -> None:
    cube = np.zeros((12, 12, 12), np.float32)
    cube[:, :, 6:] = 1.0
    assert edges(cube, 0.1).sum() == 144
    assert np.array_equal(edges(cube[:1], 0.1)[0], edges(cube[0], 0.1))


def test_edges_are_drawn_in_colour_and_the_rest_is_grey() -> None:
    step = np.zeros((8, 8), np.float32)
    step[:, 4:] = 1.0
    ground = np.full((8, 8), 0.3, np.float32)
    found = edges(step, 0.1)
    picture = edges_over(step, ground, 0.1)
    assert picture[found] == pytest.approx(np.tile(EDGE_COLOUR, (8, 1)))
    assert picture[~found] == pytest.approx(0.3)


def test_grey_maps_run_between_black_and_white() -> None:
    values = np.array([0.0, 1.0, -1.0, 2.0], np.float32)
    assert map_colours(values, "grey")[:, 0].tolist() == [0, 1, 0, 1]
    assert map_colours(values, "grey_inverted")[:, 1].tolist() == [1, 0, 1, 0]


def test_hot_raises_red_then_green_then_blue() -> None:
    at = map_colours(np.array([0, 3 / 16, 3 / 8, 6 / 8, 7 / 8, 1]), "hot")
    assert at == pytest.approx(
        np.array([[0, 0, 0], [0.5, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 0.5], [1, 1, 1]]), abs=0.02
    )


def test_rainbow_is_an_even_sweep_of_hue_from_blue_to_red_above_black() -> None:
    table = colour_table("rainbow")
    assert table[0].tolist() == [0, 0, 0]
    for level in (40, 100, 200, 255):
        assert table[level] == pytest.approx(colorsys.hsv_to_rgb(240 * (1 - level / 255) / 360, 1, 1), abs=1e-5)


def test_the_palettes_of_dicom_mean_the_same_as_in_a_coloured_fused_image() -> None:
    values = np.linspace(0, 1, 256, dtype=np.float32)
    for name in PALETTES:
        assert np.array_equal(map_colours(values, name), palette_colours(values, name))


@pytest.mark.parametrize("name", COLOUR_MAPS)
def test_every_map_holds_256_colours_that_nobody_can_change(name: str) -> None:
    table = colour_table(name)
    assert table.shape == (256, 3)
    assert table.min() >= 0
    assert table.max() <= 1
    with pytest.raises(ValueError, match="read-only"):
        table[0] = 1


def test_an_unknown_map_is_named() -> None:
    with pytest.raises(ValueError, match="'jet' is not one of grey"):
        colour_table("jet")
