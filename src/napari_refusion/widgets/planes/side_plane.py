"""A canvas that shows one more plane of what a viewer shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from napari.components import ViewerModel
from napari.qt import QtViewer
from qtpy.QtCore import QTimer
from qtpy.QtOpenGLWidgets import QOpenGLWidget

from napari_refusion.widgets.orientation_letters import OrientationLetters
from napari_refusion.widgets.planes.copied_layer import CopiedLayer
from napari_refusion.widgets.planes.cross_hair import CrossHair
from napari_refusion.widgets.planes.hanging import hang, order_of
from napari_refusion.widgets.removing import nothing_collected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari.viewer import Viewer

_CLICK: Final = 3.0
"""Pixels that the mouse may move between press and release of a click; further is a drag, which pans."""

_SOON: Final = 80
"""Milliseconds without a change of the layers after which they are drawn again: not at every step of a slider."""


class SidePlane:
    """The layers of a viewer in another plane, at the same place; a click moves all planes there."""

    def __init__(self, viewer: Viewer, plane: str) -> None:
        self._viewer = viewer
        self.plane = plane
        self.model = ViewerModel(title=plane)
        self.widget = QtViewer(self.model)
        self.widget.setMinimumSize(1, 1)  # else the window grows beyond a small screen
        self.widget.dims.hide()  # a click and the viewer's own slider go through the patient, and height is scarce
        self._copies: list[CopiedLayer] = []
        self._letters = OrientationLetters(self.model)
        self._rebuild, self._redraw = QTimer(self.widget), QTimer(self.widget)
        for timer, soon, act in ((self._rebuild, 0, self._copy_layers), (self._redraw, _SOON, self._draw)):
            timer.setSingleShot(True)
            timer.setInterval(soon)
            timer.timeout.connect(act)
        self._follow()
        self._copy_layers()
        self.model.dims.events.point.connect(self._give_place)
        self._letters.start()
        canvas = self.widget.findChild(QOpenGLWidget)
        self._cross = CrossHair(canvas, self.model)
        self.model.mouse_drag_callbacks.append(self._click)

    def show_plane(self, plane: str) -> None:
        """Show another plane from now on, and all of it."""
        self.plane = plane
        if self.model.dims.ndim >= 3:
            self.model.dims.order = order_of(plane, self.model.dims.ndim)
            hang(self.model, plane)
        self.fit()

    def fit(self) -> None:
        """Show all of the layers that are seen."""
        self.model.fit_to_view(layers=list(self.model.layers) or None, margin=0.02)

    def stop(self) -> None:
        """Let go of the viewer and close the canvas."""
        layers, dims = self._viewer.layers.events, self._viewer.dims.events
        for event in (layers.inserted, layers.removed, layers.reordered):
            event.disconnect(self._rebuild_soon)
        dims.point.disconnect(self._take_place)
        self._rebuild.stop()
        self._redraw.stop()
        self._forget_copies()
        self._cross.stop()
        self._letters.stop()
        self.widget.close()
        self.widget.deleteLater()

    def _follow(self) -> None:
        layers, dims = self._viewer.layers.events, self._viewer.dims.events
        for event in (layers.inserted, layers.removed, layers.reordered):
            event.connect(self._rebuild_soon)
        dims.point.connect(self._take_place)

    def _rebuild_soon(self, _event: Any = None) -> None:  # noqa: ANN401 - napari's events have no common type
        self._rebuild.start()

    def _redraw_soon(self, _event: Any = None) -> None:  # noqa: ANN401
        self._redraw.start()

    def _draw(self) -> None:
        for copied in self._copies:
            copied.draw()

    def _copy_layers(self) -> None:
        had_layers = bool(self._copies)
        kept = {copied.layer.unique_id: copied for copied in self._copies}
        now = [layer.unique_id for layer in self._viewer.layers]
        for key, copied in kept.items():
            if key not in now:
                copied.stop()
                with nothing_collected():
                    self.model.layers.remove(copied.copy)
        self._copies = [
            kept.get(layer.unique_id) or CopiedLayer(layer, self._redraw_soon) for layer in self._viewer.layers
        ]
        for index, copied in enumerate(self._copies):
            if copied.copy not in self.model.layers:
                self.model.layers.insert(index, copied.copy)
            elif (place := self.model.layers.index(copied.copy)) != index:
                self.model.layers.move(place, index)
        if not had_layers and self._copies:
            self.show_plane(self.plane)
        self._take_place()
        for copied in self._copies:
            copied.show()

    def _forget_copies(self) -> None:
        for copied in self._copies:
            copied.stop()
        self._copies = []
        with nothing_collected():
            self.model.layers.clear()

    def _take_place(self, _event: Any = None) -> None:  # noqa: ANN401
        point = self._viewer.dims.point
        if len(point) == self.model.dims.ndim and not np.allclose(self.model.dims.point, point):
            self.model.dims.point = point

    def _give_place(self, _event: Any = None) -> None:  # noqa: ANN401
        point = self.model.dims.point
        if len(point) == self._viewer.dims.ndim and not np.allclose(self._viewer.dims.point, point):
            self._viewer.dims.point = point

    def _click(self, _model: ViewerModel, event: Any) -> Iterator[None]:  # noqa: ANN401
        """Take all planes to a place that was clicked."""
        pressed = np.asarray(event.pos)
        yield
        while event.type == "mouse_move":
            yield
        if np.abs(np.asarray(event.pos) - pressed).max() <= _CLICK:
            self._viewer.dims.point = tuple(event.position)
