"""The row of planes and places, in a real viewer."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from napari.viewer import Viewer
from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication, QHBoxLayout, QLabel, QLineEdit, QSlider, QWidget

from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.layers import to_layer_data
from napari_refusion.widgets.planes import cover
from napari_refusion.widgets.planes.bar import PlaneBar
from napari_refusion.widgets.planes.cells import cells_of
from napari_refusion.widgets.planes.slider_words import say_slice
from napari_refusion.widgets.world import drawn_matrix
from tests.small_pair import oblique
from tests.widgets.planes.test_hanging import UPRIGHT


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def viewer(make_napari_viewer: Callable[..., Viewer], mri: Volume, pet: Volume) -> Viewer:
    viewer = make_napari_viewer()
    for volume in (mri, pet):
        data, properties, _ = to_layer_data(volume)
        viewer.add_image(data, **properties)
    return viewer


@pytest.fixture
def bar(viewer: Viewer, said: list[str]) -> Iterator[PlaneBar]:
    bar = PlaneBar(viewer, said.append)
    viewer.window.add_dock_widget(bar, area="right")
    bar.start()
    yield bar
    bar.stop()


def drawn() -> None:
    for _ in range(12):  # layers are copied one at a turn
        QApplication.processEvents()


def test_buttons_hang_the_planes_and_say_which_one_hangs(viewer: Viewer, bar: PlaneBar) -> None:
    assert bar.buttons["axial"].isChecked()
    bar.buttons["sagittal"].click()
    assert viewer.dims.order == (2, 0, 1)
    assert [plane for plane, button in bar.buttons.items() if button.isChecked()] == ["sagittal"]
    viewer.dims.order = (2, 1, 0)  # napari's own transposition lays it on its side
    assert not any(button.isChecked() for button in bar.buttons.values())
    bar.buttons["sagittal"].click()
    assert viewer.dims.order == (2, 0, 1)


def test_a_place_that_is_written_is_gone_to(viewer: Viewer, bar: PlaneBar, said: list[str], mri: Volume) -> None:
    # voxel (2, 5, 7) of the pair lies at R 10 - 7, A 20 - 2 * 5, S 30 - 4 * 2
    bar.place.setText("R 3 A 10 S 22")
    bar.go()
    index = np.linalg.inv(drawn_matrix(mri.grid)) @ (*viewer.dims.point, 1.0)
    assert np.allclose(index[:3], (2, 5, 7))
    assert said == [""]


@pytest.mark.parametrize(("written", "stays"), [("R 3 A 10 S 22", False), ("R 3 A", True)])
def test_keys_are_the_viewers_again_once_it_went_to_a_place_that_was_typed(
    viewer: Viewer, bar: PlaneBar, said: list[str], qtbot: QtBot, written: str, stays: bool
) -> None:
    window = viewer.window._qt_window
    with qtbot.waitExposed(window):
        window.show()
    bar.place.setFocus()
    qtbot.keyClicks(bar.place, written)
    qtbot.keyClick(bar.place, Qt.Key.Key_Return)
    assert bool(said[-1]) is stays
    assert (window.focusWidget() is bar.place) is stays


def test_the_viewer_stays_at_its_place_when_the_other_planes_go(viewer: Viewer, bar: PlaneBar, mri: Volume) -> None:
    affine = mri.affine.copy()
    affine[:3, 3] += (7.5, 11.0, 17.0)  # their range is another one without one of them
    data, properties, _ = to_layer_data(replace(mri, affine=affine))
    viewer.add_image(data, **properties)
    viewer.dims.point = viewer.layers[0].data_to_world((5, 22, 30))
    before = viewer.dims.point
    bar.all.click()
    drawn()
    assert viewer.dims.point == before
    bar.all.click()
    drawn()
    assert not bar.three.planes
    assert viewer.dims.point == before


def test_a_place_goes_out_of_its_line_when_the_viewer_goes_elsewhere_and_one_that_is_being_written_stays(
    viewer: Viewer, bar: PlaneBar
) -> None:
    bar.place.setText("R 3 A 10 S 22")
    bar.go()
    assert bar.place.text() == "R 3 A 10 S 22"
    viewer.dims.set_current_step(0, 4)
    assert bar.place.text() == ""
    bar.place.setText("R 3 A 10 S 22")
    bar.go()
    bar.place.setText("R 3 A 1")
    viewer.dims.set_current_step(0, 3)
    assert bar.place.text() == "R 3 A 1"


def test_a_place_of_an_oblique_volume_is_the_patients_and_not_that_of_the_drawing(
    viewer: Viewer, bar: PlaneBar, said: list[str], mri: Volume
) -> None:
    viewer.layers.clear()
    turned = replace(mri, affine=oblique(20.0))
    data, properties, _ = to_layer_data(turned)
    viewer.add_image(data, **properties)
    right, anterior, superior = turned.grid.point_at(np.array((4.0, 6.0, 20.0)))
    bar.place.setText(f"{right:.4f} {anterior:.4f} {superior:.4f}")
    bar.go()
    assert said == [""]
    assert np.allclose(viewer.layers[0].world_to_data(viewer.dims.point), (4, 6, 20), atol=1e-3)


def test_the_number_of_a_slice_is_gone_to_in_the_plane_that_is_shown(
    viewer: Viewer, bar: PlaneBar, said: list[str]
) -> None:
    bar.buttons["coronal"].click()
    before = viewer.layers[0].world_to_data(viewer.dims.point)
    bar.place.setText("6")
    bar.go()
    assert np.allclose(viewer.layers[0].world_to_data(viewer.dims.point), (before[0], 5, before[2]))
    bar.place.setText("25")
    bar.go()
    assert said == ["", "Choose a slice from 1 to 24: there is no 25."]


@pytest.mark.parametrize(
    ("text", "begins"), [("R 300 A 10 S 22", "Choose a place inside"), ("there", "Write a place as")]
)
def test_a_place_that_cannot_be_gone_to_is_refused_and_nothing_moves(
    viewer: Viewer, bar: PlaneBar, said: list[str], text: str, begins: str
) -> None:
    before = viewer.dims.point
    bar.place.setText(text)
    bar.go()
    assert said[-1].startswith(begins)
    assert viewer.dims.point == before


def test_three_planes_show_the_same_place_upright_and_go_again(viewer: Viewer, bar: PlaneBar) -> None:
    bar.all.click()
    drawn()
    assert [side.plane for side in bar.three.planes] == ["coronal", "sagittal"]
    for side in bar.three.planes:
        letters = side.cover.letters()
        assert "".join(letters[name] for name in ("left", "right", "top", "bottom")) == UPRIGHT[side.plane]
        assert side.cover.words().title.startswith(f"{side.plane.capitalize()} slice")
    viewer.dims.point = viewer.layers[0].data_to_world((4, 10, 20))
    assert all(np.allclose(side.model.dims.point, viewer.dims.point) for side in bar.three.planes)
    bar.three.planes[0].model.dims.point = viewer.layers[0].data_to_world((3, 11, 21))
    assert np.allclose(viewer.dims.point, viewer.layers[0].data_to_world((3, 11, 21)))
    bar.all.click()
    drawn()
    assert not bar.three.is_shown
    assert not bar.all.isChecked()


def test_no_plane_is_seen_twice(bar: PlaneBar) -> None:
    bar.all.click()
    bar.buttons["coronal"].click()
    assert [side.plane for side in bar.three.planes] == ["axial", "sagittal"]
    assert [side.model.dims.order for side in bar.three.planes] == [(0, 1, 2), (2, 0, 1)]


def test_further_planes_follow_layers_that_come_go_change_places_and_look(
    viewer: Viewer, bar: PlaneBar, mri: Volume
) -> None:
    bar.all.click()
    side = bar.three.planes[0]
    viewer.layers["pet"].opacity = 0.3
    viewer.layers["T1w"].contrast_limits = (5.0, 50.0)
    viewer.layers["T1w"].visible = False
    assert side.model.layers["pet"].opacity == 0.3
    assert side.model.layers["T1w"].contrast_limits == [5.0, 50.0]
    assert not side.model.layers["T1w"].visible
    viewer.add_image(mri.data * 2, name="doubled", scale=viewer.layers[0].scale, translate=viewer.layers[0].translate)
    viewer.layers.move(2, 0)
    drawn()
    assert [layer.name for layer in side.model.layers] == [layer.name for layer in viewer.layers]
    viewer.layers.clear()
    assert not bar.all.isEnabled()


@pytest.mark.parametrize("way", ["translate", "rotate", "shear", "affine"])
def test_a_layer_that_the_reader_moves_lies_at_the_same_place_in_every_plane(
    viewer: Viewer, bar: PlaneBar, way: str
) -> None:
    bar.all.click()
    pet = viewer.layers["pet"]
    moved = np.eye(4)
    moved[:3, 3] = (0, 20, 0)  # as napari's own mode of moving layers does it
    ways = {"translate": (1.0, 2.0, 3.0), "rotate": (10.0, 0.0, 0.0), "shear": (0.1, 0.0, 0.0), "affine": moved}
    setattr(pet, way, ways[way])
    for side in bar.three.planes:
        assert np.allclose(side.model.layers["pet"].data_to_world((1, 2, 3)), pet.data_to_world((1, 2, 3)))


@pytest.mark.parametrize("is_before", [False, True])
def test_the_next_patient_is_seen_in_the_planes_that_are_named(
    viewer: Viewer, bar: PlaneBar, mri: Volume, is_before: bool
) -> None:
    bar.all.click()
    drawn()
    planes = bar.three.planes
    before = [(side.plane, tuple(side.model.dims.order)) for side in planes]
    data, properties, _ = to_layer_data(mri)
    others = list(viewer.layers)
    if is_before:  # the next one comes before the last one goes
        viewer.add_image(data, **properties)
    for layer in others:
        viewer.layers.remove(layer)
    if not is_before:
        viewer.add_image(data, **properties)
    drawn()
    planes = bar.three.planes
    assert [(side.plane, tuple(side.model.dims.order)) for side in planes] == before
    assert [order for _, order in before] == [(1, 0, 2), (2, 0, 1)]


def test_layers_that_go_while_the_planes_copy_others_are_not_copied(viewer: Viewer, bar: PlaneBar, mri: Volume) -> None:
    bar.all.click()
    drawn()
    data, properties, _ = to_layer_data(mri)
    for name in ("later", "latest"):
        viewer.add_image(data, **properties | {"name": name})
    QApplication.processEvents()  # in which one plane copies one of them
    viewer.layers.remove("later")
    viewer.dims.set_current_step(0, 1)
    drawn()
    for side in bar.three.planes:
        assert [layer.name for layer in side.model.layers] == [layer.name for layer in viewer.layers]
        assert np.allclose(side.model.dims.point, viewer.dims.point)


def test_without_layers_there_are_no_planes_and_no_place_is_written(viewer: Viewer, bar: PlaneBar) -> None:
    bar.all.click()
    bar.place.setText("R 3 A 10 S 22")
    viewer.layers.clear()
    drawn()
    assert not bar.three.is_shown
    assert not bar.all.isChecked()
    assert bar.place.text() == ""  # it was of the images before


def test_who_changes_the_mind_while_planes_are_made_finds_none(viewer: Viewer, bar: PlaneBar) -> None:
    bar.all.click()
    assert bar.three.is_shown
    assert bar.all.isChecked()
    bar.all.click()
    for _ in range(5):
        drawn()
    assert not bar.three.is_shown
    assert not bar.all.isChecked()
    assert bar.three.planes == ()


def test_the_dock_can_be_closed_by_its_own_cross(viewer: Viewer, bar: PlaneBar) -> None:
    bar.all.click()
    assert bar.three.planes  # all of them are made now
    drawn()
    dock = bar.three._dock
    assert dock is not None
    dock.close()
    drawn()
    assert not bar.three.is_shown
    bar.all.click()
    drawn()
    assert bar.three.is_shown


def test_the_cross_hair_stands_where_the_place_is_drawn(viewer: Viewer, bar: PlaneBar) -> None:
    """With the camera's centre on the place it is in the middle; one pixel a millimetre, 5 mm left is 5 pixels on."""
    bar.all.click()
    drawn()
    side = bar.three.planes[0]
    cross, camera, point = side.cover, side.model.scene.camera, side.model.dims.point
    camera.center, camera.zoom = (0.0, point[0], point[2]), 1.0
    (place,) = cross.places()
    assert (place.x(), place.y()) == (cross.width() / 2, cross.height() / 2)
    camera.center = (0.0, point[0], point[2] - 5.0)
    (place,) = cross.places()
    assert place.x() == pytest.approx(cross.width() / 2 + 5)


