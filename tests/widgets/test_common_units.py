"""Layers of one viewer in one unit of length."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from napari._qt.dialogs.qt_notification import NapariQtNotification
from napari.components import ViewerModel
from napari.layers import Image
from napari.utils.notifications import notification_manager, show_warning
from napari.viewer import Viewer
from qtpy.QtWidgets import QApplication

from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.common_units import CommonUnits, call_pixels_mm
from napari_refusion.widgets.frames import frame_stack
from napari_refusion.widgets.layers import to_layer_data
from napari_refusion.widgets.opening.frames_layer import to_frames_data
from napari_refusion.widgets.world import layer_matrix


@pytest.fixture
def viewer() -> Iterator[ViewerModel]:
    viewer = ViewerModel()
    units = CommonUnits(viewer)
    units.start()
    yield viewer
    units.stop()


def units(viewer: ViewerModel) -> tuple[str, ...] | None:
    """Return the common units as napari finds them; None is when it warns."""
    found = viewer.layers.extent.units
    return None if found is None else tuple(map(str, found))


def add(viewer: ViewerModel, volume: Volume) -> None:
    data, properties, _ = to_layer_data(volume)
    viewer.add_image(data, **properties)


@pytest.mark.parametrize("comes_first", [True, False])
def test_a_layer_from_elsewhere_is_in_mm_beside_one_of_the_plugin(mri: Volume, comes_first: bool) -> None:
    viewer = ViewerModel()
    follower = CommonUnits(viewer)
    follower.start()
    if comes_first:
        viewer.add_image(np.zeros((2, 6, 24, 32)), name="4-D")
        viewer.add_image(np.zeros((24, 32, 3), np.uint8), rgb=True, name="colours")
        assert units(viewer) == ("pixel",) * 4
    add(viewer, mri)
    if not comes_first:
        viewer.add_image(np.zeros((2, 6, 24, 32)), name="4-D")
        viewer.add_image(np.zeros((24, 32, 3), np.uint8), rgb=True, name="colours")
    assert units(viewer) == ("pixel", "millimeter", "millimeter", "millimeter")
    follower.stop()


def test_frames_of_the_plugin_fit_beside_its_volumes(viewer: ViewerModel, mri: Volume, pet: Volume) -> None:
    add(viewer, mri)
    data, properties, _ = to_frames_data(frame_stack([pet, pet]))
    viewer.add_image(data, **properties)
    assert units(viewer) == ("pixel", "millimeter", "millimeter", "millimeter")


def test_lengths_of_another_unit_are_given_in_mm_at_their_place(viewer: ViewerModel, mri: Volume) -> None:
    add(viewer, mri)
    turned = {"rotate": 30, "translate": (0, 500, 700)}
    layer = Image(np.zeros((6, 24, 32)), scale=(3000, 2000, 1000), units=("um", "um", "um"), **turned)
    before = layer_matrix(layer)
    assert before[0, 0] == pytest.approx(3)
    viewer.add_layer(layer)
    assert tuple(map(str, layer.units)) == ("millimeter",) * 3
    np.testing.assert_allclose(layer_matrix(layer), before, atol=1e-9)
    mixed = viewer.add_image(np.zeros((2, 6, 24, 32)), units=("s", "mm", "um", "um"), scale=(60, 3, 2000, 1000))
    assert tuple(map(str, mixed.units)) == ("second", *("millimeter",) * 3)
    np.testing.assert_allclose(mixed.data_to_world((1, 1, 1, 1)), (60, 3, 2, 1))


def test_a_layer_in_micrometres_beside_scans_leaves_slider_and_view_where_they_are(
    viewer: ViewerModel, mri: Volume
) -> None:
    add(viewer, mri)
    viewer.dims.set_point(0, viewer.dims.range[0].start + 2 * viewer.dims.range[0].step)
    before = viewer.dims.point, viewer.camera.center, viewer.camera.zoom
    viewer.add_points(np.zeros((1, 3)), units=("um",) * 3)
    assert units(viewer) == ("millimeter",) * 3
    assert (viewer.dims.point, viewer.camera.center, viewer.camera.zoom) == before


@pytest.mark.parametrize("is_open_before", [True, False])
def test_layers_in_micrometres_alone_are_shown_at_their_place_in_mm(is_open_before: bool) -> None:
    viewer = ViewerModel()
    follower = CommonUnits(viewer)
    if is_open_before:
        follower.start()
    for _ in range(2):
        viewer.add_image(np.zeros((5, 24, 32)), scale=(4000, 2000, 2000), units=("um",) * 3)
    if not is_open_before:
        follower.start()
    np.testing.assert_allclose(viewer.dims.point, (8, 22, 30), atol=2)  # mm, the middle of 16 x 46 x 62
    np.testing.assert_allclose(viewer.camera.center, (0, 23, 31))
    viewer.layers.clear()
    viewer.add_image(np.zeros((24, 32)))
    assert units(viewer) == ("pixel", "pixel")
    follower.stop()


def test_frames_come_beside_a_layer_in_micrometres(viewer: ViewerModel, mri: Volume, pet: Volume) -> None:
    add(viewer, mri)
    viewer.add_points(np.zeros((1, 3)), units=("um",) * 3)
    data, properties, _ = to_frames_data(frame_stack([pet, pet]))
    viewer.add_image(data, **properties)
    assert units(viewer) == ("pixel", "millimeter", "millimeter", "millimeter")


def test_where_nothing_is_in_mm_pixels_stay_pixels(viewer: ViewerModel) -> None:
    viewer.add_image(np.zeros((24, 32)))
    viewer.add_points(np.zeros((1, 2)))
    assert units(viewer) == ("pixel", "pixel")


def test_napari_does_not_warn_of_a_result_beside_layers_from_elsewhere(
    make_napari_viewer: Callable[..., Viewer], mri: Volume, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It warns while it draws, which is as soon as it is told of a layer."""
    said: list[str] = []
    monkeypatch.setattr("napari._vispy.canvas.show_warning", said.append)
    viewer = make_napari_viewer()
    follower = CommonUnits(viewer)
    follower.start()
    viewer.add_image(np.zeros((2, 6, 24, 32)), name="4-D")
    viewer.add_image(np.zeros((24, 32, 3), np.uint8), rgb=True)
    call_pixels_mm(viewer.layers)
    add(viewer, mri)
    for _ in range(3):
        QApplication.processEvents()
    follower.stop()
    assert said == []


def notices(start: str) -> list[str]:
    """Return what napari's notices say that can be seen, of those that start like this."""
    found = [one for one in QApplication.allWidgets() if type(one).__name__ == "NapariQtNotification"]
    return [one.message.text() for one in found if one.isVisible() and one.message.text().startswith(start)]


def test_no_notice_of_units_stays_of_a_layer_that_comes_after_those_of_the_plugin(
    make_napari_viewer: Callable[..., Viewer], mri: Volume
) -> None:
    notification_manager.notification_ready.connect(NapariQtNotification.show_notification)
    viewer = make_napari_viewer(show=True)
    data, properties, _ = to_layer_data(mri)
    viewer.add_image(data, **properties)
    viewer.add_points(np.zeros((1, 3)))
    assert notices("Inconsistent") != []
    show_warning("Something else")
    follower = CommonUnits(viewer)
    follower.start()
    QApplication.processEvents()
    adding = (viewer.add_image, viewer.add_labels)
    for add_layer in adding:
        add_layer(np.zeros((6, 24, 32), int))
        assert notices("Inconsistent") == []
    follower.stop()
    assert notices("Something") != []
