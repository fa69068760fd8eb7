"""A picture of 16 bits whose full brightness is not known is not fused dark without a word."""

from dataclasses import replace

import pytest

from napari_refusion.numerics.intensity import Window
from napari_refusion.study.pairing import pair
from tests.study.test_pairing import found, volume


@pytest.mark.parametrize("dark", ["first", "second", "both"])
def test_a_picture_that_does_not_say_how_bright_it_can_be_is_said_where_it_is_fused_dark(dark: str) -> None:
    shallow = replace(volume("", 0.05, shape=(1, 40, 50), is_photograph=True, name="dark.png"), is_depth_unknown=True)
    bright = volume("", shape=(1, 40, 50), is_photograph=True, name="bright.png")
    sources = (shallow if dark != "second" else bright, shallow if dark != "first" else bright)
    warned = found(pair(*sources, "infrared_visible"), "values")
    assert len(warned) == (2 if dark == "both" else 1)
    assert all("of 65535" in one.value and one.level == "warn" for one in warned)
    chosen = pair(*sources, "infrared_visible", windows=(Window(0, 0.1), Window(0, 0.1)))
    assert not found(chosen, "values")
