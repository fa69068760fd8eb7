"""The panel that compares sources, in a viewer."""

from dataclasses import replace

import numpy as np
import pytest
from napari import Viewer
from napari.layers import Image
from pytestqt.qtbot import QtBot
from qtpy.QtCore import QEvent, QPointF, Qt
from qtpy.QtGui import QMouseEvent
from qtpy.QtWidgets import QApplication

from napari_refusion.fusion.compare_mode import CompareMode
from napari_refusion.fusion.compare_modes import COMPARE_MODES, find_mode
from napari_refusion.fusion.compared_volume import ComparedVolume
from napari_refusion.fusion.comparison import Comparison
from napari_refusion.fusion.partial import PartialFusion, new_partial
from napari_refusion.numerics.intensity import Window
from napari_refusion.session.compare import CompareSession
from napari_refusion.study.pairing import pair
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.compare.panel import ComparePanel
from napari_refusion.widgets.fused_layer import fused_layer
from napari_refusion.widgets.layer_marks import KEY, is_result
from napari_refusion.widgets.layers import to_layer_data
from napari_refusion.widgets.orientation_letters import keep_letters
from napari_refusion.widgets.probe.cursor_cross import find_canvas
from tests.compared import WINDOWS


@pytest.fixture
def partial(mri: Volume, pet: Volume) -> PartialFusion:
    return new_partial(pair(mri, pet, windows=WINDOWS[::-1]), "axial")


@pytest.fixture
def session() -> CompareSession:
    return CompareSession()


@pytest.fixture
def panel(viewer: Viewer, mri: Volume, pet: Volume, partial: PartialFusion, session: CompareSession) -> ComparePanel:
    for volume in (mri, pet):
        data, properties, _ = to_layer_data(volume)
        viewer.add_image(data, **properties)
    panel = ComparePanel(viewer, session)
    viewer.window.add_dock_widget(panel)
    session.show_partial(partial)
    return panel


def names(viewer: Viewer) -> list[str]:
    return [layer.name for layer in viewer.layers]


def picture(viewer: Viewer) -> Image:
    (layer,) = (layer for layer in viewer.layers if "compare" in layer.metadata.get(KEY, {}))
    return layer


def test_a_dark_picture_is_drawn_as_dark_as_it_is(viewer: Viewer, panel: ComparePanel, session: CompareSession) -> None:
    session.choose("overlay")
    assert tuple(picture(viewer).contrast_limits) == (0, 255)


def shown(viewer: Viewer) -> list[tuple[object, ...]]:
    """Return all that can be seen: the layers in their order, how they are drawn, and what they hold."""
    return [
        (layer.name, layer.visible, layer.opacity, str(layer.blending), np.asarray(layer.data).tobytes())
        for layer in viewer.layers
    ]


def test_a_mode_is_one_layer_on_the_grid_of_the_pair_above_the_others(
    viewer: Viewer, panel: ComparePanel, session: CompareSession, partial: PartialFusion
) -> None:
    assert names(viewer) == ["T1w", "pet"]
    active = viewer.layers.selection.active
    texts = [panel.mode.itemText(row) for row in range(panel.mode.count())]
    assert texts[:4] == ["Off", "Only pet", "Only T1w", "Opacity"]
    assert texts[-2] == "Edges of T1w over pet"
    for row in range(1, panel.mode.count() - 1):  # of a PET and an MRI there is no difference
        panel.mode.setCurrentIndex(row)
        assert names(viewer)[:-1] == ["T1w", "pet"]
        layer = picture(viewer)
        assert layer.name == names(viewer)[-1]
        assert layer.metadata[KEY]["compare"] == panel.mode.currentData()
        assert is_result(layer)
        assert np.array_equal(layer.extent.world, viewer.layers["T1w"].extent.world)
        assert layer.units == viewer.layers["T1w"].units
        assert layer.axis_labels == viewer.layers["T1w"].axis_labels
    assert viewer.layers.selection.active == active
    session.choose("checkerboard")
    assert picture(viewer).name == "Compare: checkerboard"
    panel.slider.setValue(80)
    assert panel.meaning.text() == "Squares of 13.8 mm"  # 48 mm / (32 * (2 / 32) ** 0.8)
    session.choose("opacity")
    panel.slider.setValue(0)
    assert np.array_equal(
        picture(viewer).data[3], ComparedVolume(Comparison(partial, colour_map="hot"), find_mode("first"))[3]
    )
    session.choose("checkerboard")
    assert panel.slider.value() == 80
    session.choose(None)
    assert names(viewer) == ["T1w", "pet"]


