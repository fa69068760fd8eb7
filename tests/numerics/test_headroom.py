import numpy as np
import pytest
from numpy.typing import NDArray
from skimage.color import rgb2lab

from napari_refusion.numerics.colour_maps import FUSED_MAPS, colour_table
from napari_refusion.numerics.headroom import (
    STRONGEST,
    TOP,
    legend_table,
    lightness,
    own_on_brightness,
    uptake_on_brightness,
)

BRIGHTNESS = np.linspace(0, 1, 101)
UPTAKE = np.linspace(0.05, 1, 96)
BROWN = np.float32([0.4, 0.2, 0.1])


def every_pixel(palette: str, uptake: NDArray[np.float64] = UPTAKE) -> NDArray[np.float32]:
    """Return the colours of every uptake, down, on every brightness, across."""
    return uptake_on_brightness(*np.meshgrid(BRIGHTNESS, uptake), palette)


def seen(rgb: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return L*, a* and b* of colours as a screen of 8 bits shows them."""
    lab: NDArray[np.float64] = rgb2lab(np.rint(rgb * 255) / 255)
    return lab


def by_iec(linear: float) -> float:
    """Return the value of sRGB for a light in (0.0031308, 1] (IEC 61966-2-1, 5.2)."""
    return float(1.055 * linear ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("palette", FUSED_MAPS)
def test_the_uptake_is_read_back_from_the_chroma_of_a_pixel_of_any_brightness(palette: str) -> None:
    lab = seen(every_pixel(palette))
    read = np.hypot(lab[..., 1], lab[..., 2]) / STRONGEST
    assert np.abs(read - UPTAKE[:, None]).max() < 0.06


@pytest.mark.parametrize("palette", FUSED_MAPS)
def test_the_uptake_is_read_back_from_the_nearest_colour_of_the_legend(palette: str) -> None:
    """The legend shows every uptake on one brightness, so only a* and b* can be compared."""
    levels = np.linspace(0, 1, 256)
    legend = seen(legend_table(palette))[:, 1:]
    pixels = seen(every_pixel(palette))[..., 1:]
    distances = np.linalg.norm(pixels[:, :, None] - legend, axis=-1)
    assert np.abs(levels[distances.argmin(axis=-1)] - UPTAKE[:, None]).max() < 0.1


@pytest.mark.parametrize("palette", FUSED_MAPS)
def test_the_hue_is_that_of_the_palette_on_any_brightness(palette: str) -> None:
    strong = np.linspace(0.3, 1, 64)
    lab = rgb2lab(every_pixel(palette, strong))
    own = rgb2lab(colour_table(palette)[np.rint(255 * strong).astype(int)].astype(np.float64))
    turned = np.arctan2(lab[..., 2], lab[..., 1]) - np.arctan2(own[:, 2], own[:, 1])[:, None]
    # values between two of the palette's 204 entries have the hue of one of them
    assert np.degrees(np.abs(np.angle(np.exp(1j * turned)))).max() < 12
    assert np.degrees(np.median(np.abs(np.angle(np.exp(1j * turned))))) < 1


@pytest.mark.parametrize("palette", FUSED_MAPS)
def test_at_the_same_uptake_brighter_stays_brighter(palette: str) -> None:
    light = rgb2lab(every_pixel(palette, np.linspace(0, 1, 101)).astype(np.float64))[..., 0]
    assert np.diff(light, axis=1).min() > 0


@pytest.mark.parametrize("palette", FUSED_MAPS)
def test_more_uptake_is_never_darker_at_the_same_brightness(palette: str) -> None:
    light = rgb2lab(every_pixel(palette, np.linspace(0, 1, 101)).astype(np.float64))[..., 0]
    # a tenth of a step of 8 bits: colours at the edge of what exists are found to 0.05
    assert np.diff(light, axis=0).min() > -0.05


@pytest.mark.parametrize("palette", FUSED_MAPS)
def test_no_uptake_is_grey_from_black_to_the_white_that_leaves_headroom(palette: str) -> None:
    rgb = uptake_on_brightness(np.array([0.0, 1.0]), np.zeros(2), palette)
    # CIE 15: Y = ((L* + 16) / 116)^3
    np.testing.assert_allclose(rgb, [[0, 0, 0], [by_iec(((TOP + 16) / 116) ** 3)] * 3], atol=1e-3)


def test_middle_grey_of_srgb_has_its_lightness_of_the_standard() -> None:
    light = ((0.5 + 0.055) / 1.055) ** 2.4
    assert lightness(np.array([0.5]))[0] == pytest.approx(116 * light ** (1 / 3) - 16, abs=0.01)


def test_a_brightness_outside_the_range_is_black_or_white() -> None:
    rgb = uptake_on_brightness(np.array([-0.2, 1.7]), np.array([0.5, 0.5]), "hot_iron")
    ends = uptake_on_brightness(np.array([0.0, 1.0]), np.array([0.5, 0.5]), "hot_iron")
    np.testing.assert_array_equal(rgb, ends)


def test_a_sources_own_colour_keeps_its_hue_on_any_brightness() -> None:
    shown = rgb2lab(own_on_brightness(BRIGHTNESS, np.tile(BROWN, (101, 1))).astype(np.float64))
    own = rgb2lab(BROWN.astype(np.float64))
    hues = np.degrees(np.arctan2(shown[:, 2], shown[:, 1]))
    np.testing.assert_allclose(hues, np.degrees(np.arctan2(own[2], own[1])), atol=2)
    np.testing.assert_allclose(np.hypot(shown[:, 1], shown[:, 2]), np.hypot(own[1], own[2]), atol=1)
    assert np.diff(shown[:, 0]).min() > 0


def test_primaries_are_weakened_to_what_exists_on_white() -> None:
    primaries = np.repeat(np.eye(3, dtype=np.float32)[None], 101, axis=0)
    lab = rgb2lab(own_on_brightness(np.repeat(BRIGHTNESS[:, None], 3, axis=1), primaries).astype(np.float64))
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    assert chroma.min() > 35
    np.testing.assert_allclose(chroma, np.broadcast_to(chroma[50], chroma.shape), atol=1.5)
    assert np.diff(lab[..., 0], axis=0).min() > 0


def test_a_grey_source_gives_grey() -> None:
    rgb = own_on_brightness(BRIGHTNESS, np.repeat(BRIGHTNESS[:, None], 3, axis=1).astype(np.float32))
    assert np.ptp(rgb, axis=-1).max() < 2e-3
