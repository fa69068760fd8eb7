"""The row with which a reader goes from plane to plane and from place to place."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from napari_refusion.volume.affine import AXES
from napari_refusion.volume.probe import position_of
from napari_refusion.widgets.keys import KEYS, Key, key_for
from napari_refusion.widgets.planes.hanging import PLANES, is_upright, show_plane, shown_plane
from napari_refusion.widgets.planes.three_planes import ThreePlanes
from napari_refusion.widgets.shown_slice import drawn_place, reference_volume
from napari_refusion.widgets.world import drawn_matrix

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari.viewer import Viewer


class PlaneBar(QWidget):
    """Axial, coronal, sagittal, all three, and a line for a place to go to; from `start` to `stop`."""

    def __init__(self, viewer: Viewer, say: Callable[[str], object]) -> None:
        super().__init__()
        self._viewer, self._say = viewer, say
        self._is_connected = False
        self.three = ThreePlanes(viewer, self)
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
            self._follow()

    def stop(self) -> None:
        """Take the other planes away, and let go of the viewer."""
        self.three.hide()
        if self._is_connected:
            self._is_connected = False
            for event in self._events():
                event.disconnect(self._follow)

    def keys(self) -> tuple[Key, ...]:
        """Return the keys of the buttons."""
        planes = tuple(key_for(plane, partial(self.show_plane, plane)) for plane in PLANES)
        return (*planes, key_for("three planes", self.show_all))

    def show_plane(self, plane: str) -> None:
        """Show one plane, upright and all of it."""
        show_plane(self._viewer, plane)
        self._follow()

    def show_all(self) -> None:
        """Show the two other planes below this one, or take them away."""
        self.three.toggle()
        self._follow()

    def go(self) -> None:
        """Go to the place or the slice that was written."""
        text = self.place.text().strip()
        try:
            wanted = self._slice(int(text)) if text.isdecimal() else self._place(text)
        except ValueError as error:
            self._say(str(error))
            return
        self._say("")
        dims = self._viewer.dims
        dims.point = (*dims.point[: dims.ndim - 3], *wanted)

    def _place(self, text: str) -> tuple[float, ...]:
        """Return where the viewer draws a place in the patient, (3,) of its world.

        Raises
        ------
        ValueError
            If the text is none, or no image is there.
        """
        volume, dims = reference_volume(self._viewer.layers), self._viewer.dims
        wanted = drawn_place(None if volume is None else volume.grid, position_of(text))
        spans = [dims.range[axis] for axis in range(dims.ndim - 3, dims.ndim)]
        if any(
            not span.start - span.step <= value <= span.stop + span.step
            for value, span in zip(wanted, spans, strict=True)
        ):
            raise ValueError(f"Choose a place inside the images: {text} lies outside of them.")
        return tuple(wanted.tolist())

    def _slice(self, number: int) -> tuple[float, ...]:
        """Return the viewer's place moved to a slice, counted from 1, of the plane that it shows.

        Raises
        ------
        ValueError
            If there is no such slice.
        """
        volume, dims = reference_volume(self._viewer.layers), self._viewer.dims
        plane = shown_plane(dims.order)
        if volume is None or plane is None or dims.ndisplay != 2:
            raise ValueError(f"Write a place as R 12 A 40 S 5: no slices are counted here, so there is no {number}.")
        if not 1 <= number <= volume.grid.count(plane):
            raise ValueError(f"Choose a slice from 1 to {volume.grid.count(plane)}: there is no {number}.")
        drawn, axis = drawn_matrix(volume.grid), AXES[plane]
        wanted = list(dims.point[-3:])
        wanted[axis] = float(drawn[axis, axis] * (number - 1) + drawn[axis, 3])
        return tuple(wanted)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for plane, button in self.buttons.items():
            button.setCheckable(True)
            button.setToolTip(
                f"{plane.capitalize()} slices upright, the patient's right on the left ({KEYS[plane][0]})"
            )
            button.clicked.connect(partial(self.show_plane, plane))
            row.addWidget(button)
        self.all.setCheckable(True)
        self.all.setToolTip(f"The two other planes below this one, with cross hairs ({KEYS['three planes'][0]})")
        self.all.clicked.connect(self.show_all)
        row.addWidget(self.all)
        self.place.setPlaceholderText("Go to R A S")
        self.place.setToolTip(
            "A place in the patient to go to: R 12 A 40 S 5, or 12 40 5 in mm; or the number of a slice; then Enter"
        )
        self.place.returnPressed.connect(self.go)
        row.addWidget(self.place, stretch=1)

    def _events(self) -> tuple[Any, ...]:
        dims = self._viewer.dims.events
        return dims.order, dims.ndisplay, dims.ndim

    def _follow(self, _event: Any = None) -> None:  # noqa: ANN401 - napari's events have no common type
        """Show which plane hangs there; none of the buttons is down beside a view that lies on its side."""
        dims = self._viewer.dims
        shown = shown_plane(dims.order) if dims.ndisplay == 2 and is_upright(dims.order) else None
        for plane, button in self.buttons.items():
            button.setChecked(plane == shown)
        self.all.setChecked(self.three.is_shown)
        for part in (*self.buttons.values(), self.all, self.place):
            part.setEnabled(dims.ndim >= 3)
