"""The page Lesions in a real viewer."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path

import nibabel
import numpy as np
import pytest
from napari import Viewer
from pytestqt.qtbot import QtBot
from qtpy.QtCore import QEvent, QPointF, Qt
from qtpy.QtGui import QMouseEvent
from qtpy.QtWidgets import QApplication, QWidget

from napari_refusion.evidence.missed_uptake import MissedUptake
from napari_refusion.widgets.fuse.choice_box import choose
from napari_refusion.widgets.fuse.widget import FuseWidget
from napari_refusion.widgets.layers import to_layer_data
from napari_refusion.widgets.lesions.panel import LesionPanel
from napari_refusion.widgets.planes.click import Click
from napari_refusion.widgets.probe.cursor_cross import find_canvas
from tests.widgets.at_rest import draw_to_the_end
from tests.widgets.lesions.opened import SPOTS, hot_pet, opened, patient_of, wide_ct


@pytest.fixture
def viewer(make_napari_viewer: Callable[..., Viewer]) -> Viewer:
    return make_napari_viewer(show=True)


@pytest.fixture
def widget(viewer: Viewer, qtbot: QtBot) -> FuseWidget:
    return opened(viewer, (wide_ct(), hot_pet()), qtbot)


@pytest.fixture
def panel(widget: FuseWidget) -> LesionPanel:
    return widget.panels.lesions


def click_at(canvas: QWidget, model: object, world: np.ndarray) -> None:
    """Click where a canvas draws a place of napari's world, once its window is at rest."""
    draw_to_the_end(canvas)
    dims, camera = model.dims, model.scene.camera
    down, right = (
        (world[axis] - centre) * camera.zoom * (1 if towards in ("down", "right") else -1)
        for axis, centre, towards in zip(dims.displayed, camera.center[-2:], camera.orientation2d, strict=True)
    )
    place = QPointF(canvas.width() / 2 + right, canvas.height() / 2 + down)
    none, left = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton
    for kind, button, held in (
        (QEvent.Type.MouseMove, none, none),
        (QEvent.Type.MouseButtonPress, left, left),
        (QEvent.Type.MouseButtonRelease, left, none),
    ):
        where = canvas.mapToGlobal(place)
        QApplication.sendEvent(canvas, QMouseEvent(kind, place, where, button, held, Qt.KeyboardModifier.NoModifier))
        QApplication.processEvents()


def main_canvas(widget: FuseWidget) -> QWidget:
    canvas = find_canvas(widget)
    assert canvas is not None
    return canvas


def look(viewer: Viewer, order: tuple[int, ...], world: np.ndarray) -> None:
    """Show a plane through a place, with the place in the middle but for some mm."""
    viewer.dims.order = order
    viewer.dims.point = tuple(world)
    viewer.scene.camera.center = tuple(world + 4.0)
    viewer.scene.camera.zoom = 6.0
    QApplication.processEvents()


@pytest.mark.parametrize("degrees", [0.0, 12.0])
def test_a_click_on_the_fused_image_draws_in_the_pet_around_the_spot_that_is_seen_there(
    make_napari_viewer: Callable[..., Viewer], qtbot: QtBot, degrees: float
) -> None:
    viewer, pet = make_napari_viewer(show=True), hot_pet(degrees)
    widget = opened(viewer, (wide_ct(), pet), qtbot)
    panel = widget.panels.lesions
    panel.form.click.click()
    orders = ((0, 1, 2), (1, 0, 2), (2, 0, 1))
    for number, (order, (*voxel, height)) in enumerate(product(orders, SPOTS), 1):
        place = patient_of(pet, tuple(voxel))
        world = -place[::-1]  # on the straight grid of the CT, napari's world is the patient turned about
        look(viewer, order, world)
        click_at(main_canvas(widget), viewer, world)
        assert panel.session.selected == number
        measured = panel.session.now.measured[number]
        assert measured.values["maximum"] == pytest.approx(height, rel=1e-5)
        np.testing.assert_allclose(measured.place, place, atol=1e-6)
        voi = panel.session.lesions.numbered(number).voi
        expected = pet.data >= 0.41 * height
        assert tuple(voxel) in {tuple(one) for one in voi.voxels.tolist()}
        assert voi.count <= expected.sum()
        panel.session.remove(number)


