"""Width and level by dragging with the right button."""

import time
from collections.abc import Callable

import numpy as np
import pytest
from napari import Viewer
from qtpy.QtCore import QEvent, QPointF, Qt
from qtpy.QtGui import QMouseEvent
from qtpy.QtWidgets import QApplication, QWidget

from napari_refusion.numerics.intensity import Window
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.fuse.window_drag import NARROWEST, WindowDrag, data_span, dragged
from tests.widgets.made import layer_of


def test_a_drag_over_the_whole_width_spans_the_data_range() -> None:
    assert dragged(Window(0, 80), right=1, down=0, span=1000) == Window(-500, 580)
    assert dragged(Window(0, 80), right=0, down=-1, span=1000) == Window(-1000, -920)
    assert dragged(Window(0, 80), right=0, down=0, span=1000) == Window(0, 80)


def test_the_width_stays_positive() -> None:
    window = dragged(Window(0, 80), right=-5, down=0, span=1000)
    assert window.high - window.low == pytest.approx(NARROWEST * 1000)
    assert (window.low + window.high) / 2 == pytest.approx(40)


def test_the_data_range_ignores_a_few_extreme_values_and_missing_ones() -> None:
    data = np.tile(np.linspace(0, 100, 101), 100).reshape(10, 10, 101)
    data[0, 0, 0], data[0, 0, 1] = 30000, np.nan
    assert data_span(data) == pytest.approx(100)


@pytest.mark.parametrize("value", [7.0, np.nan])
def test_a_constant_or_empty_image_can_be_dragged_too(value: float) -> None:
    assert data_span(np.full((2, 3, 4), value)) == 1.0


def canvas_widget(viewer: Viewer) -> QWidget:
    """Return the widget that napari draws on; widgets of closed viewers may still be about."""
    viewer.title = "driven by hand"
    widgets = [w for w in QApplication.allWidgets() if type(w).__name__ == "CanvasBackendDesktop"]
    return next(widget for widget in widgets if viewer.title in widget.window().windowTitle())


def right_drag(viewer: Viewer, by: tuple[int, int], start: float = 0.5) -> tuple[float, tuple[float, ...]]:
    """Press the right button in a part of the canvas, move by pixels in two steps, and release.

    Return the camera's zoom and centre as they are then; napari learns of them when it draws.
    """
    partial = canvas_widget(viewer)
    place = QPointF(partial.width() * start // 1, partial.height() // 2)
    right, none = Qt.MouseButton.RightButton, Qt.MouseButton.NoButton
    steps = [
        (QEvent.Type.MouseButtonPress, 0.0, right, right),
        (QEvent.Type.MouseMove, 0.5, none, right),
        (QEvent.Type.MouseMove, 1.0, none, right),
        (QEvent.Type.MouseButtonRelease, 1.0, right, none),
    ]
    for kind, part, button, held in steps:
        time.sleep(0.02)  # vispy drops moves that come faster than a screen is drawn,
        QApplication.processEvents()  # and napari tells of a further one after a turn of Qt only
        now = place + QPointF(by[0] * part, by[1] * part)
        keys = Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(partial, QMouseEvent(kind, now, now, button, held, keys))
    QApplication.processEvents()
    return viewer.scene.camera.zoom, viewer.scene.camera.center


def test_a_right_drag_changes_the_window_and_not_the_zoom(
    make_napari_viewer: Callable[..., Viewer], pet: Volume
) -> None:
    viewer = make_napari_viewer(show=True)
    layer = viewer.add_layer(layer_of(pet))
    layer.contrast_limits = (0.0, 50.0)
    other = viewer.add_layer(layer_of(pet))
    camera, untouched = viewer.scene.camera, other.contrast_limits
    drag = WindowDrag(viewer, lambda: layer)
    heard: list[tuple[float, float]] = []
    drag.changed.connect(lambda low, high: heard.append((low, high)))
    drag.start()
    QApplication.processEvents()
    before = camera.zoom, camera.center
    assert right_drag(viewer, (60, 30)) == before
    step = data_span(pet.data) / viewer.canvas.size[1]
    # 60 pixels to the right: wider by 60 steps; 30 downwards: level 25 + 30 steps
    assert layer.contrast_limits == pytest.approx([0.0, 50 + 60 * step])
    assert len(heard) == 2
    assert heard[-1] == pytest.approx(layer.contrast_limits)
    assert other.contrast_limits == untouched

    viewer.canvas.grid.enabled = True
    layer.contrast_limits = (0.0, 50.0)
    QApplication.processEvents()
    before = camera.zoom, camera.center
    assert right_drag(viewer, (60, 30), start=0.25) == before
    assert layer.contrast_limits == pytest.approx([0.0, 50 + 60 * step])
    viewer.canvas.grid.enabled = False
    heard.clear()

    viewer.add_shapes(ndim=3).mode = "add_polygon"
    right_drag(viewer, (60, 30))
    assert not heard  # the mouse draws
    viewer.layers.selection.active = layer
    drag.stop()
    QApplication.processEvents()
    before = camera.zoom, camera.center
    after = right_drag(viewer, (60, 30))
    assert not heard
    assert after[0] != pytest.approx(before[0])  # napari's own drag is back: what did not happen above


def test_without_a_layer_the_mouse_is_left_to_napari(make_napari_viewer: Callable[..., Viewer], pet: Volume) -> None:
    viewer = make_napari_viewer(show=True)
    viewer.add_layer(layer_of(pet))
    drag = WindowDrag(viewer, lambda: None)
    drag.start()
    QApplication.processEvents()
    zoom = viewer.scene.camera.zoom
    assert right_drag(viewer, (60, 30))[0] != pytest.approx(zoom)
