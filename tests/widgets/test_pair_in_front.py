"""Which of several results and images is seen."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from napari import Viewer
from napari.components import LayerList
from napari.layers import Image, Shapes

from napari_refusion.fusion.partial import PartialFusion
from napari_refusion.widgets.layer_marks import KEY
from napari_refusion.widgets.pair_in_front import bring_back, bring_forward, lying_over


def source(name: str) -> Image:
    return Image(np.zeros((2, 2)), name=name)


def result(name: str, *pair: Image, visible: bool = True) -> Image:
    mark = {"pair": [str(one.unique_id) for one in pair], "kind": name}
    return Image(np.zeros((2, 2)), name=name, visible=visible, metadata={KEY: {"fusion": mark}})


@pytest.fixture
def layers() -> LayerList:
    """Three sources, the results of two pairs of them, an image of neither, and what the reader drew above them."""
    pet, ct, mri = source("PET"), source("CT"), source("MRI")
    return LayerList(
        [
            pet,
            ct,
            result("grey ct", pet, ct, visible=False),
            result("colour ct", pet, ct),
            mri,
            result("grey mri", pet, mri, visible=False),
            result("colour mri", pet, mri),
            source("scout"),
            Shapes(name="drawn"),
        ]
    )


def seen(layers: LayerList) -> list[str]:
    return [one.name for one in layers if one.visible]


def test_the_result_of_the_chosen_pair_is_seen_above_those_of_others_which_are_hidden(layers: LayerList) -> None:
    bring_forward(layers, layers["colour ct"])
    order = ["PET", "CT", "MRI", "grey mri", "colour mri", "grey ct", "colour ct", "scout", "drawn"]
    assert [one.name for one in layers] == order
    assert seen(layers) == ["PET", "CT", "colour ct", "drawn"]
    bring_forward(layers, layers["colour mri"])
    assert seen(layers) == ["PET", "MRI", "colour mri", "drawn"]


def test_images_that_are_no_sources_are_not_seen_around_a_result_nor_where_it_has_no_slice_yet(
    layers: LayerList,
) -> None:
    bring_forward(layers, layers["colour ct"])
    assert not layers["MRI"].visible
    assert not layers["scout"].visible


def test_a_source_that_was_hidden_beside_another_pair_is_seen_with_its_own(layers: LayerList) -> None:
    layers["MRI"].visible = False
    bring_forward(layers, layers["colour mri"])
    assert layers["MRI"].visible


def test_a_result_that_is_above_the_others_stays_in_its_place(layers: LayerList) -> None:
    order = [one.name for one in layers]
    bring_forward(layers, layers["colour mri"])
    assert [one.name for one in layers] == order
    assert seen(layers) == ["PET", "MRI", "colour mri", "drawn"]


def test_without_a_result_nothing_changes(layers: LayerList) -> None:
    before = seen(layers)
    bring_forward(layers, None)
    assert seen(layers) == before


def test_what_was_hidden_beside_a_result_can_be_brought_back_and_what_the_reader_hid_stays_so(
    layers: LayerList,
) -> None:
    layers["MRI"].visible = False
    hidden = bring_forward(layers, layers["colour ct"])
    assert hidden == {str(layers["scout"].unique_id)}
    bring_back(layers, hidden)
    assert "scout" in seen(layers)
    assert "MRI" not in seen(layers)
    del layers["scout"]
    bring_back(layers, hidden)  # what is gone meanwhile is no error


def test_an_image_that_is_seen_already_is_not_drawn_again(layers: LayerList) -> None:
    bring_forward(layers, layers["colour ct"])
    drawn: list[str] = []
    for layer in layers:
        layer.events.visible.connect(lambda event: drawn.append(event.source.name))
    bring_forward(layers, layers["colour ct"])
    assert drawn == []
    bring_forward(layers, layers["colour mri"])
    assert sorted(drawn) == ["CT", "MRI", "colour ct", "colour mri"]


@pytest.fixture
def fused() -> PartialFusion:
    """Return the fusion of sources that no layer shows."""
    return cast("PartialFusion", SimpleNamespace(study=SimpleNamespace(sides=())))


def box(name: str, corner: tuple[float, ...] = (0, 0, 0), **look: Any) -> Image:  # noqa: ANN401 - of napari
    return Image(np.ones((5, 10, 10)), name=name, translate=corner, **look)


@pytest.mark.parametrize(
    ("corner", "lies_over"),
    [
        ((0, 0, 0), True),
        ((2, 0, 0), True),
        ((3, 0, 0), False),  # begins a slice further on
        ((-4, 8, 8), False),  # ends two slices before
        ((0, 8, 8), True),
        ((0, 0, 12), False),  # beside it
    ],
)
def test_an_image_lies_over_the_result_where_it_has_voxels_on_the_slice_in_view(
    viewer: Viewer, fused: PartialFusion, corner: tuple[float, ...], *, lies_over: bool
) -> None:
    result_layer = box("fused")
    result_layer.metadata[KEY] = {"fusion": {"pair": []}}
    viewer.add_layer(result_layer)
    other = viewer.add_layer(box("other", corner))
    viewer.dims.set_point(0, 2)
    assert lying_over(viewer, fused) is (other if lies_over else None)


def test_a_flat_picture_lies_over_the_result_on_every_slice(viewer: Viewer, fused: PartialFusion) -> None:
    result_layer = box("fused")
    result_layer.metadata[KEY] = {"fusion": {"pair": []}}
    viewer.add_layer(result_layer)
    flat = viewer.add_layer(Image(np.ones((10, 10)), name="flat"))
    viewer.dims.set_point(0, 4)
    assert lying_over(viewer, fused) is flat
