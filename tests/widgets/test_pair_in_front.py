"""Which of several results is seen."""

import numpy as np
import pytest
from napari.components import LayerList
from napari.layers import Image

from napari_refusion.widgets.layer_marks import KEY
from napari_refusion.widgets.pair_in_front import bring_forward


def layer(name: str, pair: str = "", *, visible: bool = True) -> Image:
    mark = {"fusion": {"pair": list(pair), "kind": name}} if pair else {}
    return Image(np.zeros((2, 2)), name=name, visible=visible, metadata={KEY: mark})


@pytest.fixture
def layers() -> LayerList:
    """Two sources, the results of two pairs, and what the reader drew above them."""
    return LayerList(
        [
            layer("CT"),
            layer("grey ct", "ac", visible=False),
            layer("colour ct", "ac"),
            layer("MRI"),
            layer("grey mri", "bc", visible=False),
            layer("colour mri", "bc"),
            layer("drawn"),
        ]
    )


def seen(layers: LayerList) -> list[str]:
    return [one.name for one in layers if one.visible]


def test_the_result_of_the_chosen_pair_is_seen_above_those_of_others_which_are_hidden(layers: LayerList) -> None:
    bring_forward(layers, layers["colour ct"])
    assert [one.name for one in layers] == ["CT", "MRI", "grey mri", "colour mri", "grey ct", "colour ct", "drawn"]
    assert seen(layers) == ["CT", "MRI", "colour ct", "drawn"]
    bring_forward(layers, layers["colour mri"])
    assert seen(layers) == ["CT", "MRI", "colour mri", "drawn"]


def test_a_result_that_is_above_the_others_stays_in_its_place(layers: LayerList) -> None:
    order = [one.name for one in layers]
    bring_forward(layers, layers["colour mri"])
    assert [one.name for one in layers] == order
    assert seen(layers) == ["CT", "MRI", "colour mri", "drawn"]


def test_without_a_result_nothing_changes(layers: LayerList) -> None:
    before = seen(layers)
    bring_forward(layers, None)
    assert seen(layers) == before