def test_windows_pair_and_axes_are_followed_and_deleting_the_picture_means_off(
    viewer: Viewer, panel: ComparePanel, session: CompareSession, partial: PartialFusion, mri: Volume, qtbot: QtBot
) -> None:
    session.choose("first")
    before = np.asarray(picture(viewer).data)
    session.show_partial(replace(partial, study=partial.study.with_windows(a=Window(0.0, 60.0))))
    assert panel.bar.high.text() == "60 Bq/ml"
    assert np.asarray(picture(viewer).data).mean() > before.mean()
    session.choose("swipe")
    assert picture(viewer).data.comparison.axis == 2
    viewer.dims.order = (0, 2, 1)
    assert picture(viewer).data.comparison.axis == 1
    half = replace(mri, data=mri.data[:4], name="T1w, upper half")
    ct = replace(partial.study.a.source, modality="CT", unit="HU")
    session.show_partial(new_partial(pair(half, ct), "axial"))
    assert picture(viewer).data.shape == (4, 24, 32, 3)
    viewer.add_image(np.zeros((4, 24, 32)), name="result")
    viewer.add_points(np.zeros((1, 3)), name="marks")
    qtbot.waitUntil(lambda: names(viewer)[-3:] == ["result", "Compare: swipe", "marks"], timeout=5000)
    viewer.layers.remove(picture(viewer))
    assert panel.mode.currentData() is None
    session.choose("overlay")
    assert picture(viewer).data.mode.name == "overlay"
    session.show_partial(None)
    assert names(viewer) == ["T1w", "pet", "result", "marks"]
    assert not panel.isEnabled()
    session.peek(0)
    session.next_mode()
    session.toggle_flicker()
    toggle_cells(panel)
    assert names(viewer) == ["T1w", "pet", "result", "marks"]


@pytest.mark.parametrize("mode", [None, "swipe"])
def test_a_peek_shows_one_source_and_then_exactly_what_was_shown(
    viewer: Viewer, panel: ComparePanel, session: CompareSession, partial: PartialFusion, mode: str | None
) -> None:
    session.choose(mode)
    if mode is not None:
        layer = picture(viewer)
        layer.opacity, layer.blending, layer.visible = 0.4, "additive", False
        viewer.layers.move(2, 1)
    selected = set(viewer.layers.selection)
    before = shown(viewer)
    session.peek(1)
    session.peek(1)  # keys repeat while they are held
    top = viewer.layers[-1]
    assert (top.name, top.visible, top.opacity, top.blending) == (
        "Compare: only T1w",
        True,
        1.0,
        "translucent_no_depth",
    )
    viewer.dims.set_current_step(0, 1)
    assert np.array_equal(top.data[1], ComparedVolume(Comparison(partial), find_mode("second"))[1])
    session.peek(0)  # the other key, the first one still held
    assert picture(viewer).name == "Compare: only pet"
    session.unpeek()
    assert shown(viewer) == before
    assert set(viewer.layers.selection) == selected
    assert viewer.dims.current_step[0] == 1
    session.unpeek()
    assert shown(viewer) == before


