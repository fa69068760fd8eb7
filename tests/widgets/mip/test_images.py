"""Pixels of projections as they are drawn."""

import numpy as np
from qtpy.QtGui import QColor, QImage

from napari_refusion.numerics.intensity import Window
from napari_refusion.widgets.mip.images import image_of_colours, image_of_values


def pixels(image: QImage) -> list[list[tuple[int, int, int]]]:
    """Return the colours of an image, row by row."""
    colours = [[QColor(image.pixel(x, y)) for x in range(image.width())] for y in range(image.height())]
    return [[(one.red(), one.green(), one.blue()) for one in row] for row in colours]


def test_much_uptake_is_black_none_and_nothing_measured_white_beyond_the_window_the_ends() -> None:
    values = np.array([[0.0, 2.5, 5.0], [9.0, np.nan, -1.0]], np.float32)
    white, grey, black = (255,) * 3, (127,) * 3, (0,) * 3
    found = pixels(image_of_values(values, Window(0.0, 5.0), "grey_inverted"))
    assert found == [[white, grey, black], [black, white, white]]


def test_a_window_that_begins_above_zero_is_applied() -> None:
    values = np.array([[2.0, 3.0, 4.0]], np.float32)
    assert pixels(image_of_values(values, Window(2.0, 4.0), "grey")) == [[(0,) * 3, (128,) * 3, (255,) * 3]]


def test_colours_are_drawn_as_they_are() -> None:
    colours = np.array([[[1, 0, 0], [0, 0.5, 0], [0, 0, 1.2]]], np.float32)
    assert pixels(image_of_colours(colours)) == [[(255, 0, 0), (0, 128, 0), (0, 0, 255)]]
