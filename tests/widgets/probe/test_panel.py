"""Values under the cursor and in drawn regions."""

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from napari import Viewer
from pytestqt.qtbot import QtBot
from qtpy.QtCore import QEvent, QPointF, Qt
from qtpy.QtGui import QMouseEvent
from qtpy.QtWidgets import QApplication, QVBoxLayout, QWidget

from napari_refusion.fusion.canvas import Canvas
from napari_refusion.fusion.reading import read_at, source_names
from napari_refusion.numerics.intensity import Window
from napari_refusion.volume.pair import Pair
from napari_refusion.volume.probe import Sample, position_in_words
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.probe.panel import ProbePanel
from tests.widgets.made import IPL_AFFINE, layer_of, oblique

GRID = (6, 24, 32)


def counted(affine: np.ndarray, modality: str, unit: str, step: float) -> Volume:
    """Return a volume whose voxels are counted in steps, so that a value tells its voxel."""
    data = np.arange(np.prod(GRID), dtype=np.float32).reshape(GRID) * np.float32(step)
    return Volume(data, affine, modality, unit, name=modality)


def canvas_of(a: Volume, b: Volume, fused: np.ndarray) -> Canvas:
    """Return two volumes on one grid, fused along the axial slices 1 and above; the last column lacks a source."""
    covered = np.ones(GRID, np.bool_)
    covered[..., -1] = False
    done = np.arange(GRID[0]) > 0
    windows = Window(0.0, float(a.data.max())), Window(0.0, float(b.data.max()))
    return Canvas(Pair(a, b, covered, "b", ()), windows, "axial", fused.astype(np.float32), done)


@pytest.fixture
def sources() -> tuple[Volume, Volume]:
    return counted(IPL_AFFINE, "PT", "SUVbw", 0.01), counted(IPL_AFFINE, "MR", "", 1.0)


@pytest.fixture
def canvas(sources: tuple[Volume, Volume]) -> Canvas:
    pet, mri = sources
    falling = replace(mri, data=mri.data[::-1, ::-1, ::-1].copy())
    mix = 0.7 * pet.data / pet.data.max() + 0.3 * falling.data / falling.data.max()
    return canvas_of(pet, falling, mix)


def test_a_place_has_the_values_of_both_sources_and_of_the_fused_image(canvas: Canvas) -> None:
    volumes = canvas.pair.a, canvas.pair.b
    reading = read_at(canvas, volumes, np.array([2.2, 5.0, 6.4]))
    voxel = 2 * 24 * 32 + 5 * 32 + 6
    assert reading.sources == (
        Sample(pytest.approx(0.01 * voxel), "SUVbw"),
        Sample(6 * 24 * 32 - 1 - voxel, "a.u."),
    )
    # R 10 - 6.4, A 20 - 2 x 5, S 30 - 4 x 2.2
    assert reading.position == "R 3.6  A 10.0  S 21.2 mm"
    part = voxel / (6 * 24 * 32 - 1)
    assert reading.fused == f"{0.7 * part + 0.3 * (1 - part):.3f} of 1"
    assert reading.share == "PET 70 %, MRI 30 %: lies 70 % of the way from MRI to PET"


def test_a_slice_that_is_not_there_yet_has_no_fused_value(canvas: Canvas) -> None:
    reading = read_at(canvas, (canvas.pair.a, canvas.pair.b), np.array([0.0, 5, 6]))
    assert (reading.fused, reading.share) == ("not fused here yet", "")
    assert reading.sources[0].value is not None


def test_where_one_source_has_no_data_there_is_no_share(canvas: Canvas) -> None:
    reading = read_at(canvas, (canvas.pair.a, canvas.pair.b), np.array([3.0, 5, 31]))
    assert reading.share == "none: only one source has data here"


def test_beside_the_grid_there_is_nothing(canvas: Canvas) -> None:
    reading = read_at(canvas, (canvas.pair.a, canvas.pair.b), np.array([3.0, 5, 32]))
    assert reading.fused == "outside"
    assert [sample.in_words() for sample in reading.sources] == ["outside", "outside"]