@pytest.mark.parametrize("how", ["side by side", "peek"])
def test_an_image_that_came_while_something_else_was_seen_does_not_cover_the_chosen_mode_afterwards(
    viewer: Viewer, panel: ComparePanel, session: CompareSession, pet: Volume, qtbot: QtBot, how: str
) -> None:
    session.choose("overlay")
    toggle_cells(panel) if how == "side by side" else session.peek(0)
    data, properties, _ = to_layer_data(pet)
    viewer.add_image(data, **(properties | {"name": "came later"}))
    qtbot.wait(50)
    toggle_cells(panel) if how == "side by side" else session.unpeek()
    qtbot.wait(50)
    assert names(viewer)[-2:] == ["came later", "Compare: overlay"]


def test_flicker_takes_turns_waits_while_peeking_and_leaves_nothing_behind(
    viewer: Viewer, panel: ComparePanel, session: CompareSession, qtbot: QtBot
) -> None:
    panel.rate.setValue(6.0)
    session.choose("opacity")
    before = shown(viewer)
    session.toggle_flicker()
    seen = set()

    def both_were_seen() -> bool:
        seen.add(picture(viewer).name)
        return seen == {"Compare: only pet", "Compare: only T1w"}

    qtbot.waitUntil(both_were_seen, timeout=5000)
    assert len(viewer.layers) == 3
    turn = picture(viewer).name
    session.peek(0)
    qtbot.wait(400)
    assert picture(viewer).name == "Compare: only pet"
    session.unpeek()
    assert picture(viewer).name == turn
    session.toggle_flicker()
    assert shown(viewer) == before
    session.toggle_flicker()
    viewer.layers.remove(picture(viewer))
    assert not panel.flicker.isChecked()
    assert names(viewer) == ["T1w", "pet"]


def test_side_by_side_is_first_fused_second_with_one_cursor_and_goes_back_exactly(
    viewer: Viewer, panel: ComparePanel, session: CompareSession, partial: PartialFusion, mri: Volume
) -> None:
    fused = replace(mri, data=np.full(mri.shape, 0.5, np.float32), name="fused", modality="", unit="")
    data, properties, _ = to_layer_data(fused)
    properties["metadata"][KEY]["fusion"] = {"kind": "grey"}
    other = viewer.add_image(data, **properties | {"name": "of another pair"})
    assert fused_layer(viewer, partial).name == other.name
    viewer.add_image(partial.fused, **properties)
    viewer.layers.move(3, 0)
    assert fused_layer(viewer, partial).name == "fused"
    viewer.layers.remove(other)
    viewer.layers["pet"].visible = False
    session.choose("edges of first")
    viewer.layers.move(3, 2)
    grid = viewer.canvas.grid
    grid.stride, grid.shape = 2, (2, 2)
    viewer.camera.zoom = 7.0
    before, camera = shown(viewer), (viewer.camera.zoom, viewer.camera.center)
    toggle_cells(panel)
    cells = {
        grid.position(index, viewer.layers): layer.name for index, layer in enumerate(viewer.layers) if layer.visible
    }
    assert grid.enabled
    assert cells == {(0, 0): "pet only", (0, 1): "fused", (0, 2): "T1w only"}
    session.peek(0)
    assert "Compare: only pet" not in names(viewer)
    session.show_partial(replace(partial, study=partial.study.with_windows(a=Window(0.0, 60.0))))
    assert viewer.layers["pet only"].data.comparison.partial.study.a.window.high == 60.0
    check_cursor(panel)
    toggle_cells(panel)
    session.show_partial(partial)
    assert shown(viewer) == before
    assert (grid.enabled, grid.stride, grid.shape) == (False, 2, (2, 2))
    assert (viewer.camera.zoom, viewer.camera.center) == (pytest.approx(camera[0]), pytest.approx(camera[1]))
    toggle_cells(panel)
    grid.enabled = False  # napari's own button
    assert not panel.side_by_side.isChecked()
    assert shown(viewer) == before
    toggle_cells(panel)  # and the window is closed like this