def test_in_cells_every_cell_has_its_layer_its_cross_and_the_same_place(viewer: Viewer, bar: PlaneBar) -> None:
    bar.all.click()
    drawn()
    grid = viewer.canvas.grid
    grid.stride, grid.shape, grid.enabled = 1, (1, 2), True
    drawn()
    for side in bar.three.planes:
        assert side.model.canvas.grid.enabled
        cells = cells_of(side.cover, side.model)
        assert [name for _, name in cells] == ["T1w", "pet"]
        first, second = side.cover.places()
        assert (second.x() - first.x(), second.y()) == (pytest.approx(side.cover.width() / 2), first.y())
    assert bar.three._cross is not None
    assert len(bar.three._cross.places()) == 2
    grid.enabled = False
    drawn()
    assert not any(side.model.canvas.grid.enabled for side in bar.three.planes)
    assert len(bar.three._cross.places()) == 1


def test_a_name_without_room_in_its_cell_keeps_its_beginning_which_says_the_modality(
    viewer: Viewer, bar: PlaneBar, monkeypatch: pytest.MonkeyPatch
) -> None:
    bar.all.click()
    viewer.layers[0].name = "PET corrected for attenuation, head and neck, late (series 7) only"
    grid = viewer.canvas.grid
    grid.stride, grid.shape, grid.enabled = 1, (1, 2), True
    drawn()
    written: list[str] = []
    monkeypatch.setattr(cover, "_write", lambda _, place, text, how: written.append(text) or place)
    bar.three.planes[0].cover.grab()
    (short,) = [text for text in written if text.endswith("…")]
    assert len(short) > 3
    assert viewer.layers[0].name.startswith(short[:-1])


