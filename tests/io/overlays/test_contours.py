import numpy as np
import pytest
from scipy import ndimage
from skimage.draw import polygon2mask

from napari_refusion.io.overlays.contours import cross, filled, overlap

SQUARE = np.array([[2.5, 2.5], [2.5, 9.5], [9.5, 9.5], [9.5, 2.5]])


def circle(radius: float, middle: tuple[float, float] = (20.2, 21.7), points: int = 400) -> np.ndarray:
    turn = np.linspace(0, 2 * np.pi, points, endpoint=False)
    return np.stack([middle[0] + radius * np.sin(turn), middle[1] + radius * np.cos(turn)], axis=1)


def test_a_square_holds_the_pixels_whose_centres_it_encloses() -> None:
    expected = np.zeros((12, 12), bool)
    expected[3:10, 3:10] = True
    np.testing.assert_array_equal(filled([SQUARE], (12, 12)), expected)


@pytest.mark.parametrize("backwards", [False, True])
def test_the_direction_of_a_contour_does_not_count(backwards: bool) -> None:
    inner = circle(5)[::-1] if backwards else circle(5)
    expected = filled([circle(15)], (40, 44)) & ~filled([circle(5)], (40, 44))
    np.testing.assert_array_equal(filled([circle(15), inner], (40, 44)), expected)


def test_a_keyhole_leads_into_a_hole() -> None:
    outer, inner = circle(15), circle(5)[::-1]
    keyhole = np.concatenate([outer, outer[:1], inner[-1:], inner, outer[:1]])
    expected = filled([outer, inner], (40, 44))
    np.testing.assert_array_equal(filled([keyhole], (40, 44)), expected)
    assert not cross([keyhole])


def test_an_island_in_a_hole_is_in_again() -> None:
    rings = [circle(15), circle(10), circle(5)]
    assert filled(rings, (40, 44))[20, 22]
    assert not filled(rings[:2], (40, 44))[20, 22]


def test_two_contours_beside_each_other_share_no_pixel_and_leave_none_between_them() -> None:
    """Their common edge runs through the centres of pixels."""
    left, right = (np.array([[1, a], [1, b], [8, b], [8, a]], float) for a, b in ((1, 4), (4, 9)))
    one, other = filled([left], (12, 12)), filled([right], (12, 12))
    assert not (one & other).any()
    both = np.array([[1, 1], [1, 9], [8, 9], [8, 1]], float)
    np.testing.assert_array_equal(one | other, filled([both], (12, 12)))


def test_random_polygons_are_those_of_scikit_image() -> None:
    chance = np.random.default_rng(1)
    for _ in range(100):
        turn = np.sort(chance.uniform(0, 2 * np.pi, 12))
        points = 20 + chance.uniform(3, 25, 12)[:, None] * np.stack([np.sin(turn), np.cos(turn)], axis=1)
        np.testing.assert_array_equal(filled([points], (40, 40)), polygon2mask((40, 40), points))


def test_a_contour_as_large_as_numbers_go_is_cut_to_the_image() -> None:
    assert filled([(SQUARE - 6) * 1e12], (12, 12)).all()
    assert not filled([SQUARE + 1e12], (12, 12)).any()


def test_crossing_contours_are_noticed_and_touching_ones_are_not() -> None:
    bow = SQUARE[[0, 2, 1, 3]]
    assert cross([bow])
    assert cross([SQUARE, SQUARE + 3])
    assert not cross([SQUARE])
    assert not cross([SQUARE, np.add(SQUARE, (0, 7))])
    assert not cross([circle(15), circle(5)])


def test_the_area_of_a_circle_is_right_and_dilated_by_rounding_to_whole_pixels_as_rt_utils_does() -> None:
    area = np.pi * 9.3**2
    assert filled([circle(9.3)], (40, 44)).sum() == pytest.approx(area, rel=0.02)
    cv2 = pytest.importorskip("cv2")
    rounded = np.zeros((40, 44), np.uint8)
    cv2.fillPoly(rounded, [np.around(circle(9.3)[:, ::-1]).astype(np.int32)], 1)
    assert rounded.sum() > 1.08 * area
    assert ndimage.label(rounded)[1] == 1


def test_contours_that_lie_on_one_another_are_noticed_though_no_edge_crosses() -> None:
    """Their edges run along each other, or are the same ones."""
    beside = np.add(SQUARE, (0, 3))
    assert not cross([SQUARE, beside])
    assert overlap([SQUARE, beside], (14, 14))
    assert overlap([circle(3, (5.0, 20.0)), SQUARE, SQUARE[::-1]], (30, 30))


def test_islands_holes_and_neighbours_do_not_lie_on_one_another() -> None:
    assert not overlap([SQUARE], (12, 12))
    assert not overlap([SQUARE, np.add(SQUARE, (0, 7))], (12, 20))
    assert not overlap([circle(15), circle(10), circle(5), circle(3, (60.0, 60.0))], (80, 80))
    hole_at_the_edge = np.array([[2.5, 4.5], [2.5, 6.5], [5.5, 6.5], [5.5, 4.5]])
    assert not overlap([SQUARE, hole_at_the_edge], (12, 12))


def test_contours_beyond_the_image_do_not_lie_on_one_another() -> None:
    assert not overlap([SQUARE + 1e9, SQUARE - 1e9, SQUARE], (12, 12))