def test_cells_are_filled_unless_a_reader_is_close_to_something_and_the_camera_comes_back(
    viewer: Viewer, panel: ComparePanel, session: CompareSession
) -> None:
    camera = viewer.scene.camera
    viewer.fit_to_view()
    alone = camera.zoom
    for before, in_cells in ((alone / 4, 1.0), (alone, 1.0), (3 * alone, 3.0)):
        camera.zoom = before
        toggle_cells(panel)
        seen = camera.zoom
        viewer.fit_to_view()
        assert seen == pytest.approx(in_cells * camera.zoom)
        camera.zoom = seen
        toggle_cells(panel)
        assert camera.zoom == pytest.approx(before)
    viewer.fit_to_view()
    toggle_cells(panel)
    camera.zoom *= 2
    toggle_cells(panel)
    assert camera.zoom == pytest.approx(2 * alone)


def toggle_cells(panel: ComparePanel) -> None:
    """Press the button, and wait until all cells are made."""
    panel.side_by_side.click()
    panel.view.cells.finish()


def test_cells_are_made_behind_the_picture_as_it_was_and_given_up_without_a_trace(
    viewer: Viewer, panel: ComparePanel, session: CompareSession, partial: PartialFusion
) -> None:
    keep_letters(viewer)
    canvas, grid, before = find_canvas(panel), viewer.canvas.grid, shown(viewer)
    assert canvas is not None
    letters = [overlay for overlay in viewer.canvas.overlays.values() if overlay.gridded]
    for give_up in (session.toggle_side_by_side, lambda: session.show_partial(None)):
        for turns in (0, 3):
            session.toggle_side_by_side()
            for _ in range(turns):
                QApplication.processEvents()
            assert (canvas.updatesEnabled(), grid.enabled) == (False, turns > 1)
            give_up()
            assert (canvas.updatesEnabled(), grid.enabled) == (True, False)
            assert shown(viewer) == before
            assert all(overlay.gridded for overlay in letters)
            session.show_partial(partial)
    session.toggle_side_by_side()
    viewer.layers.remove("pet only")
    panel.view.cells.finish()
    assert cells_with_names(viewer) == {(0, 0): ["T1w only"]}
    toggle_cells(panel)