def test_every_cell_below_another_one_has_its_own_name_at_its_top(viewer: Viewer, bar: PlaneBar) -> None:
    bar.all.click()
    drawn()
    grid = viewer.canvas.grid
    grid.stride, grid.shape, grid.enabled = 1, (2, 1), True
    drawn()
    side = bar.three.planes[0]
    picture = side.cover.grab().toImage()
    _, (second, name) = cells_of(side.cover, side.model)
    assert name == "pet"
    top = round(second.top())
    colours = [picture.pixelColor(x, y) for x in range(30) for y in range(top, top + 22)]
    assert any(one.red() > 150 and one.blue() < 80 for one in colours)  # amber, its edges blended


def test_a_layer_that_was_never_seen_is_not_copied_until_it_is(viewer: Viewer, bar: PlaneBar) -> None:
    viewer.layers["pet"].visible = False
    bar.all.click()
    side = bar.three.planes[0]
    assert [layer.name for layer in side.model.layers] == ["T1w"]
    viewer.layers["pet"].visible = True
    drawn()
    assert [(layer.name, layer.visible) for layer in side.model.layers] == [("T1w", True), ("pet", True)]
    viewer.layers["pet"].visible = False
    drawn()
    assert [(layer.name, layer.visible) for layer in side.model.layers] == [("T1w", True), ("pet", False)]


