"""Colours of signed differences."""

import numpy as np
import pytest

from napari_refusion.numerics.colour_maps import colour_table
from napari_refusion.numerics.compare import map_colours
from napari_refusion.numerics.difference import difference_table, signed_colours


def test_colours_are_symmetric_in_brightness_black_in_the_middle_and_brighter_outwards() -> None:
    table = difference_table()
    assert np.all(table[127:129] == 0)
    brightness = table.max(axis=1)
    assert np.all(np.diff(brightness[:128]) <= 1e-6)
    assert np.all(np.diff(brightness[128:]) >= -1e-6)
    assert brightness[:128] == pytest.approx(brightness[:127:-1], abs=0.011)  # .95 on both sides at three fifths
    assert colour_table("difference") is table


def test_values_beyond_one_have_full_colour_and_those_not_known_are_grey() -> None:
    values = np.array([-3.0, -1.0, 0.0, 1.0, 7.0, np.nan])
    colours = signed_colours(np.nan_to_num(values), np.isfinite(values))
    assert np.array_equal(colours[0], colours[1])
    assert np.array_equal(colours[3], colours[4])
    assert np.ptp(colours[5]) == 0
    assert 0 < colours[5][0] < 1
    assert np.array_equal(colours[1], map_colours(np.zeros(1), "difference")[0])
