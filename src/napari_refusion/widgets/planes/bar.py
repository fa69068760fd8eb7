"""The row with which a reader goes from plane to plane and from place to place."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from napari.layers import Image
from qtpy.QtCore import QTimer, Signal
from qtpy.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from napari_refusion.widgets.keys import KEYS, Key, key_for, said_where_not
from napari_refusion.widgets.layer_marks import is_result
from napari_refusion.widgets.planes.fitted_view import is_seen_whole, keep_fitted
from napari_refusion.widgets.planes.hanging import PLANES, is_upright, left_side, show_plane, shown_plane
from napari_refusion.widgets.planes.slider_words import SliderWords
from napari_refusion.widgets.planes.three_planes import ThreePlanes
from napari_refusion.widgets.planes.written_place import written_place
from napari_refusion.widgets.probe.cursor_cross import find_canvas
from napari_refusion.widgets.shown_slice import are_pictures
from napari_refusion.widgets.typed_line import give_back_keys

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari.viewer import Viewer
    from qtpy.QtGui import QShowEvent

_FLAT: Final = "These pictures have one plane only, and no place in a patient"


class PlaneBar(QWidget):
    """Axial, coronal, sagittal, all three, and a line for a place to go to; from `start` to `stop`."""

    clicked = Signal(object)
    """Emitted with each `Click` on one of the two further planes."""

    def __init__(self, viewer: Viewer, say: Callable[[str], object]) -> None:
        super().__init__()
        self._viewer, self._say = viewer, say
        self._is_connected = False
        self._gone_to: tuple[str, tuple[float, ...]] = ("", ())
        """What was written last, and where the viewer went for it."""
        self._was_whole = is_seen_whole(viewer)  # now, for the dock that comes makes the view narrow
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._follow_examination)
        self.three = ThreePlanes(viewer, self, self.clicked.emit)
        self._sliders = SliderWords(viewer, self)
        self.buttons = {plane: QPushButton(plane.capitalize()) for plane in PLANES}
        self.all = QPushButton("All")
        self.place = QLineEdit()
        self._lay_out()
        self._follow()

    def start(self) -> None:
        """Begin to follow the viewer."""
        if not self._is_connected:
            self._is_connected = True
            for event in self._events():
                event.connect(self._follow)
            for event in self._layer_events():
                event.connect(self._follow_images)
            self._viewer.dims.events.point.connect(self._leave_place)
            self._sliders.start()
            self._follow()

    def stop(self) -> None:
        """Take the other planes away, and let go of the viewer."""
        self.three.hide()
        if self._is_connected:
            self._is_connected = False
            self._sliders.stop()
            self._soon.stop()
            for event in self._events():
                event.disconnect(self._follow)
            for event in self._layer_events():
                event.disconnect(self._follow_images)
            self._viewer.dims.events.point.disconnect(self._leave_place)

    def showEvent(self, event: QShowEvent | None) -> None:  # noqa: N802 - Qt's name
        """Write beside the sliders and keep the picture fitted: both are found in the window of the row."""
        super().showEvent(event)
        keep_fitted(self._viewer, find_canvas(self), is_whole=self._was_whole)
        if self._is_connected:
            self._sliders.write()

    def keys(self) -> tuple[Key, ...]:
        """Return the keys of the buttons."""
        planes = tuple(key_for(plane, partial(self.show_plane, plane)) for plane in PLANES)
        return said_where_not((*planes, key_for("three planes", self.show_all)), self._why_not, self._say)

    def show_plane(self, plane: str) -> None:
        """Show one plane, upright and all of it."""
        if not are_pictures(self._viewer.layers):
            show_plane(self._viewer, plane)
        self._follow()

    def show_all(self) -> None:
        """Show the two other planes below this one, or take them away."""
        if self.three.is_shown or not are_pictures(self._viewer.layers):
            self.three.toggle()
        self._follow()

    def hang_again(self) -> None:
        """Hang the planes below as it is preferred now, and say so."""
        for side in self.three.planes:
            side.hang()
        self._follow()

    def go(self) -> None:
        """Go to the place or the slice that was written."""
        text = self.place.text().strip()
        try:
            wanted = written_place(text, self._viewer)
        except ValueError as error:
            self._say(str(error))
            return
        self._say("")
        dims = self._viewer.dims
        dims.point = (*dims.point[: dims.ndim - 3], *wanted)
        self._gone_to = text, dims.point
        give_back_keys(self)

    def add(self, button: QPushButton) -> None:
        """Put the button of another view behind those of the planes."""
        row = self.layout()
        assert isinstance(row, QHBoxLayout)
        row.insertWidget(row.indexOf(self.place), button)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for plane, button in self.buttons.items():
            button.setCheckable(True)
            button.clicked.connect(partial(self.show_plane, plane))
            row.addWidget(button)
        self.all.setCheckable(True)
        self.all.clicked.connect(self.show_all)
        row.addWidget(self.all)
        self.place.setPlaceholderText("Go to R A S")
        self.place.returnPressed.connect(self.go)
        row.addWidget(self.place, stretch=1)

    def _events(self) -> tuple[Any, ...]:
        dims = self._viewer.dims.events
        return dims.order, dims.ndisplay, dims.ndim

    def _layer_events(self) -> tuple[Any, ...]:
        return self._viewer.layers.events.inserted, self._viewer.layers.events.removed

    def _follow_images(self, event: Any) -> None:  # noqa: ANN401
        """Forget a place that was written for other images."""
        if isinstance(event.value, Image) and not is_result(event.value):
            self.place.clear()
        # a layer that goes may be followed at once by the next one
        self._soon.start()

    def _leave_place(self, _event: Any) -> None:  # noqa: ANN401 - napari's events have no common type
        """Take a place out of its line when the viewer is there no longer; what is being written stays."""
        text, point = self._gone_to
        if text and self._viewer.dims.point != point:
            self._gone_to = "", ()
            if self.place.text().strip() == text:
                self.place.clear()

    def _follow_examination(self) -> None:
        """Take the other planes away where there is nothing to show in them; they are a habit of the next pair's."""
        if not self._viewer.layers or are_pictures(self._viewer.layers):
            self.three.hide()
        self._follow()

    def _why_not(self) -> str:
        """Return why there is no other plane to show; empty where there is, and where they are shown."""
        if self.three.is_shown:
            return ""
        if are_pictures(self._viewer.layers):
            return f"{_FLAT}."
        return "" if self._viewer.dims.ndim >= 3 else "Open a scan first: there is no plane to show."

    def _follow(self, _event: Any = None) -> None:  # noqa: ANN401 - napari's events have no common type
        """Show which plane hangs there; none of the buttons is down beside a view that lies on its side."""
        dims = self._viewer.dims
        shown = shown_plane(dims.order) if dims.ndisplay == 2 and is_upright(dims.order) else None
        for plane, button in self.buttons.items():
            button.setChecked(plane == shown)
        self.all.setChecked(self.three.is_shown)
        is_flat = are_pictures(self._viewer.layers)
        for part, tip in self._tips().items():
            part.setEnabled(dims.ndim >= 3 and not is_flat)
            part.setToolTip(_FLAT if is_flat else tip)

    def _tips(self) -> dict[QWidget, str]:
        """Return what each control does."""
        tips: dict[QWidget, str] = {
            button: f"{plane.capitalize()} slices upright, {left_side(plane)} on the left ({KEYS[plane][0]})"
            for plane, button in self.buttons.items()
        }
        tips[self.all] = f"The two other planes below this one, with cross hairs ({KEYS['three planes'][0]})"
        tips[self.place] = (
            "A place in the patient to go to: R 12 A 40 S 5, or 12 40 5 in mm; or the number of a slice; then Enter"
        )
        return tips
