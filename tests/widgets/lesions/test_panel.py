"""The page Lesions in a real viewer."""

from collections.abc import Callable

import numpy as np
import pytest
from napari import Viewer
from pytestqt.qtbot import QtBot
from qtpy.QtCore import QEvent, QPointF, Qt
from qtpy.QtGui import QMouseEvent
from qtpy.QtWidgets import QApplication, QWidget

from napari_refusion.widgets.fuse.widget import FuseWidget
from napari_refusion.widgets.lesions.panel import LesionPanel
from napari_refusion.widgets.probe.cursor_cross import find_canvas
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
    """Click where a canvas draws a place of napari's world."""
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


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 0, 1)])
@pytest.mark.parametrize("degrees", [0.0, 12.0])
def test_a_click_on_the_fused_image_draws_in_the_pet_around_the_spot_that_is_seen_there(
    make_napari_viewer: Callable[..., Viewer], qtbot: QtBot, order: tuple[int, ...], degrees: float
) -> None:
    viewer, pet = make_napari_viewer(show=True), hot_pet(degrees)
    widget = opened(viewer, (wide_ct(), pet), qtbot)
    panel = widget.panels.lesions
    panel.form.click.click()
    for number, (*voxel, height) in enumerate(SPOTS, 1):
        place = patient_of(pet, tuple(voxel))
        world = -place[::-1]  # on the straight grid of the CT, napari's world is the patient turned about
        look(viewer, order, world)
        click_at(main_canvas(widget), viewer, world)
        assert panel.session.selected == number
        measured = panel.session.measured[number]
        assert measured.values["maximum"] == pytest.approx(height, rel=1e-5)
        np.testing.assert_allclose(measured.place, place, atol=1e-6)
        voi = panel.session.lesions.numbered(number).voi
        expected = pet.data >= 0.41 * height
        assert tuple(voxel) in {tuple(one) for one in voi.voxels.tolist()}
        assert voi.count <= expected.sum()
