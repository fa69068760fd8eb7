"""A 4-D layer in a window: what is shown is what is fused, compared, probed and reviewed."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from napari import Viewer
from napari.layers import Image
from napari.settings import get_plugin_settings
from pytestqt.qtbot import QtBot
from qtpy.QtWidgets import QComboBox

from napari_refusion.volume.acquisition import Acquisition
from napari_refusion.volume.volume import Volume
from napari_refusion.volume.window import choose_window
from napari_refusion.widgets.fuse import script
from napari_refusion.widgets.fuse.choice_box import choose
from napari_refusion.widgets.fuse.live import viewed_direction
from napari_refusion.widgets.fuse.widget import FuseWidget
from napari_refusion.widgets.layer_image import look_at
from napari_refusion.widgets.layer_look import show_in_unit
from napari_refusion.widgets.layer_marks import KEY
from napari_refusion.widgets.layers import LayerData, to_layer_data
from napari_refusion.widgets.opening.arrange import arrange
from napari_refusion.widgets.opening.frame_text import NAME, follow_frames
from napari_refusion.widgets.opening.frames_layer import frames_window
from napari_refusion.widgets.orientation_letters import side_letters
from tests.widgets.opening.listed import frames

MEAN, ALL = "dynamic, mean of 3 frames", "dynamic, 3 frames"


def add(viewer: Viewer, *layers: LayerData) -> list[Image]:
    return [viewer.add_image(data, **properties) for data, properties, _ in layers]


@pytest.fixture
def widget(viewer: Viewer, mri: Volume, weights: Path) -> FuseWidget:
    """The widget beside a dynamic PET and an MRI, with Live off, and the 4-D layer chosen."""
    get_plugin_settings("napari-refusion").fusion.live = False
    follow_frames(viewer)
    add(viewer, to_layer_data(mri), *arrange(frames(3), "dynamic"))
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    widget.page.form.add_weights(weights)
    choose(widget.page.second.layer, str(viewer.layers[ALL].unique_id))
    return widget


def go_to(viewer: Viewer, frame: int, index: int = 2) -> None:
    """Go to a frame and an axial slice, see test_widget."""
    viewer.dims.point = (frame, -30.0 + 4.0 * index, *viewer.dims.point[2:])


def fuse(widget: FuseWidget, qtbot: QtBot, is_slice: bool = True) -> None:
    widget.fuse(is_slice)
    qtbot.waitUntil(lambda: widget.session.request is None, timeout=60_000)


def source(widget: FuseWidget) -> Volume:
    """Return the PET that is fused."""
    assert widget.partial is not None
    study = widget.partial.study
    return next(side.source for side in (study.a, study.b) if side.source.modality == "PT")


def texts(box: QComboBox) -> list[str]:
    return [box.itemText(index) for index in range(box.count())]


@pytest.mark.parametrize("is_open_first", [True, False])
def test_the_mean_is_chosen_by_itself_and_the_4d_layer_only_by_the_user(
    viewer: Viewer, mri: Volume, is_open_first: bool
) -> None:
    get_plugin_settings("napari-refusion").fusion.live = False
    layers = [*arrange(frames(3), "dynamic"), to_layer_data(mri)]
    if is_open_first:
        _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    add(viewer, *layers)
    if not is_open_first:
        _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    assert [row.layer.currentText() for row in (widget.page.first, widget.page.second)] == [MEAN, "T1w"]
    assert texts(widget.page.first.layer) == [MEAN, ALL, "T1w"]


def test_beside_the_mean_alone_nothing_is_chosen_as_second_source(viewer: Viewer) -> None:
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    add(viewer, *arrange(frames(3), "dynamic"))
    assert widget.page.first.layer.currentText() == MEAN
    assert widget.page.second.layer.currentIndex() == -1


@pytest.mark.parametrize("frame", [0, 2])
def test_the_frame_that_is_shown_is_fused_under_its_name_and_with_its_own_identity(
    viewer: Viewer, widget: FuseWidget, qtbot: QtBot, frame: int
) -> None:
    go_to(viewer, frame)
    fuse(widget, qtbot)
    stack = viewer.layers[ALL].data
    assert source(widget) is stack.volumes[frame]
    part = f"frame {frame}, {frame:02d}:00 to {frame + 1:02d}:00"
    assert any(part in layer.name for layer in viewer.layers if layer.name.startswith("Fused"))
    fused = next(layer for layer in viewer.layers if layer.name.startswith("Fused"))
    assert fused.ndim == 3
    assert set(np.flatnonzero(np.asarray(fused.data).any(axis=(1, 2)))) == {2}


def test_all_frames_are_fused_with_the_window_that_is_shown(viewer: Viewer, widget: FuseWidget, qtbot: QtBot) -> None:
    for frame in (0, 2):
        go_to(viewer, frame)
        fuse(widget, qtbot)
        side = widget.partial.study.side(str(viewer.layers[ALL].unique_id))
        assert (side.window.low, side.window.high) == pytest.approx(viewer.layers[ALL].contrast_limits)


def test_automatic_takes_the_frames_back_to_the_window_that_they_were_opened_with(
    viewer: Viewer, widget: FuseWidget, qtbot: QtBot
) -> None:
    row, layer = widget.page.second, viewer.layers[ALL]
    opened = tuple(layer.contrast_limits)
    choose(row.window_choice, "custom")
    row.custom.setText("5,50")
    go_to(viewer, 1)
    fuse(widget, qtbot)
    side = widget.partial.study.side(str(layer.unique_id))
    assert (side.window.low, side.window.high) == (5, 50)
    choose(row.window_choice, "")
    fuse(widget, qtbot)
    side = widget.partial.study.side(str(layer.unique_id))
    assert (side.window.low, side.window.high) == pytest.approx(opened)
    assert tuple(layer.contrast_limits) == pytest.approx(opened)


@pytest.mark.parametrize("unit", ["SUVbw", "SUVlbm", "Bq/ml"])
def test_automatic_is_one_window_for_all_frames_and_is_not_called_chosen(unit: str) -> None:
    assert frames_window(Image(np.zeros((2, 3, 4, 5), np.float32))) == ""
    data, properties, _ = arrange(frames(2, unit=unit), "PET")[1]
    layer = Image(data, **properties)
    windows = {choose_window(one, frames_window(layer)).window for one in data.volumes}
    assert [(one.low, one.high) for one in windows] == [pytest.approx(tuple(layer.contrast_limits))]
    assert choose_window(data.volumes[0], frames_window(layer)).source == "of all frames together"


def test_a_frame_before_the_uptake_is_shown_on_the_scale_of_the_whole_brain(
    viewer: Viewer, mri: Volume, weights: Path, qtbot: QtBot
) -> None:
    get_plugin_settings("napari-refusion").fusion.live = False
    acquisition = Acquisition(body_part="BRAIN")
    made = [
        replace(one, unit="SUVbw", data=one.data * np.float32(0.001 + index), acquisition=acquisition)
        for index, one in enumerate(frames(2))
    ]
    add(viewer, to_layer_data(mri), *arrange(made, "dynamic", is_listed_so=True))
    layer = viewer.layers["dynamic, 2 frames"]
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    widget.page.form.add_weights(weights)
    choose(widget.page.second.layer, str(layer.unique_id))
    for frame in (0, 1):
        go_to(viewer, frame)
        fuse(widget, qtbot)
        side = widget.partial.study.side(str(layer.unique_id))
        assert (side.window.low, side.window.high) == (0, 10) == tuple(layer.contrast_limits)


def test_all_frames_are_shown_in_suv_by_lean_body_mass() -> None:
    made = [replace(one, unit="SUVbw", acquisition=replace(one.acquisition, lean_factor=0.75)) for one in frames(2)]
    data, properties, _ = arrange(made, "PET")[1]
    layer = Image(data, **properties)
    show_in_unit(layer, "SUVlbm")
    for index, one in enumerate(made):
        volume = look_at(layer, (index, 0, 0, 0)).to_volume("")
        assert volume.unit == "SUVlbm"
        assert volume.data == pytest.approx(0.75 * one.data)
        assert volume.origin.sha256 == data.volumes[index].origin.sha256


def test_live_follows_the_slider_of_the_frames_and_that_of_the_slices(
    viewer: Viewer, widget: FuseWidget, qtbot: QtBot
) -> None:
    go_to(viewer, 0)
    widget.page.live.setChecked(True)
    qtbot.waitUntil(lambda: widget.partial is not None and widget.partial.done[2], timeout=60_000)
    for frame, index in ((1, 2), (1, 4), (2, 4), (0, 4)):
        go_to(viewer, frame, index)
        qtbot.waitUntil(
            lambda frame=frame, index=index: (
                source(widget) is viewer.layers[ALL].data.volumes[frame] and bool(widget.partial.done[index])
            ),
            timeout=60_000,
        )
    assert sum(layer.name.startswith("Fused") for layer in viewer.layers) == 1


def test_reviews_of_two_frames_do_not_mix(viewer: Viewer, widget: FuseWidget, qtbot: QtBot, tmp_path: Path) -> None:
    review = widget.panels.review
    go_to(viewer, 0)
    fuse(widget, qtbot, is_slice=False)
    review.begin(tmp_path, "R1")
    review.reading.answer("aligned")
    review.reading.accept(2)
    first = review.session.run
    assert review.session.review.slice(2).verdict == "accept"
    go_to(viewer, 1)
    fuse(widget, qtbot, is_slice=False)
    assert review.session.run.case_id != first.case_id
    assert review.session.review.slice(2).verdict == ""
    go_to(viewer, 0)
    fuse(widget, qtbot, is_slice=False)
    assert review.session.run == first
    assert review.session.review.slice(2).verdict == "accept"
    review.end()


def test_a_review_follows_the_slider_and_goes_to_slices_without_changing_the_frame(
    viewer: Viewer, widget: FuseWidget, qtbot: QtBot, tmp_path: Path
) -> None:
    go_to(viewer, 1)
    fuse(widget, qtbot, is_slice=False)
    review = widget.panels.review
    review.begin(tmp_path, "R1")
    for index in (0, 4, 5):
        go_to(viewer, 1, index)
        assert review.watch.index() == index
        review.watch.go_to(index - 1 if index else 3)
        assert viewer.dims.point[0] == 1
    viewer.dims.order = (0, 3, 1, 2)
    review.watch.go_to(2)
    assert review.watch.index() == 2
    assert viewer.dims.order == (0, 1, 2, 3)
    review.end()


@pytest.mark.parametrize(
    ("order", "direction"),
    [
        ((0, 1, 2, 3), "axial"),
        ((0, 2, 1, 3), "coronal"),
        ((0, 3, 1, 2), "sagittal"),
        ((3, 0, 1, 2), "sagittal"),
        ((1, 0, 2, 3), "axial"),
        ((1, 2, 0, 3), None),
        ((2, 3, 0, 1), None),
    ],
)
def test_the_direction_is_that_of_the_slices_and_none_where_frames_stand_side_by_side(
    viewer: Viewer, widget: FuseWidget, order: tuple[int, ...], direction: str | None
) -> None:
    viewer.dims.order = order
    assert viewed_direction(viewer) == direction


def test_every_slice_is_reached_with_the_slider_of_the_slices(viewer: Viewer, widget: FuseWidget, qtbot: QtBot) -> None:
    go_to(viewer, 1)
    fuse(widget, qtbot, is_slice=False)
    watch = widget.panels.review.watch
    watch.follow(widget.partial)
    found = set()
    for step in range(viewer.dims.nsteps[1]):
        viewer.dims.set_current_step(1, step)
        found.add(watch.index())
    assert found - {-1} == set(range(6))
    assert viewer.dims.point[0] == 1


def test_the_probe_reads_the_frame_that_is_fused(viewer: Viewer, widget: FuseWidget, qtbot: QtBot) -> None:
    probe = widget.panels.probe
    place = np.array(to_layer_data(frames(1)[0])[1]["translate"]) + np.array((4.0, 2.0, 1.0)) * (2, 12, 16)
    for frame in (0, 2):
        go_to(viewer, frame)
        fuse(widget, qtbot)
        probe._on_move(viewer, SimpleNamespace(position=(float(frame), *place)))
        value = frames(3)[frame].data[2, 12, 16]
        assert any(f"{value:.4g}"[:4] in label.text() for label in probe.values)


def test_the_letters_stand_as_without_frames(viewer: Viewer, widget: FuseWidget, qtbot: QtBot) -> None:
    assert viewer.dims.ndim == 4
    overlays = viewer.canvas.overlays
    letters = {"left": "R", "right": "L", "top": "A", "bottom": "P"}

    def written() -> dict[str, str]:
        return {side: overlays[f"refusion_{side}"].text for side in letters if f"refusion_{side}" in overlays}

    qtbot.waitUntil(lambda: written() == letters)  # they are written one at a turn after the dock
    assert side_letters((1, 2, 0, 3)) == {"top": "", "bottom": "", "left": "R", "right": "L"}


def test_comparing_and_side_by_side_work_and_give_the_viewer_back(
    viewer: Viewer, widget: FuseWidget, qtbot: QtBot
) -> None:
    go_to(viewer, 1)
    fuse(widget, qtbot, is_slice=False)
    before = {layer.name: layer.visible for layer in viewer.layers}
    comparing = widget.panels.comparing
    comparing.next_mode()
    while comparing.state.mode is not None:
        comparing.next_mode()
    comparing.toggle_side_by_side()
    widget.panels.compare.view.cells.finish()
    assert viewer.canvas.grid.enabled
    comparing.toggle_side_by_side()
    assert {layer.name: layer.visible for layer in viewer.layers} == before
    assert viewer.dims.point[0] == 1


def test_a_region_is_drawn_and_measured(viewer: Viewer, widget: FuseWidget, qtbot: QtBot) -> None:
    go_to(viewer, 1)
    fuse(widget, qtbot, is_slice=False)
    probe = widget.panels.probe
    probe.draw_regions()
    layer = viewer.layers["Regions"]
    layer.add_rectangles(np.array([(2, 8, 8), (2, 8, 20), (2, 16, 20), (2, 16, 8)], float))
    probe.measure()
    assert probe.table.rowCount() > 0
    assert "axial slice 3 of " in probe.message.text()  # as the slider of slices counts, from 1


def test_the_text_says_which_frame_is_shown_and_when_it_was_measured(viewer: Viewer, widget: FuseWidget) -> None:
    overlay = viewer.canvas.overlays[NAME]
    assert not overlay.visible  # the mean is shown, the frames are hidden
    viewer.layers[ALL].visible = True
    go_to(viewer, 2)
    assert overlay.text == "frame 2 of 3 (from 0), 02:00 to 03:00"
    go_to(viewer, 0)
    assert overlay.text == "frame 0 of 3 (from 0), 00:00 to 01:00"
    add(viewer, *arrange(frames(5), "longer", with_mean=False))
    go_to(viewer, 4)
    assert overlay.text == f"{ALL}: no frame here\nlonger, 5 frames: frame 4 of 5 (from 0), 04:00 to 05:00"
    viewer.layers[ALL].name = "FDG"
    assert overlay.text.startswith("FDG: no frame here")
    for layer in (viewer.layers["FDG"], viewer.layers["longer, 5 frames"]):
        viewer.layers.remove(layer)
    assert not overlay.visible


def test_the_text_is_written_once_however_often_something_is_opened(viewer: Viewer) -> None:
    for _ in range(3):
        follow_frames(viewer)
    assert sum(name == NAME for name in viewer.canvas.overlays) == 1


def test_lengths_keep_their_unit_beside_a_4d_layer(viewer: Viewer, widget: FuseWidget) -> None:
    assert [str(unit) for unit in viewer.layers[ALL].units[1:]] == [str(unit) for unit in viewer.layers["T1w"].units]
    assert viewer.dims.axis_labels == ("frame", "inferior", "posterior", "left")


def test_a_script_fuses_the_frame_that_the_viewer_shows(viewer: Viewer, widget: FuseWidget, weights: Path) -> None:
    go_to(viewer, 2)
    pair = viewer.layers["T1w"], viewer.layers[ALL]
    data, properties, _ = script.fuse(*pair, weights=str(weights), identified=True)
    assert data.shape == (6, 24, 32)
    assert "frame 2" in str(properties["metadata"][KEY]["provenance"])


def test_a_frame_beyond_the_last_is_a_sentence(viewer: Viewer, widget: FuseWidget, qtbot: QtBot) -> None:
    add(viewer, *arrange(frames(5), "longer"))
    go_to(viewer, 4)
    widget.fuse(is_slice=True)
    assert "which has 3 (0 to 2)" in widget.findings.text()


def test_all_frames_of_a_layer_share_its_result_layers_and_its_accepted_registration(
    viewer: Viewer, widget: FuseWidget, qtbot: QtBot
) -> None:
    go_to(viewer, 0)
    fuse(widget, qtbot)
    keys = widget.session.shown.keys
    go_to(viewer, 1)
    fuse(widget, qtbot)
    assert widget.session.shown.keys == keys
    assert sum(layer.name.startswith("Fused") for layer in viewer.layers) == 1