def test_a_source_is_read_on_its_own_grid_and_not_as_it_was_resampled(canvas: Canvas) -> None:
    coarse = Volume(np.array([[[1.0, 2.0]]], np.float32), IPL_AFFINE @ np.diag([24.0, 48, 16, 1]), "PT", "SUVbw")
    reading = read_at(canvas, (coarse, canvas.pair.b), np.array([2.0, 5, 14]))
    assert reading.sources[0] == Sample(2.0, "SUVbw")  # whose voxels are 16 wide: 14 is nearer to 16 than to 0


def test_an_oblique_pair_is_read_at_its_place_in_the_patient() -> None:
    affine = oblique(20)
    pet, mri = counted(affine, "PT", "SUVbw", 1.0), counted(affine, "MR", "", 1.0)
    index = np.array([3.0, 4.0, 5.0])
    reading = read_at(canvas_of(pet, mri, np.zeros(GRID)), (pet, mri), index)
    assert reading.position == position_in_words((affine @ [*index, 1.0])[:3])
    assert reading.sources[0].value == pet.data[3, 4, 5]


def test_a_photograph_is_read_by_row_and_column(canvas: Canvas) -> None:
    pair = canvas.pair
    a, b = replace(pair.a, is_photograph=True), replace(pair.b, is_photograph=True)
    elsewhere = replace(a, affine=np.diag([1.0, 3.0, 3.0, 1.0]))
    reading = read_at(replace(canvas, pair=replace(pair, a=a, b=b)), (elsewhere, b), np.array([1.0, 7.4, 9.0]))
    assert reading.position == "row 7, column 9"
    assert reading.sources[0].value == pair.a.data[1, 7, 9]


def test_sources_of_one_modality_are_called_by_their_names(canvas: Canvas) -> None:
    assert source_names(canvas.pair) == ("PET", "MRI")
    flair = replace(canvas.pair.a, modality="MR", name="flair")
    assert source_names(replace(canvas.pair, a=flair)) == ("flair", "MR")


