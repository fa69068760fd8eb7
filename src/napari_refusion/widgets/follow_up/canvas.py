"""One examination in a canvas: the image that is measured, on its own slices, with the outlines of its lesions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from napari.components import ViewerModel
from napari.layers import Image, Labels
from napari.utils import DirectLabelColormap
from qtpy.QtCore import QObject, QTimer, Signal
from qtpy.QtOpenGLWidgets import QOpenGLWidget

from napari_refusion.look import OVERLAY
from napari_refusion.widgets.layers import AXIS_LABELS, to_layer_data
from napari_refusion.widgets.lesions.colours import colour_of
from napari_refusion.widgets.lesions.edits import label_map
from napari_refusion.widgets.lesions.places import DrawnGrid, seen_at
from napari_refusion.widgets.planes.click import clicks
from napari_refusion.widgets.planes.cover import PlaneCover, PlaneWords
from napari_refusion.widgets.planes.further_canvas import FurtherCanvas
from napari_refusion.widgets.planes.hanging import hang, order_of
from napari_refusion.widgets.removing import nothing_collected
from napari_refusion.widgets.shown_slice import slice_title
from napari_refusion.widgets.world import drawn_matrix

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from napari_refusion.lesion.lesion import Lesion
    from napari_refusion.volume.affine import Affine
    from napari_refusion.volume.grid import Grid
    from napari_refusion.volume.volume import Volume

SMALLEST: Final = 160
"""Pixels of a side."""


_BLENDING: Final = "translucent_no_depth"
"""Without a test of depth: outlines in the plane of their image would be hidden by it."""


class TimePointCanvas(QObject):
    """Shows one examination; nothing of it is interpolated onto the other one's slices."""

    went = Signal()
    """Emitted when the reader goes to another place."""
    turned = Signal()
    """Emitted when the reader moves or zooms the image."""
    clicked = Signal(object)
    """Emitted with the place that was clicked, (3,) RAS+ mm of the follow-up."""

    def __init__(self, owner: QObject) -> None:
        super().__init__(owner)
        self.model = ViewerModel()
        self.widget = FurtherCanvas(self.model)
        self.widget.setMinimumSize(SMALLEST, SMALLEST)
        self._plane = "axial"
        self._volume: Volume | None = None
        self._drawn: DrawnGrid | None = None
        self._image: Image | None = None
        self._labels: Labels | None = None
        self._shown: tuple[Lesion, ...] = ()
        self._cover = PlaneCover(self.widget.findChild(QOpenGLWidget), self.model, self._words)
        self.model.dims.events.point.connect(self._go)
        camera = self.model.scene.camera.events
        for event in (camera.center, camera.zoom):
            event.connect(self._turn)
        self.model.mouse_drag_callbacks.append(self._click)
        self._fitting = QTimer(self)  # a canvas that is just shown has no size yet
        self._fitting.setSingleShot(True)
        self._fitting.setInterval(50)
        self._fitting.timeout.connect(self.fit)

    @property
    def volume(self) -> Volume | None:
        """What is shown."""
        return self._volume

    def show_volume(self, volume: Volume | None, look: Mapping[str, Any]) -> None:
        """Show an image with properties of a napari layer; None for none."""
        if volume is not self._volume:
            self._exchange(volume)
        if self._image is not None:
            for name, value in look.items():
                setattr(self._image, name, value)

    def place(self, move: Affine) -> None:
        """Take this move, (4, 4) RAS+ mm, from the places in its file to those of the follow-up as it is shown."""
        if self._volume is not None:
            self._drawn = DrawnGrid(self._volume.grid, move @ self._volume.affine)

    def show_lesions(self, lesions: Sequence[Lesion]) -> None:
        """Show the outlines of lesions that lie on the image's own grid."""
        if self._volume is None or self._shown == tuple(lesions):
            return
        self._shown = tuple(lesions)
        with self.model.dims.events.point.blocker(self._go), nothing_collected():
            if self._labels is not None:
                self.model.layers.remove(self._labels)
            self._labels = _outlines(lesions, self._volume.grid) if lesions else None
            if self._labels is not None:
                self.model.layers.append(self._labels)
        self.model.layers.selection.active = None

    def show_plane(self, plane: str) -> None:
        """Show one of `PLANES`, all of it."""
        self._plane = plane
        if self.model.dims.ndim >= 3:
            self.model.dims.order = order_of(plane, self.model.dims.ndim)
            hang(self.model, plane)
        self._fitting.start()

    def fit(self) -> None:
        """Show all of the image."""
        self.model.fit_to_view(layers=list(self.model.layers) or None, margin=0.02)

    def go_to(self, point: NDArray[np.float64], *, centre: bool = False) -> None:
        """Show a place of the follow-up, (3,) RAS+ mm."""
        if self._drawn is None or self.model.dims.ndim < 3:
            return
        place = tuple(self._drawn.to_world(point).tolist())
        with self.model.dims.events.point.blocker(self._go):
            self.model.dims.point = place
        if centre:
            self.look_at(point, self.model.scene.camera.zoom)

    def look_at(self, point: NDArray[np.float64], zoom: float) -> None:
        """Put a place of the follow-up, (3,) RAS+ mm, into the middle."""
        if self._drawn is None:
            return
        camera = self.model.scene.camera
        with camera.events.center.blocker(self._turn), camera.events.zoom.blocker(self._turn):
            camera.center = seen_at(self._drawn.to_world(point), self.model.dims.displayed)
            camera.zoom = zoom

    def point(self) -> NDArray[np.float64] | None:
        """Return the place that is shown, (3,) RAS+ mm of the follow-up."""
        point = self.model.dims.point
        return None if self._drawn is None or len(point) < 3 else self._drawn.to_patient(point[-3:], self._stepped())

    def middle(self) -> tuple[NDArray[np.float64], float] | None:
        """Return the place in the middle of the canvas, (3,) RAS+ mm of the follow-up, and the zoom."""
        camera = self.model.scene.camera
        if self._drawn is None or len(self.model.dims.point) < 3:
            return None
        place = np.array(self.model.dims.point[-3:])
        for axis, centre in zip(self.model.dims.displayed, camera.center[-2:], strict=True):
            place[axis] = centre
        return self._drawn.to_patient(place.tolist()), camera.zoom

    def stop(self) -> None:
        """Close the canvas."""
        self._fitting.stop()
        self._exchange(None)
        self._cover.stop()
        self.widget.close()
        self.widget.deleteLater()

    def _exchange(self, volume: Volume | None) -> None:
        self._volume, self._drawn, self._image, self._labels = volume, None, None, None
        self._shown = ()
        with self.model.dims.events.point.blocker(self._go):
            with nothing_collected():
                self.model.layers.clear()
            if volume is None:
                return
            data, properties, _ = to_layer_data(volume, blending=_BLENDING)
            self._image = Image(data, **properties)
            self.model.layers.append(self._image)
            self.place(np.eye(4))
        self.model.layers.selection.active = None
        self.show_plane(self._plane)

    def _words(self) -> PlaneWords:
        dims = self.model.dims
        images = [layer for layer in self.model.layers if isinstance(layer, Image)]
        return PlaneWords(slice_title(images, self._plane, dims.point) if dims.ndim >= 3 and images else "")

    def _stepped(self) -> tuple[int, ...]:
        return tuple(int(axis) for axis in self.model.dims.not_displayed)

    def _go(self, _event: Any = None) -> None:  # noqa: ANN401 - napari's events have no common type
        self.went.emit()

    def _turn(self, _event: Any = None) -> None:  # noqa: ANN401
        self.turned.emit()

    def _click(self, model: ViewerModel, event: Any) -> Iterator[None]:  # noqa: ANN401
        for click in clicks(model, event, list(model.layers)):
            if click is not None and self._drawn is not None:
                self.model.dims.point = click.position
                self.clicked.emit(self._drawn.to_patient(click.position, click.stepped))
            else:
                yield


def _outlines(lesions: Sequence[Lesion], grid: Grid) -> Labels:
    """Return a layer with the outlines of lesions."""
    drawn = drawn_matrix(grid)
    colours: dict[int | None, str] = {one.number: colour_of(one.number) for one in lesions}
    layer = Labels(
        label_map(lesions, grid),
        name="Lesions",
        scale=np.diag(drawn)[:3].tolist(),
        translate=drawn[:3, 3].tolist(),
        units=("mm",) * 3,
        axis_labels=AXIS_LABELS,
        opacity=0.9,
        blending=_BLENDING,
        colormap=DirectLabelColormap(color_dict=colours | {None: OVERLAY, 0: "transparent"}),
    )
    layer.contour = 1
    return layer