def test_a_place_outside_of_what_is_seen_stays_the_viewers(viewer: Viewer, bar: PlaneBar, mri: Volume) -> None:
    """A hidden layer reaches further than those that the further planes have."""
    layer = viewer.layers[0]
    far = viewer.add_image(mri.data, scale=layer.scale, translate=layer.translate + np.array((400, 0, 0)))
    far.visible = False
    bar.all.click()
    viewer.dims.point = far.data_to_world((3, 4, 5))
    drawn()
    assert np.allclose(viewer.dims.point, far.data_to_world((3, 4, 5)))
    viewer.layers["pet"].visible = False
    drawn()
    assert np.allclose(viewer.dims.point, far.data_to_world((3, 4, 5)))


def test_the_planes_open_in_a_window_that_napari_hands_to_plugins(viewer: Viewer) -> None:
    """A plugin gets a proxy of the viewer, and of everything that the viewer returns."""
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    widget.page.live.setChecked(False)
    drawn()  # the layout of such a pair is laid out first
    widget.planes.show_all()
    drawn()
    assert widget.planes.three.is_shown
    widget.planes.show_all()
    assert not widget.planes.three.is_shown


def sliders(viewer: Viewer) -> list[str]:
    """Return what stands beside the sliders that are seen."""
    rows = viewer.window._qt_viewer.dims.slider_widgets
    return [
        " ".join(
            part.text()
            for part in row.findChildren(QWidget)
            if isinstance(part, QLabel | QLineEdit) and part.isVisibleTo(row) and part.text()
        )
        for row in rows
        if row.isVisibleTo(row.parentWidget())
    ]


