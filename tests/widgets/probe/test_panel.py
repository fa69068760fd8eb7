"""Values under the cursor and in drawn regions."""

import time
from collections.abc import Callable

import numpy as np
import pytest
from napari import Viewer
from napari.components import ViewerModel
from pytestqt.qtbot import QtBot
from qtpy.QtCore import QEvent, QPointF, Qt
from qtpy.QtGui import QMouseEvent
from qtpy.QtWidgets import QApplication, QVBoxLayout, QWidget

from napari_refusion.fusion.partial import PartialFusion, new_partial
from napari_refusion.study.pairing import pair
from napari_refusion.volume.probe import position_in_words
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.probe.drawn_regions import NO_SHAPE
from napari_refusion.widgets.probe.panel import ProbePanel
from tests.counted_pair import mixed_canvas
from tests.small_pair import IPL_AFFINE, small_mri
from tests.widgets.made import layer_of


@pytest.fixture
def partial() -> PartialFusion:
    return mixed_canvas()


@pytest.fixture
def layers() -> ViewerModel:
    """Layers without a window."""
    return ViewerModel()


@pytest.fixture
def panel(layers: ViewerModel, qtbot: QtBot) -> ProbePanel:
    panel = ProbePanel(layers)
    qtbot.addWidget(panel)
    return panel


