"""The rotating projection in a real viewer."""

from dataclasses import replace

import numpy as np
import pytest
from napari import Viewer
from napari.settings import get_plugin_settings
from pytestqt.qtbot import QtBot
from qtpy.QtCore import QSize, Qt

from napari_refusion.session.projection import angles
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.fuse.choice_box import choose
from napari_refusion.widgets.fuse.widget import FuseWidget
from napari_refusion.widgets.layers import to_layer_data
from napari_refusion.widgets.mip.frames import Mark
from napari_refusion.widgets.mip.panel import ProjectionPanel
from napari_refusion.widgets.probe.cursor_cross import find_canvas, find_window
from napari_refusion.widgets.world import drawn_matrix

SPOT = (1, 5, 25)
"""Voxel of the lesion."""


@pytest.fixture
def widget(viewer: Viewer, mri: Volume, pet: Volume, qtbot: QtBot) -> FuseWidget:
    """The Fuse widget beside an MRI and a PET with one lesion, of which a slice is fused."""
    get_plugin_settings("napari-refusion").fusion.live = False
    data = np.zeros(pet.shape, np.float32)
    data[SPOT] = 9.0
    for volume in (mri, replace(pet, data=data, unit="SUVbw")):
        pixels, properties, _ = to_layer_data(volume)
        viewer.add_image(pixels, **properties)
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    choose(widget.page.form.weights, "maximum")
    assert not widget.projection.button.isEnabled()
    widget.fuse(is_slice=True)
    qtbot.waitUntil(lambda: widget.partial is not None and widget.is_idle, timeout=60_000)
    return widget


@pytest.fixture
def panel(widget: FuseWidget, qtbot: QtBot) -> ProjectionPanel:
    widget.projection.button.click()
    qtbot.waitUntil(lambda: len(widget.panels.projecting.pictures) == len(angles()), timeout=60_000)
    shown = widget.projection.panel
    assert shown is not None
    shown.canvas.resize(300, 300)
    return shown


def brightest(panel: ProjectionPanel) -> tuple[int, int]:
    projection = panel._session.picture_at(panel.row.angle)
    assert projection is not None
    row, column = np.unravel_index(np.nanargmax(projection.values), projection.values.shape)
    return int(row), int(column)


@pytest.mark.parametrize("degrees", [0, 90, 220])
def test_a_click_on_the_lesion_takes_all_planes_there(
    viewer: Viewer, panel: ProjectionPanel, pet: Volume, qtbot: QtBot, degrees: int
) -> None:
    panel.row.turn_to(degrees)
    assert panel.canvas.drawn is not None
    spot = panel.canvas.drawn.spot(*brightest(panel), panel.canvas.room).toPoint()
    qtbot.mouseClick(panel.canvas, Qt.MouseButton.LeftButton, pos=spot)
    assert np.allclose(viewer.dims.point, (drawn_matrix(pet.grid) @ (*SPOT, 1.0))[:3])
    assert panel.words.text().startswith("9 SUVbw at L 15.0")
    drawn = panel.canvas.drawn
    assert drawn is not None
    assert drawn.cross is not None
    assert np.abs(np.subtract(drawn.cross, brightest(panel))).max() <= 1


def test_it_begins_from_the_front_and_turns_by_hand_and_by_itself(panel: ProjectionPanel, qtbot: QtBot) -> None:
    drawn = panel.canvas.drawn
    assert drawn is not None
    assert (drawn.title, drawn.sides) == ("MIP 0° anterior", ("R", "L"))
    panel.row.slider.setValue(90)
    drawn = panel.canvas.drawn
    assert drawn is not None
    assert (drawn.title, drawn.sides) == ("MIP 90° left", ("A", "P"))
    panel.row.play.click()
    qtbot.waitUntil(lambda: panel.row.angle > 100, timeout=20_000)
    panel.row.play.click()
    assert panel.canvas.drawn is not drawn


def test_the_window_of_the_layer_is_followed_and_nothing_is_computed_again(
    viewer: Viewer, panel: ProjectionPanel
) -> None:
    pictures = panel._session.pictures
    viewer.layers["pet"].contrast_limits = (0, 36)
    assert panel.legend.high.text() == "36 SUVbw"
    drawn = panel.canvas.drawn
    assert drawn is not None
    row, column = brightest(panel)
    peak = panel._session.picture_at(0.0)
    assert peak is not None
    # inverted grey: white minus the share of the window
    grey = 255 - round(255 * float(peak.values[row, column]) / 36)
    assert drawn.image.pixelColor(column, row).red() == grey
    assert panel._session.pictures is pictures


