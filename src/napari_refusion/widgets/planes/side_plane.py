"""A canvas that shows one more plane of what a viewer shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from napari.components import ViewerModel
from qtpy.QtCore import QTimer
from qtpy.QtOpenGLWidgets import QOpenGLWidget

from napari_refusion.widgets.planes.click import clicks
from napari_refusion.widgets.planes.copied_layer import CopiedLayer
from napari_refusion.widgets.planes.cover import PlaneCover, PlaneWords
from napari_refusion.widgets.planes.further_canvas import FurtherCanvas
from napari_refusion.widgets.planes.hanging import hang, order_of
from napari_refusion.widgets.removing import nothing_collected
from napari_refusion.widgets.shown_slice import missing_in_words, slice_title
from napari_refusion.widgets.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari.viewer import Viewer

    from napari_refusion.widgets.planes.click import Click

_SOON: Final = 80
"""Milliseconds without a change of the layers after which they are drawn again: not at every step of a slider."""


class SidePlane:
    """The layers of a viewer in another plane, at the same place; a click moves all planes there."""

    def __init__(self, viewer: Viewer, plane: str, clicked: Callable[[Click], object]) -> None:
        """Show a plane, and tell of each click on it after all planes were taken there."""
        self._viewer, self._clicked = viewer, clicked
        self.plane = plane
        self.model = ViewerModel(title=plane)
        self.widget = FurtherCanvas(self.model)
        self.widget.setMinimumSize(1, 1)  # else the window grows beyond a small screen
        self.widget.dims.hide()  # a click and the viewer's own slider go through the patient, and height is scarce
        self._copies: list[CopiedLayer] = []
        self._is_anew = False
        """Whether the copies that are being made are of another examination than those before."""
        self._copying = Turns(self.widget, is_patient=True)
        self._redraw, self._refit = QTimer(self.widget), QTimer(self.widget)
        for timer, act in ((self._redraw, self._draw), (self._refit, self._fit_cells)):
            timer.setSingleShot(True)
            timer.setInterval(_SOON)
            timer.timeout.connect(act)
        self._follow()
        self.model.dims.events.point.connect(self._give_place)
        self.cover = PlaneCover(self.widget.findChild(QOpenGLWidget), self.model, self._words)
        self.model.mouse_drag_callbacks.append(self._click)

    def show_plane(self, plane: str) -> None:
        """Show another plane from now on, and all of it."""
        self.plane = plane
        if self.model.dims.ndim >= 3:
            self.model.dims.order = order_of(plane, self.model.dims.ndim)
            hang(self.model, plane)
        self.fit()

    def hang(self) -> None:
        """Let the plane face the side that is preferred."""
        if self.model.dims.ndim >= 3:
            hang(self.model, self.plane)

    def fit(self) -> None:
        """Show all of the layers that are seen."""
        self.model.fit_to_view(margin=0.02)

    def stop(self) -> None:
        """Let go of the viewer and close the canvas."""
        # with each copy that goes, napari takes what is left to another place
        self.model.dims.events.point.disconnect(self._give_place)
        for event in self._events():
            event.disconnect(self._rebuild_soon)
        for event in (self._viewer.dims.events.point, self._viewer.dims.events.range):
            event.disconnect(self._follow_place)
        for waiting in (self._copying, self._redraw, self._refit):
            waiting.stop()
        self._forget_copies()
        self.cover.stop()
        self.widget.close()
        self.widget.deleteLater()

    def _follow(self) -> None:
        for event in self._events():
            event.connect(self._rebuild_soon)
        for event in (self._viewer.dims.events.point, self._viewer.dims.events.range):
            event.connect(self._follow_place)

    def _events(self) -> tuple[Any, ...]:
        layers = self._viewer.layers.events
        changed = layers.inserting, layers.inserted, layers.removing, layers.removed, layers.reordered
        return *changed, self._viewer.canvas.grid.events.enabled

    def _rebuild_soon(self, _event: Any = None) -> None:  # noqa: ANN401 - napari's events have no common type
        self._copying.begin_soon(self._copy_all())

    def _redraw_soon(self, _event: Any = None) -> None:  # noqa: ANN401
        self._redraw.start()

    def _words(self) -> PlaneWords:
        layers, dims = self._viewer.layers, self.model.dims
        title = slice_title(layers, self.plane, dims.point) if dims.ndim >= 3 else ""
        return PlaneWords(title, missing_in_words(layers, self.plane))

    def _draw(self) -> None:
        for copied in self._copies:
            copied.draw()
        self.cover.update()

    def copy_next(self) -> bool:
        """Copy one layer that has no copy yet; return whether all had, which are seen from then on.

        Layers that are seen or once were have one; of one that never was, it would cost time for nothing.
        """
        layers = list(self._viewer.layers)
        for layer in layers:
            # connecting twice does nothing
            layer.events.visible.connect(self._rebuild_soon)
        kept = {copied.layer.unique_id: copied for copied in self._copies}
        wanted = [layer for layer in layers if layer.visible or layer.unique_id in kept or layer.ndim > 3]
        # without any layer napari forgets the plane, and the next patient is of another size
        self._is_anew = self._is_anew or not any(layer.unique_id in kept for layer in wanted)
        with self.model.dims.events.point.blocker(self._give_place):
            is_whole = self._exchange(kept, wanted)
            if is_whole:
                self._show_copies()
        return is_whole

    def _show_copies(self) -> None:
        if self._is_anew and self._copies:
            self.show_plane(self.plane)
        self._is_anew = False
        for copied in self._copies:
            copied.show()
        self._divide()
        self._take_place()
        self.cover.update()

    def _copy_all(self) -> Iterator[None]:
        """Copy one layer at a turn of the window, which answers meanwhile."""
        while not self.copy_next():
            yield

    def _exchange(self, kept: dict[Any, CopiedLayer], wanted: list[Any]) -> bool:
        """Bring the copies in line with the layers that are wanted, in their order; return whether none is lacking."""
        now = {layer.unique_id for layer in wanted}
        for key, copied in kept.items():
            if key not in now:
                copied.layer.events.visible.disconnect(self._rebuild_soon)
                copied.stop()
                with nothing_collected():
                    self.model.layers.remove(copied.copy)
        lacking = [layer for layer in wanted if layer.unique_id not in kept]
        made = {layer.unique_id: CopiedLayer(layer, self._redraw_soon) for layer in lacking[:1]}
        self._copies = [one for layer in wanted if (one := (kept | made).get(layer.unique_id)) is not None]
        for index, copied in enumerate(self._copies):
            if copied.copy not in self.model.layers:
                self.model.layers.insert(index, copied.copy)
            elif (place := self.model.layers.index(copied.copy)) != index:
                self.model.layers.move(place, index)
        return not lacking

    def _divide(self) -> None:
        """Have the cells that the viewer has, where each of them is one layer's."""
        theirs, own = self._viewer.canvas.grid, self.model.canvas.grid
        is_divided = theirs.enabled and abs(theirs.stride) == 1
        if is_divided == own.enabled:
            return
        if is_divided:
            own.stride, own.shape, own.spacing = theirs.stride, theirs.shape, theirs.spacing
        own.enabled = is_divided
        self._refit.start()

    def _fit_cells(self) -> None:
        """Fit again: cells that napari has not drawn yet take a zoom for another one, and keep it while it is set."""
        self.model.scene.camera.zoom *= 1.01
        self.fit()

    def _forget_copies(self) -> None:
        for layer in self._viewer.layers:
            layer.events.visible.disconnect(self._rebuild_soon)
        for copied in self._copies:
            copied.stop()
        self._copies = []
        with nothing_collected():
            self.model.layers.clear()

    def _follow_place(self, _event: Any = None) -> None:  # noqa: ANN401
        """Go to where the viewer is, unless layers come or go: with them its place changes several times."""
        if not self._copying.is_running:
            self._take_place()

    def _take_place(self) -> None:
        dims, theirs = self.model.dims, self._viewer.dims
        if theirs.ndim != dims.ndim:
            return
        with dims.events.point.blocker(self._give_place):
            # napari keeps the place within the range, and fewer layers may be shown here
            if not np.allclose(dims.range, theirs.range):
                dims.range = theirs.range
            if not np.allclose(dims.point, theirs.point):
                dims.point = theirs.point

    def _give_place(self, _event: Any = None) -> None:  # noqa: ANN401
        point = self.model.dims.point
        if len(point) == self._viewer.dims.ndim and not np.allclose(self._viewer.dims.point, point):
            self._viewer.dims.point = point

    def _click(self, model: ViewerModel, event: Any) -> Iterator[None]:  # noqa: ANN401
        """Take all planes to a place that was clicked."""
        for click in clicks(model, event, [copied.layer for copied in self._copies]):
            if click is None:
                yield
            else:
                self._viewer.dims.point = tuple(event.position)
                self._clicked(click)