def move_mouse(viewer: Viewer, part: tuple[float, float]) -> None:
    """Move the mouse to a place of the partial fusion, given as parts of its width and height."""
    viewer.title = "driven by hand"
    widgets = [w for w in QApplication.allWidgets() if type(w).__name__ == "CanvasBackendDesktop"]
    partial = next(widget for widget in widgets if viewer.title in widget.window().windowTitle())
    time.sleep(0.02)  # vispy drops moves that come faster than a screen is drawn,
    QApplication.processEvents()  # and napari tells of a further one after a turn of Qt only
    place = QPointF(partial.width() * part[0], partial.height() * part[1])
    none = Qt.MouseButton.NoButton
    move = QMouseEvent(QEvent.Type.MouseMove, place, place, none, none, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(partial, move)


def shown(panel: ProbePanel, column: int) -> dict[str, str]:
    """Return a column of the table with its headings."""
    rows = range(panel.table.rowCount())
    return {panel.table.verticalHeaderItem(row).text(): panel.table.item(row, column).text() for row in rows}


def test_the_panel_follows_the_mouse(make_napari_viewer: Callable[..., Viewer], partial: PartialFusion) -> None:
    viewer = make_napari_viewer(show=True)
    for volume in (partial.study.a.volume, partial.study.b.volume):
        viewer.add_layer(layer_of(volume))
    panel = ProbePanel(viewer)
    move_mouse(viewer, (0.5, 0.5))
    assert panel.position.text() == "Choose two sources first."
    panel.show_partial(partial)
    for order in ((0, 1, 2), (1, 0, 2), (2, 0, 1)):
        viewer.dims.order = order
        viewer.reset_view()
        for part in ((0.5, 0.5), (0.45, 0.6)):
            move_mouse(viewer, part)
            world = np.array(viewer.cursor.position)  # mm towards inferior, posterior and left
            assert panel.position.text() == position_in_words(-world[::-1])
            voxel = tuple(np.round((world - [-30, -20, -10]) / [4, 2, 1]).astype(int))
            assert panel.values[0].text() == f"{partial.study.a.volume.data[voxel]:.4g} SUVbw"
            assert panel.fused.text() == f"{partial.fused[voxel]:.3f} of 1"
    panel.show_partial(None)
    move_mouse(viewer, (0.5, 0.5))
    assert panel.values[0].text() == ""


def test_a_drawn_region_is_measured_in_both_sources(
    layers: ViewerModel, panel: ProbePanel, partial: PartialFusion
) -> None:
    viewer = layers
    viewer.add_layer(layer_of(partial.study.b.volume))
    viewer.canvas.grid.enabled = True
    assert not panel.regions.isEnabled()
    panel.show_partial(partial)
    panel.regions.click()
    panel.regions.click()
    assert [layer.name for layer in viewer.layers] == ["MR", "Regions"]
    assert not viewer.canvas.grid.enabled  # in a cell of its own it could not be drawn on an image
    regions = viewer.layers["Regions"]
    assert panel.message.text() == NO_SHAPE
    assert not panel.copy.isEnabled()

    rectangle = np.array([[2, 3.5, 4.5], [2, 3.5, 8.5], [2, 5.5, 8.5], [2, 5.5, 4.5]])
    regions.add_rectangles(rectangle)
    panel.measure()
    values = partial.study.a.volume.data[2, 4:6, 5:9]
    assert panel.message.text() == "Region 1 of 1, axial slice 3 of 6, S 22.0 mm: each source in its own voxels"
    pet = shown(panel, 0)
    assert (pet["Voxels"], pet["Area (mm²)"], pet["Volume (ml)"]) == ("8", "16", "0.064")
    assert pet["Mean"] == f"{values.mean():.4g}"
    assert shown(panel, 1)["Maximum"] == f"{partial.study.b.volume.data[2, 4:6, 5:9].max():.0f}"
    assert panel.table.horizontalHeaderItem(0).text() == "PET (SUVbw)"
    panel.copy.click()
    lines = QApplication.clipboard().text().split("\n")
    assert [line.split("\t")[:3] for line in lines[1:]] == [["PT", "SUVbw", "8"], ["MR", "a.u.", "8"]]

    regions.add_lines(np.array([[2, 3, 4], [2, 9, 9]]))
    panel.measure()
    assert panel.message.text().startswith("A line has no area")
    assert not panel.table.isVisibleTo(panel)
    regions.selected_data = {0}
    panel.measure()
    assert panel.message.text().startswith("Region 1 of 2")
    regions.selected_data = set()
    regions.add_rectangles(rectangle + np.array([0, 100, 0]))
    panel.measure()
    assert panel.message.text().startswith("No voxel of the sources")
    viewer.layers.remove(regions)
    panel.measure()
    assert panel.message.text() == NO_SHAPE


def test_the_statistics_follow_an_edit(
    layers: ViewerModel, panel: ProbePanel, partial: PartialFusion, qtbot: QtBot
) -> None:
    viewer = layers
    panel.show_partial(partial)
    panel.draw_regions()
    regions = viewer.layers["Regions"]
    # around rows 4 to 12 and columns 6 to 22; a centre on its edge may count or not
    box = np.array([[3, 4, 6], [3, 4, 22], [3, 12, 22], [3, 12, 6]], dtype=np.float64)
    regions.add_ellipses(box)
    qtbot.waitUntil(lambda: panel.table.isVisibleTo(panel), timeout=2000)
    rows, columns = np.mgrid[:24, :32]
    inside = ((rows - 8) / 4) ** 2 + ((columns - 14) / 8) ** 2 < 0.99
    nearly = ((rows - 8) / 4) ** 2 + ((columns - 14) / 8) ** 2 < 1.01
    assert inside.sum() <= int(shown(panel, 0)["Voxels"]) <= nearly.sum()
    regions.data = [np.array([[3, 3.5, 4.5], [3, 3.5, 8.5], [3, 5.5, 8.5], [3, 5.5, 4.5]])]
    qtbot.waitUntil(lambda: shown(panel, 0)["Voxels"] == "8", timeout=2000)


def test_the_panel_lets_go_of_the_viewer_when_it_is_taken_out(qapp: QApplication) -> None:
    viewer = ViewerModel()
    before = len(viewer.mouse_move_callbacks)
    holder = QWidget()
    panel = ProbePanel(viewer)
    QVBoxLayout(holder).addWidget(panel)
    assert len(viewer.mouse_move_callbacks) == before + 1
    panel.setParent(None)
    assert len(viewer.mouse_move_callbacks) == before
    holder.layout().addWidget(panel)
    assert len(viewer.mouse_move_callbacks) == before + 1
    panel.stop()
    assert len(viewer.mouse_move_callbacks) == before


def test_regions_begin_as_ellipses(layers: ViewerModel, panel: ProbePanel, partial: PartialFusion) -> None:
    panel.show_partial(partial)
    panel.draw_regions()
    assert layers.layers["Regions"].mode == "add_ellipse"


def test_several_selected_regions_are_one_in_space(
    layers: ViewerModel, panel: ProbePanel, partial: PartialFusion
) -> None:
    panel.show_partial(partial)
    panel.draw_regions()
    regions = layers.layers["Regions"]
    corners = np.array([[3.5, 4.5], [3.5, 8.5], [5.5, 8.5], [5.5, 4.5]])
    regions.add_rectangles([np.insert(corners, 0, index, axis=1) for index in (1, 2, 3)])
    regions.selected_data = {0, 1, 2}
    panel.measure()
    assert panel.message.text() == "3 of 3 regions together, in space: each source in its own voxels"
    pet, values = shown(panel, 0), partial.study.a.volume.data[1:4, 4:6, 5:9]
    # 3 x 2 x 4 voxels of 8 mm3
    assert (pet["Voxels"], pet["Volume (ml)"]) == ("24", "0.192")
    assert "Area (mm²)" not in pet
    assert (pet["Mean"], pet["Maximum"]) == (f"{values.mean():.4g}", f"{values.max():.4g}")


def test_a_painted_label_is_measured_in_space_while_its_layer_is_selected(
    layers: ViewerModel, panel: ProbePanel, partial: PartialFusion, qtbot: QtBot
) -> None:
    viewer = layers
    panel.show_partial(partial)
    picture = viewer.add_layer(layer_of(partial.study.b.volume))
    data = np.zeros(partial.fused.shape, np.uint8)
    data[1:4, 4:6, 5:9] = 2
    labels = viewer.add_labels(data, scale=picture.scale, translate=picture.translate, units=picture.units)
    labels.selected_label = 2
    qtbot.waitUntil(lambda: panel.message.text().startswith("Label 2 of data"), timeout=2000)
    assert shown(panel, 0)["Voxels"] == "24"
    labels.paint((1, 20, 20), 2)
    qtbot.waitUntil(lambda: int(shown(panel, 0)["Voxels"]) > 24, timeout=2000)
    labels.selected_label = 3
    qtbot.waitUntil(lambda: panel.message.text().startswith("Select or paint a label"), timeout=2000)
    viewer.layers.selection.active = picture
    qtbot.waitUntil(lambda: panel.message.text() == NO_SHAPE, timeout=2000)


def test_a_region_is_measured_in_the_voxels_of_the_file_and_not_in_resampled_ones(
    layers: ViewerModel, panel: ProbePanel
) -> None:
    """One hot voxel of a PET of 8 x 4 x 3 mm: interpolated to the MRI's grid it would be lower."""
    data = np.zeros((4, 12, 11), np.float32)
    data[1, 5, 5] = 10.0
    pet = Volume(data, IPL_AFFINE @ np.diag([2, 2, 3, 1.0]), "PT", "SUVbw", name="pet")
    study = pair(small_mri(), pet)
    assert study.fixed is study.b.volume
    panel.show_partial(new_partial(study, "axial"))
    panel.draw_regions()
    layers.layers["Regions"].add_rectangles(np.array([[2, 7, 12], [2, 7, 18], [2, 13, 18], [2, 13, 12]]))
    panel.measure()
    pet_column = study.names.index("PET")
    found = shown(panel, pet_column)
    # rows 8, 10, 12 and columns 12, 15, 18 of the MRI are its centres; those at the border may count or not
    assert found["Maximum"] == "10"
    assert 3 <= int(found["Voxels"]) <= 9