def test_a_reader_draws_corrects_names_sorts_copies_and_takes_back(
    viewer: Viewer, widget: FuseWidget, panel: LesionPanel, qtbot: QtBot
) -> None:
    session, form, pet = panel.session, panel.form, hot_pet()
    worlds = [-patient_of(pet, tuple(voxel))[::-1] for *voxel, _ in SPOTS]
    canvas = main_canvas(widget)

    # without the mode a click adds nothing; the key begins it, Escape ends it
    look(viewer, (0, 1, 2), worlds[0])
    click_at(canvas, viewer, worlds[0])
    assert len(session.lesions) == 0
    assert panel.outlines.layers == ()
    panel.toggle_clicking()
    assert form.click.isChecked()
    click_at(canvas, viewer, worlds[0])
    click_at(canvas, viewer, worlds[0] + [0, 300, 0])
    assert "lies outside its field" in form.message.text()
    if not widget.planes.three.is_shown:
        widget.planes.show_all()
    qtbot.waitUntil(lambda: all(one.widget.isVisible() and one.model.layers for one in widget.planes.three.planes))
    side = widget.planes.three.planes[0]
    assert side.plane == "coronal"
    look(viewer, (0, 1, 2), worlds[1])
    QApplication.processEvents()
    click_at(side.widget.canvas.native, side.model, worlds[1])
    assert [one.number for one in session.lesions] == [1, 2]
    assert session.now.measured[2].values["maximum"] == pytest.approx(6.0)
    widget.planes.show_all()
    widget.window().activateWindow()
    qtbot.waitUntil(widget.window().isActiveWindow)
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert not form.click.isChecked()
    click_at(canvas, viewer, worlds[2])
    assert len(session.lesions) == 2
    panel._add_at(Click(tuple(worlds[2]), (0,), tuple(viewer.layers)))
    assert session.now.measured[3].values["maximum"] == pytest.approx(5.0)

    # the layer of labels is on the PET's own grid
    (layer,) = panel.outlines.layers
    assert layer.data.shape == pet.shape
    for number, (*voxel, _) in enumerate(SPOTS, 1):
        assert layer.data[tuple(voxel)] == number
        np.testing.assert_allclose(layer.data_to_world(voxel), worlds[number - 1], atol=1e-6)

    # where there is nothing to do again, what was said stays
    form.say("Look whether it ran into its surroundings.")
    form.redo.click()
    assert form.message.text() == "Look whether it ran into its surroundings."

    # a brush corrects; what it erases wholly is gone, and comes back
    before = session.lesions.numbered(1).voi.count
    viewer.layers.selection.active = layer
    layer.selected_label = 1
    layer.data_setitem((np.array([5, 5]), np.array([2, 2]), np.array([2, 3])), 1)
    panel.outlines.take_edits()
    assert session.lesions.numbered(1).voi.count == before + 2
    assert session.lesions.numbered(1).voi.method.endswith("corrected by hand")
    gone = np.nonzero(layer.data == 2)
    layer.data_setitem(gone, 0)
    qtbot.waitUntil(lambda: len(session.lesions) == 2, timeout=5000)
    assert "Undo brings it back" in form.message.text()
    form.undo.click()
    assert len(session.lesions) == 3
    assert (layer.data == 2).sum() == len(gone[0])
    layer.data_setitem((np.array([1]), np.array([1]), np.array([1])), 77)
    panel.outlines.take_edits()
    assert session.lesions.numbered(4).voi.voxels.tolist() == [[1, 1, 1]]
    assert session.lesions.numbered(4).voi.method == "painted by hand"
    form.undo.click()
    form.undo.click()
    assert session.lesions.numbered(1).voi.count in (before, before + 2)

    # names, sites, comments and key images are written in the table; numbers are sorted as numbers
    table = form.table
    table.item(0, table.place_of("name")).setText("Node")
    table.item(0, table.place_of("site")).setText("left  iliac")
    table.item(0, table.place_of("comment")).setText("new")
    table.item(0, table.place_of("key")).setCheckState(Qt.CheckState.Checked)
    first = session.lesions.numbered(1)
    assert (first.name, first.site, first.comment, first.is_key) == ("Node", "left iliac", "new", True)
    table.sortItems(table.place_of("maximum"), Qt.SortOrder.AscendingOrder)
    assert table.numbers() == [3, 2, 1]
    headings = [table.horizontalHeaderItem(place).text() for place in range(table.columnCount())]
    assert headings[3:9] == [
        "SUVmax\n(SUVbw)", "SUVmean\n(SUVbw)", "SUVpeak\n(SUVbw)", "Volume\n(ml)", "TLG\n(SUVbw ml)",
        "Longest diameter\n(mm)",
    ]  # fmt: skip
    form.copy.click()
    lines = [line.split("\t") for line in QApplication.clipboard().text().split("\n")]
    assert lines[0][:2] == ["Number", "Lesion"]
    assert [line[:3] for line in lines[1:]] == [
        ["1", "Node", "left iliac"],
        ["2", "Lesion 2", ""],
        ["3", "Lesion 3", ""],
    ]

    # a line that is chosen leads to its maximum in all planes, also where the layer was deleted
    viewer.layers.remove(layer)
    assert len(session.lesions) == 3
    table.selectRow(2)
    np.testing.assert_allclose(
        viewer.dims.point, worlds[0], atol=1.5
    )  # the slider rests on slices of the CT, 3 mm apart
    assert len(panel.outlines.layers) == 1
    qtbot.waitUntil(lambda: len(session.shares.known) == 3, timeout=20_000)
    assert all(one is not None and one.share is not None for one in session.shares.known.values())
    shown = [table.item(row, table.place_of("shown")).text() for row in range(3)]
    assert shown[2] == f"{100 * session.shares.known[1].share:.0f}"

    # the order and the names of layers mean nothing
    (layer,) = panel.outlines.layers
    layer.name = "mine"
    viewer.layers.move(0, len(viewer.layers))
    form.remove.click()
    assert [one.number for one in session.lesions] == [2, 3]
    assert panel.outlines.layers == (layer,)


