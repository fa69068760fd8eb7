"""What is changed in napari's Preferences while the widgets are open."""

from typing import Any

import numpy as np
import pytest
from napari import Viewer
from napari.settings import get_plugin_settings

from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.fuse.widget import FuseWidget
from napari_refusion.widgets.layers import to_layer_data
from napari_refusion.widgets.preferences import preferred, remember
from napari_refusion.widgets.worklist.panel import WorklistPanel
from tests.small_pair import small_pet

CHANGED = {"live": False, "slices": "coronal", "coloured": False, "palette": "viridis", "device": "cpu"}
"""None of it as the manifest has it."""


@pytest.fixture
def widget(viewer: Viewer) -> FuseWidget:
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    return widget


def settings() -> Any:  # noqa: ANN401 - made by napari from the manifest
    return get_plugin_settings("napari-refusion")


def image_of(volume: Volume) -> dict[str, Any]:
    """Return what napari makes a layer of."""
    data, properties, _ = to_layer_data(volume)
    return {"data": data, **properties}


def seen(widget: FuseWidget) -> dict[str, object]:
    form = widget.page.form
    return {
        "live": widget.page.live.isChecked(),
        "slices": form.axis.currentData(),
        "coloured": form.coloured.isChecked(),
        "palette": form.palette_name.currentData(),
        "device": form.device.currentData(),
    }


@pytest.mark.parametrize("name", CHANGED)
def test_a_preference_of_fusion_is_seen_at_once(widget: FuseWidget, name: str) -> None:
    expected = seen(widget) | {name: CHANGED[name]}
    setattr(settings().fusion, name, CHANGED[name])
    assert seen(widget) == expected


def test_a_preference_survives_the_next_choice_on_the_page(widget: FuseWidget) -> None:
    settings().fusion.palette = "viridis"
    widget.page.form.coloured.click()
    assert preferred("fusion")["palette"] == "viridis"


def test_cancel_and_restore_defaults_in_the_preferences_are_seen(widget: FuseWidget) -> None:
    """Both change a section whole, `coloured` before the palette."""
    usual, before = seen(widget), settings().model_dump()
    settings().fusion.update(CHANGED)
    assert seen(widget) == CHANGED
    settings().update(before)
    assert seen(widget) == usual == {name: preferred("fusion")[name] for name in usual}
    settings().fusion.update(CHANGED)
    settings().reset()
    assert seen(widget) == usual == {name: preferred("fusion")[name] for name in usual}


def test_live_that_is_held_for_now_is_left_alone_by_other_preferences(widget: FuseWidget) -> None:
    widget.page.show_live(False)
    settings().fusion.palette = "viridis"
    assert not widget.page.live.isChecked()
    assert preferred("fusion")["live"]


def test_a_closed_widget_takes_up_what_is_preferred_when_it_is_docked_again(viewer: Viewer, widget: FuseWidget) -> None:
    heard: list[bool] = []
    widget.page.changed.connect(lambda: heard.append(True))
    viewer.window.remove_dock_widget(widget)
    settings().fusion.palette = "viridis"
    assert heard == []
    assert seen(widget)["palette"] != "viridis"
    viewer.window.add_dock_widget(widget)
    assert seen(widget)["palette"] == "viridis"


def test_project_and_reader_are_offered_to_the_next_review(widget: FuseWidget) -> None:
    settings().review.folder, settings().review.reader = "project", "R7"
    page = widget.panels.review.pages.start_page
    assert (page.folder.text(), page.reader.text()) == ("project", "R7")


def test_what_another_window_remembers_changes_nothing_here(widget: FuseWidget) -> None:
    usual, page = seen(widget), widget.panels.review.pages.start_page
    remember("fusion", **CHANGED)
    remember("review", folder="another", reader="R2")
    assert seen(widget) == usual
    assert (page.folder.text(), page.reader.text()) == ("", "")
    settings().fusion.palette = "magma"
    assert seen(widget) == usual | {"palette": "magma"}


def test_times_of_the_worklist_are_seen_at_once(viewer: Viewer) -> None:
    _, panel = viewer.window.add_plugin_dock_widget("napari-refusion", "Worklist")
    assert isinstance(panel, WorklistPanel)
    assert not panel.times.isChecked()
    settings().review.times = True
    assert panel.times.isChecked()
    viewer.window.remove_dock_widget(panel)
    settings().review.times = False
    assert panel.times.isChecked()  # closed, it waits


def test_a_reader_who_begins_a_review_elsewhere_leaves_the_lines_of_the_worklist(viewer: Viewer) -> None:
    """Its list stays that of its own project."""
    _, panel = viewer.window.add_plugin_dock_widget("napari-refusion", "Worklist")
    panel.reader.setText("R1")
    remember("review", reader="R2", folder="another")
    assert (panel.reader.text(), panel.folder.text()) == ("R1", "")


def test_the_side_that_sagittal_planes_face_is_seen_at_once(viewer: Viewer, widget: FuseWidget) -> None:
    viewer.add_image(**image_of(small_pet()))
    widget.planes.show_plane("sagittal")
    viewer.scene.camera.zoom = 7.5
    settings().display.sagittal = "anterior right"
    assert viewer.scene.camera.orientation2d == ("down", "left")
    assert viewer.scene.camera.zoom == 7.5
    assert "posterior on the left" in widget.planes.buttons["sagittal"].toolTip()
    widget.planes.show_plane("axial")
    widget.planes.show_all()
    below = next(side.model for side in widget.planes.three.planes if side.plane == "sagittal")
    assert below.scene.camera.orientation2d == ("down", "left")
    settings().display.sagittal = "anterior left"
    assert below.scene.camera.orientation2d == viewer.scene.camera.orientation2d == ("down", "right")


@pytest.mark.usefixtures("widget")
def test_what_is_preferred_between_voxels_is_seen_at_once_in_images_of_the_plugin(viewer: Viewer) -> None:
    own, chosen = (viewer.add_image(**image_of(small_pet())) for _ in range(2))
    chosen.interpolation2d = "cubic"
    other = viewer.add_image(np.zeros((3, 4, 5)))
    other.interpolation2d = "linear"
    settings().display.interpolation = "nearest"
    assert [layer.interpolation2d for layer in (own, chosen, other)] == ["nearest", "cubic", "linear"]