def move_mouse(viewer: Viewer, part: tuple[float, float]) -> None:
    """Move the mouse to a place of the canvas, given as parts of its width and height."""
    viewer.title = "driven by hand"
    widgets = [w for w in QApplication.allWidgets() if type(w).__name__ == "CanvasBackendDesktop"]
    canvas = next(widget for widget in widgets if viewer.title in widget.window().windowTitle())
    time.sleep(0.02)  # vispy drops moves that come faster than a screen is drawn,
    QApplication.processEvents()  # and napari tells of a further one after a turn of Qt only
    place = QPointF(canvas.width() * part[0], canvas.height() * part[1])
    none = Qt.MouseButton.NoButton
    move = QMouseEvent(QEvent.Type.MouseMove, place, place, none, none, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(canvas, move)


def shown(panel: ProbePanel, column: int) -> dict[str, str]:
    """Return a column of the table with its headings."""
    rows = range(panel.table.rowCount())
    return {panel.table.verticalHeaderItem(row).text(): panel.table.item(row, column).text() for row in rows}


def test_the_panel_follows_the_mouse(make_napari_viewer: Callable[..., Viewer], canvas: Canvas) -> None:
    viewer = make_napari_viewer(show=True)
    for volume in (canvas.pair.a, canvas.pair.b):
        viewer.add_layer(layer_of(volume))
    panel = ProbePanel(viewer)
    move_mouse(viewer, (0.5, 0.5))
    assert panel.position.text() == "Choose two sources first."
    panel.show_canvas(canvas, (canvas.pair.a, canvas.pair.b))
    for order in ((0, 1, 2), (1, 0, 2), (2, 0, 1)):
        viewer.dims.order = order
        viewer.reset_view()
        for part in ((0.5, 0.5), (0.45, 0.6)):
            move_mouse(viewer, part)
            world = np.array(viewer.cursor.position)  # mm towards inferior, posterior and left
            assert panel.position.text() == position_in_words(-world[::-1])
            voxel = tuple(np.round((world - [-30, -20, -10]) / [4, 2, 1]).astype(int))
            assert panel.values[0].text() == f"{canvas.pair.a.data[voxel]:.4g} SUVbw"
            assert panel.fused.text() == f"{canvas.fused[voxel]:.3f} of 1"
    panel.show_canvas(None, None)
    move_mouse(viewer, (0.5, 0.5))
    assert panel.values[0].text() == ""


def test_a_move_takes_less_than_two_milliseconds(qapp: QApplication, canvas: Canvas) -> None:
    times = []
    for _ in range(100):
        begin = time.perf_counter()
        read_at(canvas, (canvas.pair.a, canvas.pair.b), np.array([2.0, 5.0, 6.0]))
        times.append(time.perf_counter() - begin)
    assert min(times) < 0.002


def test_a_drawn_region_is_measured_in_both_sources(
    make_napari_viewer_proxy: Callable[..., Viewer], canvas: Canvas, sources: tuple[Volume, Volume]
) -> None:
    viewer = make_napari_viewer_proxy()
    viewer.add_layer(layer_of(canvas.pair.b))
    viewer.canvas.grid.enabled = True
    panel = ProbePanel(viewer)
    assert not panel.regions.isEnabled()
    panel.show_canvas(canvas, sources)
    panel.regions.click()
    panel.regions.click()
    assert [layer.name for layer in viewer.layers] == ["MR", "Regions"]
    assert not viewer.canvas.grid.enabled  # in a cell of its own it could not be drawn on an image
    regions = viewer.layers["Regions"]
    assert panel.told.text() == "Draw a polygon, a rectangle or an ellipse on a slice."
    assert not panel.copy.isEnabled()

    rectangle = np.array([[2, 3.5, 4.5], [2, 3.5, 8.5], [2, 5.5, 8.5], [2, 5.5, 4.5]])
    regions.add_rectangles(rectangle)
    panel.measure()
    values = sources[0].data[2, 4:6, 5:9]
    assert panel.told.text() == "Region 1 of 1, axial slice 2, on the grid of MR"
    pet = shown(panel, 0)
    assert (pet["Voxels"], pet["Area (mm²)"], pet["Volume (ml)"]) == ("8", "16", "0.064")
    assert pet["Mean"] == f"{values.mean():.4g}"
    assert shown(panel, 1)["Maximum"] == f"{canvas.pair.b.data[2, 4:6, 5:9].max():.0f}"
    assert panel.table.horizontalHeaderItem(0).text() == "PET (SUVbw)"
    panel.copy.click()
    lines = QApplication.clipboard().text().split("\n")
    assert [line.split("\t")[:3] for line in lines[1:]] == [["PT", "SUVbw", "8"], ["MR", "a.u.", "8"]]

    regions.add_lines(np.array([[2, 3, 4], [2, 9, 9]]))
    panel.measure()
    assert panel.told.text().startswith("A line has no area")
    assert not panel.table.isVisibleTo(panel)
    regions.selected_data = {0}
    panel.measure()
    assert panel.told.text().startswith("Region 1 of 2")
    regions.selected_data = set()
    regions.add_rectangles(rectangle + np.array([0, 100, 0]))
    panel.measure()
    assert panel.told.text().startswith("No voxel with data of both sources")
    viewer.layers.remove(regions)
    panel.measure()
    assert panel.told.text() == "Draw a polygon, a rectangle or an ellipse on a slice."


def test_the_statistics_follow_an_edit(
    make_napari_viewer: Callable[..., Viewer], canvas: Canvas, sources: tuple[Volume, Volume], qtbot: QtBot
) -> None:
    viewer = make_napari_viewer()
    panel = ProbePanel(viewer)
    panel.show_canvas(canvas, sources)
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


def test_the_panel_lets_go_of_the_viewer_when_it_is_taken_out(make_napari_viewer_proxy: Callable[..., Viewer]) -> None:
    viewer = make_napari_viewer_proxy()
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
