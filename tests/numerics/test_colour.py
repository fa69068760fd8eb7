import numpy as np
import pytest
from pydicom.pixels import apply_color_lut

from napari_refusion.numerics.colour import (
    PALETTES,
    chroma,
    coloured,
    luminance,
    mean_chroma,
    palette_colours,
)

PRIMARIES = np.float32([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]])


def test_primaries_have_the_luminance_of_bt_601() -> None:
    np.testing.assert_allclose(luminance(PRIMARIES), [0.299, 0.587, 0.114, 1.0], atol=1e-6)


def test_pure_blue_and_pure_red_reach_the_ends_of_the_chroma_range() -> None:
    cbcr = chroma(PRIMARIES)
    assert cbcr[2, 0] == pytest.approx(0.5)
    assert cbcr[0, 1] == pytest.approx(0.5)


def test_grey_has_no_chroma() -> None:
    grey = np.repeat(np.linspace(0, 1, 11, dtype=np.float32)[:, None], 3, axis=1)
    np.testing.assert_allclose(chroma(grey), 0, atol=1e-6)


def test_a_colour_put_together_from_its_own_luminance_and_chroma_is_the_same_colour() -> None:
    rgb = np.random.default_rng(0).random((50, 3), dtype=np.float32)
    np.testing.assert_allclose(coloured(luminance(rgb), chroma(rgb)), rgb, atol=1e-5)


def test_colouring_never_changes_the_luminance() -> None:
    random = np.random.default_rng(1)
    y = random.random(500, dtype=np.float32)
    cbcr = random.uniform(-0.5, 0.5, (500, 2)).astype(np.float32)
    rgb = coloured(y, cbcr)
    assert rgb.min() >= 0
    assert rgb.max() <= 1
    np.testing.assert_allclose(luminance(rgb), y, atol=1e-5)


def test_black_and_white_stay_black_and_white_whatever_the_chroma() -> None:
    rgb = coloured(np.float32([0, 1]), np.float32([[0.4, -0.3], [0.4, -0.3]]))
    np.testing.assert_allclose(rgb, [[0, 0, 0], [1, 1, 1]], atol=1e-6)


def test_merged_chroma_is_the_coloured_ones_where_the_other_is_grey() -> None:
    red, grey = chroma(PRIMARIES[:1]), np.zeros((1, 2), np.float32)
    np.testing.assert_allclose(mean_chroma(red, grey), red, atol=1e-6)
    np.testing.assert_allclose(mean_chroma(grey, grey), 0)


def test_merged_chroma_weighs_each_by_its_strength() -> None:
    merged = mean_chroma(np.float32([[0.3, 0.0]]), np.float32([[0.1, 0.0]]))
    np.testing.assert_allclose(merged, [[(0.09 + 0.01) / 0.4, 0.0]], rtol=1e-6)


@pytest.mark.parametrize("palette", PALETTES)
def test_palettes_begin_black_and_are_coloured_further_up(palette: str) -> None:
    colours = palette_colours(np.linspace(0, 1, 64), palette)
    assert np.all(colours[0] == 0)
    assert np.abs(chroma(colours[20:])).max(axis=1).min() > 0.05


def test_an_unknown_palette_is_named() -> None:
    with pytest.raises(ValueError, match="rainbow"):
        palette_colours(np.zeros(1), "rainbow")


@pytest.mark.parametrize("palette", PALETTES)
def test_the_highest_value_has_the_colour_four_fifths_up_the_palette_of_the_standard(palette: str) -> None:
    """White, which has no hue, is entry 255 of DICOM's palettes (PS3.6, B.1); pydicom knows them by their names."""
    entries = np.arange(256, dtype=np.uint8)
    standard = apply_color_lut(entries, palette=palette.upper())
    colours = palette_colours(np.array([-3.0, 0.5, 1.0, 7.0]), palette)
    np.testing.assert_allclose(colours * 255, standard[[0, 102, 204, 204]], atol=1e-4)
    np.testing.assert_array_equal(standard[255], [255, 255, 255])


def test_the_highest_value_in_hot_iron_is_orange() -> None:
    # Red rises by 2 per entry to entry 128, then green by 2, and from 192 on blue by 4 (PS3.6, B.1.1).
    colours = palette_colours(np.array([0.5, 1.0]), "hot_iron")
    np.testing.assert_allclose(colours * 255, [[2 * 102, 0, 0], [255, 2 * (204 - 128), 4 * (204 - 191)]], atol=1e-4)
