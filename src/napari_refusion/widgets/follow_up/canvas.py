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
from napari_refusion.widgets.lesions.places import DrawnGrid
from napari_refusion.widgets.place_in_view import seen_at
from napari_refusion.widgets.planes.click import clicks
from napari_refusion.widgets.planes.cover import PlaneCover, PlaneWords
from napari_refusion.widgets.planes.further_canvas import FurtherCanvas
from napari_refusion.widgets.planes.hanging import hang, order_of
from napari_refusion.widgets.planes.slider_words import say_slice
from napari_refusion.widgets.removing import nothing_collected
from napari_refusion.widgets.shown_slice import slice_title, slice_words
from napari_refusion.widgets.world import drawn_matrix

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from napari_refusion.lesion.lesion import Lesion
    from napari_refusion.volume.affine import Affine
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
        for changed in (self.model.dims.events.point, self.model.dims.events.order, self.model.dims.events.range):
            changed.connect(self._say_slice)
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
        if self._volume is None or self._labels is None or self._shown == tuple(lesions):
            return
        self._shown = tuple(lesions)
        self._labels.data = label_map(lesions, self._volume.grid)
        colours: dict[int | None, str] = {one.number: colour_of(one.number) for one in lesions}
        self._labels.colormap = DirectLabelColormap(color_dict=colours | {None: OVERLAY, 0: "transparent"})

    def show_plane(self, plane: str) -> None:
        """Show one of `PLANES`, all of it."""
        self._plane = plane
        if self.model.dims.ndim >= 3:
            self.model.dims.order = order_of(plane, self.model.dims.ndim)
            hang(self.model, plane)
            self._say_slice()
        self._fitting.start()

    def fit(self) -> None:
        """Show all of the image."""
        self.model.fit_to_view(margin=0.02)

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
        self._drawn = None
        with nothing_collected():
            self.model.layers.clear()
        self._cover.stop()
        # with its parent: one without PySide6 leaves to Qt, whose loop deletes it later, if it runs
        self.widget.close()
        self.widget.setParent(None)
        del self.widget  # what is connected to this object goes with its window only, which Qt deletes later

    def _exchange(self, volume: Volume | None) -> None:
        """Show another image in the same layers: removing one could take what the other canvas draws with."""
        self._volume, self._drawn, self._shown = volume, None, ()
        with self.model.dims.events.point.blocker(self._go):
            if volume is not None:
                self._put(volume)
                self.place(np.eye(4))
            for layer in self.model.layers:
                layer.visible = volume is not None
        for part in (self.widget.dims, self._cover):  # a slider and a cross of no image
            part.setVisible(volume is not None)
        self.show_plane(self._plane)

    def _put(self, volume: Volume) -> None:
        drawn = drawn_matrix(volume.grid)
        lies = {"scale": np.diag(drawn)[:3].tolist(), "translate": drawn[:3, 3].tolist()}
        nothing = np.zeros(volume.shape, np.uint8)
        data, properties, _ = to_layer_data(volume, blending=_BLENDING)
        if self._image is None or self._labels is None:
            self._image = Image(data, **properties)
            self._labels = Labels(nothing, units=("mm",) * 3, axis_labels=AXIS_LABELS, blending=_BLENDING, **lies)
            self._labels.contour = 1
            self.model.layers.extend([self._image, self._labels])
            self.model.layers.selection.active = None
            return
        self._image.metadata = properties["metadata"]
        for layer, values in ((self._image, data), (self._labels, nothing)):
            layer.data = values
            layer.scale, layer.translate = lies["scale"], lies["translate"]

    def _words(self) -> PlaneWords:
        dims = self.model.dims
        images = [] if self._volume is None or self._image is None else [self._image]
        return PlaneWords(slice_title(images, self._plane, dims.point) if dims.ndim >= 3 and images else "")

    def _say_slice(self, _event: Any = None) -> None:  # noqa: ANN401 - napari's events have no common type
        """Count the slices beside the slider as the view does; napari counts from 0."""
        dims = self.model.dims
        images = [] if self._volume is None or self._image is None else [self._image]
        for row in self.widget.dims.slider_widgets:
            if row.axis not in dims.displayed:
                say_slice(row, slice_words(images, self._plane, dims.point) if dims.ndim >= 3 else "")

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