def test_cells_are_drawn_once_more_when_qt_draws_again(
    panel: ComparePanel, session: CompareSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planes that were closed in the same moment give the canvas another size while it is not drawn."""
    canvas, drawn = find_canvas(panel), []
    assert canvas is not None
    session.toggle_side_by_side()
    while panel.view.cells.cross is None:
        QApplication.processEvents()
    monkeypatch.setattr(canvas, "update", lambda: drawn.append(canvas.updatesEnabled()))
    panel.view.cells.finish()
    assert drawn == [True]
    session.toggle_side_by_side()


def check_cursor(panel: ComparePanel) -> None:
    """Move the mouse over the first cell: a cross is in each of the three at the same place."""
    widget = find_canvas(panel)
    cross = panel.view.cells.cross
    assert widget is not None
    assert cross is not None
    place = QPointF(20, 30)
    none = Qt.MouseButton.NoButton
    event = QMouseEvent(QEvent.Type.MouseMove, place, place, none, none, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(widget, event)
    third = widget.width() / 3
    assert [(p.x(), p.y()) for p in cross.places()] == [(20 + k * third, 30.0) for k in range(3)]
    QApplication.sendEvent(widget, QEvent(QEvent.Type.Leave))
    assert cross.places() == []


def test_without_a_fused_layer_the_slices_that_are_there_are_the_middle(
    viewer: Viewer,
    panel: ComparePanel,
    session: CompareSession,
    partial: PartialFusion,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    toggle_cells(panel)
    assert names(viewer) == ["T1w", "pet", "pet only", "T1w only"]
    toggle_cells(panel)
    partial.put(3, np.full((24, 32), 0.4, np.float32))
    toggle_cells(panel)
    assert names(viewer) == ["T1w", "pet", "pet only", "Fused only", "T1w only"]
    session.next_mode()
    assert names(viewer) == ["T1w", "pet", "Compare: only pet"]
    panel.stop()
    assert names(viewer) == ["T1w", "pet"]


@pytest.mark.parametrize(("name", "is_written"), [("F", True), ("Coloured 7 of 110: " + "of a head " * 30, False)])
def test_a_fused_image_has_its_name_in_its_cell_only_where_it_fits_and_as_before_afterwards(
    viewer: Viewer, panel: ComparePanel, mri: Volume, name: str, is_written: bool
) -> None:
    fused = replace(mri, data=np.full(mri.shape, 0.5, np.float32), modality="", unit="")
    data, properties, _ = to_layer_data(fused)
    properties["metadata"][KEY]["fusion"] = {"kind": "grey"}
    layer = viewer.add_image(data, **properties | {"name": name})
    toggle_cells(panel)
    sources = [viewer.layers[one].name_overlay.visible for one in ("pet only", "T1w only")]
    assert (layer.name_overlay.visible, sources) == (is_written, [True, True])
    cross = panel.view.cells.cross
    assert cross is not None
    assert cross.titles == ("", "" if is_written else "Fused", "")
    toggle_cells(panel)
    assert not layer.name_overlay.visible


def cells_with_names(viewer: Viewer) -> dict[tuple[int, int], list[str]]:
    grid, layers = viewer.canvas.grid, viewer.layers
    return {place: [layers[index].name for index in found] for place, found in grid.iter_viewboxes(layers)}


def test_another_pair_is_shown_in_cells_of_its_own_with_its_own_titles(
    viewer: Viewer, panel: ComparePanel, session: CompareSession, partial: PartialFusion, mri: Volume, pet: Volume
) -> None:
    """Nothing may stand below the name of a volume that it is not made of."""
    partial.put(3, np.full((24, 32), 0.4, np.float32))
    toggle_cells(panel)
    assert cells_with_names(viewer) == {(0, 0): ["pet only"], (0, 1): ["Fused only"], (0, 2): ["T1w only"]}
    second = replace(pet, name="pet 2", data=pet.data + 1), replace(mri, name="T1w 2", data=mri.data + 1)
    for volume in second:
        data, properties, _ = to_layer_data(volume)
        viewer.add_image(data, **properties)
    QApplication.processEvents()
    panel.view.cells.finish()
    # they came, but are not compared
    assert cells_with_names(viewer) == {(0, 0): ["pet only"], (0, 1): ["Fused only"], (0, 2): ["T1w only"]}
    other = new_partial(pair(*second, windows=WINDOWS), "axial")
    session.show_partial(other)
    panel.view.cells.finish()
    assert cells_with_names(viewer) == {(0, 0): ["pet 2 only"], (0, 1): ["T1w 2 only"]}
    fused = replace(mri, data=other.fused, name="fused 2", modality="", unit="")
    data, properties, _ = to_layer_data(fused)
    properties["metadata"][KEY]["fusion"] = {"kind": "grey"}
    viewer.add_image(data, **properties)
    QApplication.processEvents()
    panel.view.cells.finish()
    assert cells_with_names(viewer) == {(0, 0): ["pet 2 only"], (0, 1): ["fused 2"], (0, 2): ["T1w 2 only"]}
    toggle_cells(panel)
    assert [layer.name for layer in viewer.layers if layer.visible] == ["T1w", "pet", "pet 2", "T1w 2", "fused 2"]


def test_another_mode_is_one_entry_and_stands_in_the_list_with_its_help(viewer: Viewer, partial: PartialFusion) -> None:
    black = CompareMode(
        "black", "nothing of {first}", "For this test", lambda seen, block: np.zeros((*seen.grey(0, block).shape, 3))
    )
    session = CompareSession((*COMPARE_MODES, black))
    panel = ComparePanel(viewer, session)
    session.show_partial(partial)
    last = panel.mode.count() - 1
    assert panel.mode.itemText(last) == "Nothing of pet"
    assert panel.mode.itemData(last, Qt.ItemDataRole.ToolTipRole) == "For this test"
    panel.mode.setCurrentIndex(last)
    assert picture(viewer).metadata[KEY]["compare"] == "black"
    assert not np.asarray(picture(viewer).data).any()