def test_the_slider_says_the_slice_as_it_is_counted_everywhere(viewer: Viewer, bar: PlaneBar) -> None:
    viewer.dims.point = viewer.layers[0].data_to_world((2, 5, 7))
    assert sliders(viewer) == ["Axial slice 3 of 6, S 22.0 mm"]
    bar.buttons["sagittal"].click()
    assert sliders(viewer) == ["Sagittal slice 8 of 32, R 3.0 mm"]
    bar.stop()
    assert sliders(viewer) == ["7 31 left"]
    bar.start()
    assert sliders(viewer) == ["Sagittal slice 8 of 32, R 3.0 mm"]
    # of a layer from elsewhere no direction is known
    viewer.add_image(np.zeros((6, 24, 32)))
    assert not sliders(viewer)[0].startswith("Sagittal")


def test_beside_a_narrow_slider_the_number_of_the_slice_is_whole(qtbot: QtBot) -> None:
    row = QWidget()
    qtbot.addWidget(row)
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setFixedWidth(100)
    layout.addWidget(slider)
    all_words = "Axial slice 3 of 6, S 22.0 mm"
    say_slice(row, all_words)
    row.show()
    said = row.findChild(QLabel, "refusion_slice")
    assert row.minimumSizeHint().width() < 100 + said.fontMetrics().horizontalAdvance(all_words)
    for words in ("3 of 6", "3 of 6, S 22.0 mm", all_words):
        row.resize(100 + said.fontMetrics().horizontalAdvance(words) + 12, 30)
        qtbot.waitUntil(lambda words=words: said.text() == words)


def test_a_window_that_closes_takes_the_planes_with_it(viewer: Viewer) -> None:
    """Their canvases would outlive it, which napari's own fixture finds as well."""
    bar = PlaneBar(viewer, str)
    viewer.window.add_dock_widget(bar, area="right")
    bar.start()
    bar.all.click()
    drawn()
    viewer.close()
    assert bar.three.planes == ()


def test_a_window_that_closes_takes_planes_with_it_that_are_being_made(viewer: Viewer) -> None:
    """As napari's own fixture finds; no turn of Qt's loop comes between, in which what was closed would be deleted."""
    bar = PlaneBar(viewer, str)
    viewer.window.add_dock_widget(bar, area="right")
    bar.start()
    bar.all.click()
    viewer.close()
    assert not bar.three.is_shown


def test_pictures_have_one_plane_and_the_buttons_say_so(viewer: Viewer, bar: PlaneBar, mri: Volume) -> None:
    controls = [*bar.buttons.values(), bar.all, bar.place]
    tips = [one.toolTip() for one in controls]
    bar.all.click()
    viewer.layers.clear()
    picture = replace(mri, data=mri.data[:1], is_photograph=True, modality="", unit="")
    data, properties, _ = to_layer_data(picture)
    viewer.add_image(data, **properties)
    drawn()
    assert not any(one.isEnabled() for one in controls)
    assert all("one plane" in one.toolTip() for one in controls)
    bar.show_plane("coronal")
    bar.show_all()
    assert viewer.dims.order == (0, 1, 2)
    assert not bar.three.is_shown
    data, properties, _ = to_layer_data(mri)
    viewer.add_image(data, **properties)
    drawn()
    assert all(one.isEnabled() for one in controls)
    assert [one.toolTip() for one in controls] == tips