def test_another_pair_begins_clean_and_what_is_gone_or_edited_says_nothing_stale(viewer: Viewer, qtbot: QtBot) -> None:
    pet = hot_pet(unit="Bq/ml")
    widget = opened(viewer, (wide_ct(), pet), qtbot)
    panel = widget.panels.lesions
    session, form = panel.session, panel.form
    place = patient_of(pet, SPOTS[0][:3])
    session.add_at(place)

    # no SUV: the reason, and headings in the file's unit
    assert "not in SUV" in form.notice.text()
    headings = [form.table.horizontalHeaderItem(at).text() for at in range(form.table.columnCount())]
    assert headings[3:6] == ["Maximum\n(Bq/ml)", "Mean\n(Bq/ml)", "Peak\n(Bq/ml)"]
    assert not any("TLG" in one or "glycolysis" in one for one in headings)
    choose(form.method.method, "threshold")
    assert form.method.label.text() == "Bq/ml"
    panel._add_at(Click(tuple(-place[::-1]), (0,), tuple(viewer.layers)))
    assert "Type a number" in form.message.text()
    form.method.amount.setEditText("2,5")
    panel._add_at(Click(tuple(-place[::-1]), (0,), tuple(viewer.layers)))
    assert session.lesions.numbered(2).voi.method == "threshold 2.5 Bq/ml"
    form.undo.click()

    # an edited source: the line is struck through and does not count
    layer = next(one for one in viewer.layers if one.name == "pet")
    layer.data = layer.data * 2
    widget.fuse(is_slice=False)
    qtbot.waitUntil(lambda: widget.is_idle, timeout=60_000)
    assert session.now.stale == {1}
    cell = form.table.item(0, form.table.place_of("name"))
    assert cell.font().strikeOut()
    assert "replaced, edited or moved" in cell.toolTip()
    assert panel.outlines.layers == ()
    form.table.selectRow(0)
    assert "replaced, edited or moved" in form.message.text()
    form.copy.click()
    assert len(QApplication.clipboard().text().split("\n")) == 1
    layer.data = pet.data
    widget.fuse(is_slice=False)
    qtbot.waitUntil(lambda: widget.is_idle, timeout=60_000)
    assert session.now.stale == frozenset()
    assert len(panel.outlines.layers) == 1

    # another pair begins clean, the first one's list comes back with it
    data, properties, _ = to_layer_data(replace(hot_pet(5.0), name="other"))
    viewer.add_image(data, **properties)
    choose(widget.page.second.layer, str(viewer.layers["other"].unique_id))
    widget.fuse(is_slice=False)
    qtbot.waitUntil(lambda: widget.is_idle, timeout=60_000)
    assert len(session.lesions) == 0
    assert form.table.rowCount() == 0
    assert panel.outlines.layers == ()
    assert form.message.text() == ""
    choose(widget.page.second.layer, str(layer.unique_id))
    widget.fuse(is_slice=False)
    qtbot.waitUntil(lambda: widget.is_idle, timeout=60_000)
    assert form.table.numbers() == [1]

    # everything is closed
    form.click.click()
    viewer.layers.clear()
    qtbot.wait(50)
    assert form.table.rowCount() == 0
    assert not form.click.isChecked()
    assert not form.click.isEnabled()
    assert "Choose two sources" in form.notice.text()


