"""Edges of two pictures agree where the pictures lie on each other, whatever their grey values are."""

import numpy as np
import pytest

from napari_refusion.volume.registration.edges import AROUND, agreement, edges, reduced
from tests.scenes import scene


def test_edges_of_one_picture_agree_wholly_and_of_its_negative_as_well() -> None:
    one = edges(scene())
    for other in (one, edges(1 - scene()), edges(0.2 + 0.5 * scene())):
        found = agreement(one, other)
        assert (found.here, found.best) == (pytest.approx(1, abs=1e-3), pytest.approx(1, abs=1e-3))
        assert found.shift == (0, 0)


@pytest.mark.parametrize(("down", "right"), [(9, 0), (0, -14), (-7, 5)])
def test_the_shift_that_lays_one_on_the_other_is_found(down: int, right: int) -> None:
    whole = scene(shape=(300, 380))
    # what lies at (30 + down, 30 + right) of the scene lies at (30, 30) of the first picture
    first, second = whole[30 + down : 270 + down, 30 + right : 350 + right], whole[30:270, 30:350]
    found = agreement(edges(first), edges(second))
    assert found.shift == (down, right)
    assert found.best > 0.8 > 0.3 > found.here


def test_two_scenes_agree_by_chance_alone() -> None:
    assert agreement(edges(scene(1)), edges(scene(2))).best < 0.12


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (7, 7)])
def test_a_picture_of_few_pixels_or_of_one_brightness_has_no_edges(shape: tuple[int, int]) -> None:
    tiny, flat = edges(np.random.default_rng(0).random(shape, np.float32)), edges(np.full((64, 64), 0.5, np.float32))
    assert not tiny.any()
    assert not flat.any()
    assert agreement(flat, edges(scene(shape=(64, 64)))).best == 0


def test_a_picture_is_reduced_to_means_of_square_blocks() -> None:
    picture = np.arange(7 * 10, dtype=np.float32).reshape(7, 10)
    small, width = reduced(picture, 5)
    assert width == 2
    np.testing.assert_array_equal(small, picture[:6].reshape(3, 2, 5, 2).mean(axis=(1, 3)))
    assert reduced(picture, 10)[1] == 1


def test_an_edge_is_bounded_and_its_angle_is_twice_that_of_the_gradient() -> None:
    ramp = np.add.outer(np.arange(40.0), np.arange(40.0)).astype(np.float32)
    inner = edges(ramp)[10:-10, 10:-10]
    # rising down and to the right: the gradient points at 45 degrees, its double at 90, and where all gradients are
    # alike each is half of the bound
    np.testing.assert_allclose(inner, 0.5j, atol=0.05)
    assert AROUND < 10
