"""Layouts of kinds of pairs, in a real viewer."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from napari import Viewer
from napari.layers import Image
from napari.settings import get_plugin_settings
from pytestqt.qtbot import QtBot

from napari_refusion.volume.origin import Origin
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.fuse.choice_box import choose
from napari_refusion.widgets.fuse.widget import FuseWidget
from napari_refusion.widgets.fuse.window_menu import CUSTOM
from napari_refusion.widgets.layers import to_layer_data
from napari_refusion.widgets.planes.hanging import shown_plane
from napari_refusion.widgets.preferences import preferred, remember
from tests.small_pair import IPL_AFFINE, blob


@pytest.fixture
def viewer(make_napari_viewer: Callable[..., Viewer]) -> Viewer:
    get_plugin_settings("napari-refusion").fusion.live = False
    return make_napari_viewer()


@pytest.fixture
def widget(viewer: Viewer) -> FuseWidget:
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    return widget


def volume(modality: str, unit: str, seed: int) -> Volume:
    values = blob((8, 24, 32), seed) * (10 if unit == "HU" else 1)
    origin = Origin(sha256=f"{seed:064x}")
    return Volume(values, IPL_AFFINE, modality, unit, name=f"{modality}{seed}", origin=origin)


def open_pair(viewer: Viewer, qtbot: QtBot, *volumes: Volume) -> list[Image]:
    """Show these in place of what is there."""
    viewer.layers.clear()
    layers = []
    for one in volumes:
        data, properties, _ = to_layer_data(one)
        layers.append(viewer.add_image(data, **properties))
    qtbot.wait(50)
    return layers


def rest(qtbot: QtBot) -> None:
    """Wait until the layout is taken for what the reader wants."""
    qtbot.wait(600)


def kept(kind: str) -> dict[str, Any]:
    return dict(json.loads(preferred("layouts")[kind] or "{}"))


def test_pet_ct_begins_axial_with_all_planes_and_a_brain_with_one(
    viewer: Viewer, widget: FuseWidget, qtbot: QtBot
) -> None:
    open_pair(viewer, qtbot, volume("MR", "", 1), volume("PT", "Bq/ml", 2))
    assert not widget.planes.three.is_shown
    open_pair(viewer, qtbot, volume("CT", "HU", 3), volume("PT", "Bq/ml", 4))
    assert widget.planes.three.is_shown
    assert shown_plane(viewer.dims.order) == "axial"
    open_pair(viewer, qtbot, volume("MR", "", 5), volume("PT", "Bq/ml", 6))
    assert not widget.planes.three.is_shown
    rest(qtbot)
    assert set(preferred("layouts").values()) == {""}  # nothing was the reader's wish


def test_the_next_pair_of_a_kind_begins_as_the_last_one_was_left(
    viewer: Viewer, widget: FuseWidget, qtbot: QtBot
) -> None:
    ct, _ = open_pair(viewer, qtbot, volume("CT", "HU", 1), volume("MR", "", 2))
    widget.planes.show_plane("coronal")
    widget.page.first.choose_window("bone")
    ct.colormap = "bone"
    widget.panels.comparing.restore("overlay", "overlay", {}, "hot")
    widget.panels.setCurrentIndex(1)
    rest(qtbot)
    assert set(kept("ct_mri")) == {"plane", "windows", "colours", "mode", "page"}
    # another kind is not touched
    open_pair(viewer, qtbot, volume("MR", "", 3), volume("PT", "Bq/ml", 4))
    assert shown_plane(viewer.dims.order) == "axial"
    assert widget.panels.comparing.state.mode is None
    assert widget.panels.currentIndex() == 0
    # opened the other way round: each source has its own
    mri, ct = open_pair(viewer, qtbot, volume("MR", "", 5), volume("CT", "HU", 6))
    assert shown_plane(viewer.dims.order) == "coronal"
    assert widget.page.second.window_choice.currentData() == "bone"
    assert widget.page.first.window_choice.currentData() == ""
    assert (mri.colormap.name, ct.colormap.name) == ("gray", "bone")
    assert widget.panels.comparing.state.mode is not None
    assert widget.panels.currentIndex() == 1


def test_a_window_that_was_chosen_for_one_kind_of_pair_is_not_that_of_another(
    viewer: Viewer, widget: FuseWidget, qtbot: QtBot
) -> None:
    open_pair(viewer, qtbot, volume("CT", "HU", 1), volume("MR", "", 2))
    widget.page.first.choose_window("bone")
    rest(qtbot)
    open_pair(viewer, qtbot, volume("CT", "HU", 3), volume("PT", "Bq/ml", 4))
    assert widget.page.first.window_choice.currentData() == ""
    rest(qtbot)
    assert kept("function_ct") == {}
    open_pair(viewer, qtbot, volume("CT", "HU", 5), volume("MR", "", 6))
    assert widget.page.first.window_choice.currentData() == "bone"


def test_no_window_of_one_patient_in_arbitrary_units_goes_to_another(
    viewer: Viewer, widget: FuseWidget, qtbot: QtBot
) -> None:
    mri, pet = open_pair(viewer, qtbot, volume("MR", "", 1), volume("PT", "Bq/ml", 2))
    mri.contrast_limits = (7.0, 31.0)
    pet.contrast_limits = (3.0, 11.0)
    widget.page.second.custom.setText("2,9")
    choose(widget.page.second.window_choice, CUSTOM)
    rest(qtbot)
    assert "windows" not in kept("function_mri")
    mri, pet = open_pair(viewer, qtbot, volume("MR", "", 3), volume("PT", "Bq/ml", 4))
    assert tuple(mri.contrast_limits) != (7.0, 31.0)
    assert (widget.page.first.window_choice.currentData(), widget.page.second.window_choice.currentData()) == ("", "")


def test_numbers_in_hu_and_percentiles_are_a_habit(viewer: Viewer, widget: FuseWidget, qtbot: QtBot) -> None:
    ct, _ = open_pair(viewer, qtbot, volume("CT", "HU", 1), volume("MR", "", 2))
    ct.contrast_limits = (-120.0, 260.0)
    widget.page.second.custom.setText("p2,p98")
    choose(widget.page.second.window_choice, CUSTOM)
    rest(qtbot)
    open_pair(viewer, qtbot, volume("CT", "HU", 3), volume("MR", "", 4))
    rows = widget.page.first, widget.page.second
    assert [row.window_choice.currentData() for row in rows] == [CUSTOM, CUSTOM]
    assert [row.custom.text() for row in rows] == ["-120,260", "p2,p98"]
    # a CT in stored values has no HU
    raw = replace(volume("CT", "", 5), unit="")
    open_pair(viewer, qtbot, raw, volume("MR", "", 6))
    assert widget.page.first.window_choice.currentData() == ""


def test_another_layer_of_the_same_examination_does_not_turn_the_view(
    viewer: Viewer, widget: FuseWidget, qtbot: QtBot
) -> None:
    open_pair(viewer, qtbot, volume("MR", "", 1), volume("PT", "Bq/ml", 2))
    widget.planes.show_plane("sagittal")
    data, properties, _ = to_layer_data(volume("CT", "HU", 3))
    ct = viewer.add_image(data, **properties)
    choose(widget.page.first.layer, str(ct.unique_id))
    qtbot.wait(50)
    assert shown_plane(viewer.dims.order) == "sagittal"
    assert not widget.planes.three.is_shown


def test_the_page_stays_where_a_reader_says_of_which_modality_the_images_are(
    viewer: Viewer, widget: FuseWidget, qtbot: QtBot
) -> None:
    remember("layouts", function_mri=json.dumps({"page": "Probe", "plane": "coronal"}))
    first, _ = open_pair(viewer, qtbot, volume("", "", 1), volume("MR", "", 2))
    row = next(
        one for one in (widget.page.first, widget.page.second) if one.layer.currentData() == str(first.unique_id)
    )
    choose(row.modality, "PT")
    qtbot.wait(50)
    assert widget.panels.tabText(widget.panels.currentIndex()) == "Fuse"
    assert shown_plane(viewer.dims.order) == "coronal"
    open_pair(viewer, qtbot, volume("PT", "Bq/ml", 3), volume("MR", "", 4))
    assert widget.panels.tabText(widget.panels.currentIndex()) == "Probe"


def test_the_usual_layout_comes_back_on_request(viewer: Viewer, widget: FuseWidget, qtbot: QtBot) -> None:
    ct, _ = open_pair(viewer, qtbot, volume("CT", "HU", 1), volume("PT", "Bq/ml", 2))
    widget.planes.show_plane("coronal")
    widget.planes.show_all()
    widget.page.first.choose_window("lung")
    ct.colormap = "bone"
    rest(qtbot)
    assert kept("function_ct")
    widget.layout_habit.reset()
    assert shown_plane(viewer.dims.order) == "axial"
    assert widget.planes.three.is_shown
    assert widget.page.first.window_choice.currentData() == ""
    assert ct.colormap.name == "gray"
    rest(qtbot)
    assert kept("function_ct") == {}


def test_the_edges_that_a_review_asks_with_are_no_wish_on_any_page_and_go_with_it(
    viewer: Viewer, widget: FuseWidget, tmp_path: Path, qtbot: QtBot
) -> None:
    open_pair(viewer, qtbot, volume("MR", "", 1), volume("PT", "Bq/ml", 2))
    choose(widget.page.form.weights, "maximum")
    widget.fuse(is_slice=False)
    qtbot.waitUntil(lambda: widget.is_idle, timeout=60_000)
    panels, comparing = widget.panels, widget.panels.comparing
    panels.setCurrentWidget(panels.review)
    panels.review.begin(tmp_path / "project", "R1")
    qtbot.waitUntil(lambda: comparing.state.mode is not None, timeout=10_000)
    panels.setCurrentWidget(panels.page)
    rest(qtbot)
    assert "mode" not in kept("function_mri")
    panels.review.end()
    assert comparing.state.mode is None


def test_closing_the_widget_is_no_wish(viewer: Viewer, widget: FuseWidget, qtbot: QtBot) -> None:
    open_pair(viewer, qtbot, volume("CT", "HU", 1), volume("PT", "Bq/ml", 2))
    viewer.window.remove_dock_widget(widget)
    rest(qtbot)
    assert set(preferred("layouts").values()) == {""}


def test_pictures_are_not_turned(viewer: Viewer, widget: FuseWidget, qtbot: QtBot) -> None:
    for name in ("ir", "vi"):
        viewer.add_image(np.random.default_rng(0).random((20, 30)).astype(np.float32), name=name)
    choose(widget.page.form.task, "infrared_visible")
    qtbot.wait(50)
    widget.panels.setCurrentIndex(2)
    rest(qtbot)
    assert kept("pictures") == {"page": "Probe"}


@pytest.mark.parametrize("text", ["{", '{"plane": "up"}', '{"mode": "no such mode", "page": "Compare"}'])
def test_a_damaged_preference_does_no_harm(viewer: Viewer, widget: FuseWidget, qtbot: QtBot, text: str) -> None:
    get_plugin_settings("napari-refusion").layouts.ct_mri = text
    open_pair(viewer, qtbot, volume("CT", "HU", 1), volume("MR", "", 2))
    assert shown_plane(viewer.dims.order) == "axial"
    assert widget.panels.comparing.state.mode is None
