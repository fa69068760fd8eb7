"""Colour maps against their definitions, and against a library that has the same ones."""

import numpy as np
import pytest
from napari.utils.colormaps.vendored import _cm_listed
from skimage.color import rgb2lab

from napari_refusion.numerics.colour_maps import COLOUR_MAPS, FUSED_MAPS, colour_table


@pytest.mark.parametrize("name", ["viridis", "plasma", "inferno", "magma"])
def test_the_family_of_viridis_has_the_colours_that_napari_has(name: str) -> None:
    assert np.abs(colour_table(name) - np.array(getattr(_cm_listed, f"_{name}_data"))).max() <= 0.5 / 255 + 1e-6


@pytest.mark.parametrize("name", COLOUR_MAPS)
def test_what_is_said_of_the_lightness_is_what_it_does(name: str) -> None:
    """L* of CIE 15; what is rounded to 8 bits may fall by a tenth of a step."""
    steps = np.diff(rgb2lab(colour_table(name)[None].astype(np.float64))[0, :, 0])
    does = "rises" if steps.min() >= -0.05 else "falls" if steps.max() <= 0.05 else "goes up and down"
    assert COLOUR_MAPS[name].lightness == does


@pytest.mark.parametrize("name", COLOUR_MAPS)
def test_a_map_has_a_source_and_words(name: str) -> None:
    one = COLOUR_MAPS[name]
    assert one.source in one.words
    assert one.words.startswith(one.title)


def test_maps_without_a_hue_everywhere_or_beyond_srgb_colour_no_fused_image() -> None:
    assert set(COLOUR_MAPS) - set(FUSED_MAPS) == {"grey", "grey_inverted", "rainbow", "cividis"}
