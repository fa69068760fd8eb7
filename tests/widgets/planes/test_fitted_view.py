"""A picture that goes on to fill its view, in a real viewer."""

from collections.abc import Callable

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.viewer import Viewer
from pytestqt.qtbot import QtBot

from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.fuse.opened import fuse_widget
from napari_refusion.widgets.layers import to_layer_data
from napari_refusion.widgets.planes.bar import PlaneBar
from napari_refusion.widgets.planes.fitted_view import FittedView, is_seen_whole
from napari_refusion.widgets.probe.cursor_cross import find_canvas


@pytest.fixture
def viewer(make_napari_viewer: Callable[..., Viewer]) -> Viewer:
    viewer = make_napari_viewer(show=True)
    viewer.add_image(np.zeros((8, 24, 32), np.float32))
    bar = PlaneBar(viewer, lambda _text: None)
    viewer.window.add_dock_widget(bar, area="right")
    bar.start()
    return viewer


def resized(viewer: Viewer, size: tuple[int, int], qtbot: QtBot) -> float:
    """Give the canvas another size as a dock does that opens or closes; return the zoom."""
    before = viewer.canvas.size
    viewer.window.resize(*size)
    qtbot.waitUntil(lambda: viewer.canvas.size != before)
    qtbot.wait(50)
    return float(viewer.scene.camera.zoom)


def test_all_of_a_picture_stays_seen_when_the_canvas_changes_its_size(viewer: Viewer, qtbot: QtBot) -> None:
    resized(viewer, (900, 500), qtbot)
    viewer.fit_to_view()
    for size in ((1200, 680), (900, 500)):
        seen = resized(viewer, size, qtbot)
        viewer.fit_to_view()
        assert seen == pytest.approx(viewer.scene.camera.zoom)


def test_a_camera_that_the_reader_moved_stays_where_it_is(viewer: Viewer, qtbot: QtBot) -> None:
    resized(viewer, (900, 500), qtbot)
    viewer.fit_to_view()
    viewer.scene.camera.zoom = 21.0
    assert resized(viewer, (1200, 680), qtbot) == 21.0


@pytest.mark.parametrize("zoom", [None, 21.0])
def test_a_picture_that_was_seen_whole_is_so_beside_the_widget_and_one_that_the_reader_moved_stays(
    make_napari_viewer: Callable[..., Viewer], mri: Volume, qtbot: QtBot, zoom: float | None
) -> None:
    viewer = make_napari_viewer(show=True)
    viewer.window.resize(1280, 690)
    qtbot.wait(200)
    data, properties, _ = to_layer_data(mri)
    viewer.add_image(data, **properties)
    beside = np.add(properties["translate"], (0.0, -2.0, 1.0))
    viewer.add_image(data, **{**properties, "translate": beside})  # another field of view, as that of a PET
    if zoom is not None:
        viewer.scene.camera.zoom = zoom
    before = viewer.canvas.size
    fuse_widget(viewer)
    qtbot.waitUntil(lambda: viewer.canvas.size != before)
    qtbot.wait(200)
    seen = viewer.scene.camera.zoom
    viewer.fit_to_view()
    assert seen == pytest.approx(zoom or viewer.scene.camera.zoom)


def test_a_pair_of_which_napari_fitted_the_first_image_alone_is_seen_whole_beside_the_widget(
    make_napari_viewer: Callable[..., Viewer], mri: Volume, qtbot: QtBot
) -> None:
    """As `napari MRI PET -w napari-refusion` opens them, where the field of view of the PET is larger."""
    viewer = make_napari_viewer(show=True)
    viewer.window.resize(1280, 690)
    qtbot.wait(200)
    data, properties, _ = to_layer_data(mri)
    viewer.add_image(data, **properties)
    wide = np.multiply(properties["scale"], 1.4)
    viewer.add_image(data, **{**properties, "scale": wide, "translate": np.multiply(properties["translate"], 1.4)})
    before = viewer.canvas.size
    fuse_widget(viewer)
    qtbot.waitUntil(lambda: viewer.canvas.size != before)
    qtbot.wait(200)
    seen = viewer.scene.camera.zoom
    viewer.fit_to_view()
    assert seen == pytest.approx(viewer.scene.camera.zoom)


def test_the_picture_fills_the_view_again_when_the_dock_goes_with_three_planes_open(
    make_napari_viewer: Callable[..., Viewer], mri: Volume, qtbot: QtBot
) -> None:
    viewer = make_napari_viewer(show=True)
    viewer.window.resize(1280, 690)
    data, properties, _ = to_layer_data(mri)
    viewer.add_image(data, **properties)
    dock, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    qtbot.wait(200)
    viewer.fit_to_view()
    widget.planes.show_all()
    qtbot.waitUntil(lambda: widget.planes.three.is_shown)
    qtbot.wait(300)
    (kept,) = find_canvas(viewer.window._qt_window).findChildren(FittedView)
    before = viewer.canvas.size
    dock.destroyOnClose()
    qtbot.waitUntil(lambda: viewer.canvas.size != before)
    qtbot.wait(300)
    assert not widget.planes.three.is_shown
    assert find_canvas(viewer.window._qt_window).findChildren(FittedView) == [kept]
    seen = viewer.scene.camera.zoom
    viewer.fit_to_view()
    assert seen == pytest.approx(viewer.scene.camera.zoom)


def test_a_first_image_with_fewer_axes_than_another_one_is_seen_whole_where_napari_fits_it() -> None:
    """As napari does, its axes are the last ones of the viewer: a scan before a dynamic one of a larger field."""
    viewer = ViewerModel()
    viewer.add_image(np.zeros((8, 24, 32), np.float32))
    viewer.fit_to_view()
    viewer.add_image(np.zeros((3, 8, 90, 90), np.float32), translate=(0, 0, -33, -29))
    assert is_seen_whole(viewer)
    viewer.scene.camera.zoom *= 2
    assert not is_seen_whole(viewer)


def test_a_flat_first_image_is_not_seen_across_an_axis_that_it_lacks() -> None:
    viewer = ViewerModel()
    viewer.add_image(np.zeros((24, 32), np.float32))
    viewer.add_image(np.zeros((8, 24, 32), np.float32))
    viewer.dims.order = (1, 0, 2)
    viewer.fit_to_view()
    assert is_seen_whole(viewer)
    viewer.scene.camera.zoom *= 2
    assert not is_seen_whole(viewer)