def test_a_lesion_that_is_drawn_while_others_are_asked_about_is_asked_about_after_them(
    panel: LesionPanel, qtbot: QtBot
) -> None:
    session, pet = panel.session, hot_pet()
    first, second = (patient_of(pet, tuple(voxel)) for *voxel, _ in SPOTS[:2])
    session.add_at(first)
    panel.settle()
    assert session.shares.is_computing
    session.add_at(second)
    panel._rest.stop()
    panel.settle()  # the rest after the second one ends before the first one is known
    assert session.shares.is_computing
    qtbot.waitUntil(lambda: set(session.shares.known) == {1, 2}, timeout=20_000)
    assert "not known" not in panel.form.hidden.text()


def test_overlays_are_shown_with_their_names_become_lesions_and_lesions_are_written(
    viewer: Viewer, widget: FuseWidget, panel: LesionPanel, qtbot: QtBot, tmp_path: Path
) -> None:
    session, form, pet = panel.session, panel.form, hot_pet()
    labels = np.zeros(pet.shape, np.uint8)
    labels[4:7, 9:12, 11:14], labels[9, 20, 28] = 1, 2
    nibabel.save(nibabel.Nifti1Image(labels, pet.affine), tmp_path / "theirs_dseg.nii.gz")
    (tmp_path / "theirs_dseg.tsv").write_text("index\tname\n1\tNode\n2\tLiver\n")
    panel.opening.open(tmp_path / "theirs_dseg.nii.gz", session.now.sources[0])
    qtbot.waitUntil(lambda: bool(panel.opening.layers.shown), timeout=20_000)
    layer = viewer.layers["Overlay: theirs_dseg.nii.gz"]
    assert np.array_equal(layer.data, labels)
    assert list(layer.features["name"]) == ["", "Node", "Liver"]
    np.testing.assert_allclose(layer.data_to_world((9, 20, 28)), -patient_of(pet, (9, 20, 28))[::-1], atol=1e-3)
    regions = form.overlays.regions
    assert [regions.item(row).text().split(" (")[0] for row in range(regions.count())] == ["Node", "Liver"]
    regions.item(1).setCheckState(Qt.CheckState.Checked)
    form.overlays.take.click()
    assert [(one.title, one.voi.count) for one in session.lesions] == [("Liver", 1)]
    assert session.now.measured[1].values["maximum"] == pytest.approx(6.0)
    form.overlays.close_all.click()
    assert panel.opening.layers.shown == ()
    assert "Overlay: theirs_dseg.nii.gz" not in viewer.layers
    panel.opening.open(tmp_path / "theirs_dseg.tsv", session.now.sources[0])
    qtbot.waitUntil(lambda: "Reading" not in form.message.text(), timeout=20_000)
    assert panel.opening.layers.shown == ()
    assert form.message.text()

    for kind, name in (("table", "lesions.tsv"), ("label map", "lesions_PET_dseg.nii.gz")):
        panel.output.write(kind, session, tmp_path / kind)
        qtbot.waitUntil(lambda: "Writing" not in form.message.text(), timeout=20_000)
        assert "Written" in form.message.text()
        assert (tmp_path / kind / name).is_file()
    panel.output.write("table", session, tmp_path / "table")
    qtbot.waitUntil(lambda: "Writing" not in form.message.text(), timeout=20_000)
    assert "Written" not in form.message.text()

    # a place of missed uptake becomes a lesion
    spot = MissedUptake(0, (0, 0, 0), tuple(patient_of(pet, SPOTS[2][:3])), 0.5, 0.1)
    panel.spots = lambda: (spot,)
    form.spots.aboutToShow.emit()
    form.spots.actions()[0].trigger()
    assert session.now.measured[2].values["maximum"] == pytest.approx(5.0)
    panel.spots = tuple
    form.spots.aboutToShow.emit()
    assert not form.spots.actions()[0].isEnabled()


def test_the_page_comes_back_in_a_closed_and_opened_dock(viewer: Viewer, widget: FuseWidget) -> None:
    panel = widget.panels.lesions
    panel.session.add_at(patient_of(hot_pet(), SPOTS[0][:3]))
    assert len(panel.outlines.layers) == 1
    panel.stop()
    assert panel.outlines.layers == ()
    assert "Lesions" not in viewer.layers
    panel.start()
    assert len(panel.outlines.layers) == 1