def test_fused_colours_are_black_where_nothing_is_fused_yet_and_come_with_the_volume(
    widget: FuseWidget, panel: ProjectionPanel, qtbot: QtBot
) -> None:
    panel.box.setCurrentIndex(panel.box.findText("Fused colours"))
    panel.box.activated.emit(panel.box.currentIndex())
    row, column = brightest(panel)
    drawn = panel.canvas.drawn
    assert drawn is not None
    assert panel.words.text().startswith("Fused so far: 1 of 6 slices")
    assert drawn.image.pixelColor(column, row).name() == "#000000"
    widget.fuse(is_slice=False)

    def is_seen() -> bool:
        now = panel.canvas.drawn
        return now is not None and now.image.pixelColor(column, row).lightness() > 40

    qtbot.waitUntil(is_seen, timeout=60_000)
    qtbot.waitUntil(lambda: panel.words.text() == "", timeout=60_000)


def test_the_readers_lesions_are_marked_as_they_come_and_go(
    widget: FuseWidget, panel: ProjectionPanel, pet: Volume
) -> None:
    lesions = widget.panels.lesions.session
    lesions.add_at(pet.grid.point_at(np.array(SPOT, float)))
    drawn = panel.canvas.drawn
    assert drawn is not None
    assert [number for number, _, _ in drawn.marks] == [1]
    assert np.abs(np.subtract(drawn.marks[0][1:], brightest(panel))).max() <= 1
    lesions.remove(1)
    drawn = panel.canvas.drawn
    assert drawn is not None
    assert drawn.marks == ()


def test_lesions_are_marked_by_their_numbers_at_every_angle(panel: ProjectionPanel, pet: Volume) -> None:
    panel.set_marks([Mark(3, pet.grid.point_at(np.array(SPOT, float)))])
    for degrees in (0, 130, 270):
        panel.row.turn_to(degrees)
        drawn = panel.canvas.drawn
        assert drawn is not None
        ((number, row, column),) = drawn.marks
        assert number == 3
        assert np.abs(np.subtract((row, column), brightest(panel))).max() <= 1


def test_a_source_that_is_removed_or_edited_leaves_no_picture(
    viewer: Viewer, widget: FuseWidget, panel: ProjectionPanel, qtbot: QtBot
) -> None:
    layer = viewer.layers["pet"]
    layer.data = layer.data * 2
    assert panel.canvas.drawn is None
    assert panel.canvas.words == "Fuse again to project pet as it is now: it was changed."
    widget.fuse(is_slice=True)
    qtbot.waitUntil(lambda: len(panel._session.pictures) == len(angles()), timeout=60_000)
    assert np.nanmax(panel._session.pictures[0].values) > 9
    viewer.layers.remove(layer)
    assert panel.canvas.drawn is None
    assert panel.canvas.words == "Open pet again to project it: its layer was removed."
    viewer.layers.clear()
    qtbot.waitUntil(lambda: panel._session.partial is None, timeout=60_000)
    assert panel.canvas.words.startswith("Choose PET or SPECT")


def test_closing_the_dock_stops_it_and_the_button_says_why_there_is_none(
    viewer: Viewer, widget: FuseWidget, panel: ProjectionPanel, mri: Volume, qtbot: QtBot
) -> None:
    session, button = panel._session, widget.projection.button
    assert button.isChecked()
    dock = panel.parentWidget()
    assert dock is not None
    dock.close()
    qtbot.waitUntil(lambda: widget.projection.panel is None, timeout=20_000)
    assert not button.isChecked()
    assert session.pictures == ()
    viewer.layers.clear()
    qtbot.waitUntil(lambda: not button.isEnabled(), timeout=60_000)
    assert button.toolTip() == session.reason


def test_the_window_is_no_wider_than_a_small_screen_with_it(
    viewer: Viewer, widget: FuseWidget, panel: ProjectionPanel
) -> None:
    assert panel.minimumSizeHint().width() <= 320


def test_a_window_that_closes_with_the_view_open_closes_quietly(widget: FuseWidget, panel: ProjectionPanel) -> None:
    panel.row.play.click()
    assert panel.row.play.isChecked()
    # the fixture closes the window, and looks for what is left


def test_the_view_has_its_width_again_when_the_projection_is_closed(
    widget: FuseWidget, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, canvas = find_window(widget), find_canvas(widget)
    assert window is not None
    assert canvas is not None
    monkeypatch.setattr(type(window), "minimumSizeHint", lambda _: QSize(300, 400))  # as on a wide screen
    window.resize(1250, 680)
    window.show()
    qtbot.waitExposed(window)
    qtbot.wait(100)
    before = canvas.width()
    for _ in range(3):
        widget.projection.toggle()
        qtbot.wait(100)
        assert canvas.width() < before
        widget.projection.toggle()
        qtbot.waitUntil(lambda: canvas.width() == before)  # it was given to the list of layers
