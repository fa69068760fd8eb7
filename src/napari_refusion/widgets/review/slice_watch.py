"""Which slice of a review is on the screen, and for how long it has been."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from qtpy.QtCore import QObject, QTimer, Signal
from qtpy.QtWidgets import QApplication

from napari_refusion.volume.affine import AXES
from napari_refusion.widgets.fuse.live import viewed_direction
from napari_refusion.widgets.pair_in_front import ORDERING, SHOWING, lying_over
from napari_refusion.widgets.place_in_view import centre_on, go_to_slice
from napari_refusion.widgets.world import slice_index

if TYPE_CHECKING:
    from napari.layers import Image
    from napari.viewer import Viewer

    from napari_refusion.fusion.partial import PartialFusion

LOOK: Final = 0.4
"""Seconds after which a slice on the screen counts as seen."""


class SliceWatch(QObject):
    """Follows the slider of a viewer along the direction of a partial fusion."""

    moved = Signal()
    """Emitted when another slice came on the screen."""
    seen = Signal(int, float)
    """Emitted with a slice and for how many seconds it was on the screen: once after `LOOK`, and for what was longer
    when the reader goes on."""

    hidden = Signal(str)
    """Emitted in place of `seen` with the name of an image that lies over the fused one, once for each slice."""

    def __init__(self, viewer: Viewer, parent: QObject) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._partial: PartialFusion | None = None
        self.place = -1
        """The slice that is on the screen, -1 for none."""
        self._since = 0.0
        self._over = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(round(LOOK * 1000))
        self._timer.timeout.connect(self._look_long_enough)

    def start(self) -> None:
        """Begin to follow the viewer."""
        events = self._viewer.dims.events
        for event in (events.point, events.order, events.ndisplay):
            event.connect(self._follow)
        self._viewer.layers.events.connect(self._follow_layers)

    def stop(self) -> None:
        """Let go of the viewer."""
        self.follow(None)
        events = self._viewer.dims.events
        for event in (events.point, events.order, events.ndisplay):
            event.disconnect(self._follow)
        self._viewer.layers.events.disconnect(self._follow_layers)

    def follow(self, partial: PartialFusion | None) -> None:
        """Watch the slices of a partial fusion; None for no longer."""
        self.leave()
        self._partial = partial
        self.arrive()

    def index(self) -> int:
        """Return the slice that the viewer is at, -1 where its view does not run along the fused direction."""
        dims, partial = self._viewer.dims, self._partial
        if partial is None or dims.ndim < 3 or viewed_direction(self._viewer) != partial.axis:
            return -1
        axis, fixed = AXES[partial.axis], partial.study.fixed
        first, second, third = dims.point[-3:]
        index = slice_index((first, second, third), axis, fixed.grid)
        return index if 0 <= index < len(partial.done) else -1

    def go_to(self, index: int) -> None:
        """Show a slice of the partial fusion, in a 2-D view along its direction."""
        if self._partial is not None:
            go_to_slice(self._viewer, self._partial, index)

    def centre_on(self, voxel: tuple[int, int, int]) -> None:
        """Go to the slice of a voxel, (I, P, L), with the voxel in the middle of the view."""
        if self._partial is not None:
            centre_on(self._viewer, self._partial, voxel)

    def leave(self) -> None:
        """Count no more time for the slice on the screen: the reader goes on, or to another window."""
        was_seen, place, longer = not self._timer.isActive(), self.place, time.monotonic() - self._since
        self._timer.stop()
        self.place = -1
        if place >= 0 and was_seen and longer >= LOOK:
            self.seen.emit(place, longer)

    def arrive(self) -> None:
        """Begin to count for the slice that is on the screen."""
        self.place, self._since, self._over = self.index(), time.monotonic(), ""
        if self.place >= 0:
            self._timer.start()

    def _follow(self, _event: Any = None) -> None:  # noqa: ANN401 - napari's events have no common type
        if self._partial is not None and self.index() != self.place:
            self.leave()
            self.arrive()
            self.moved.emit()

    def _follow_layers(self, event: Any) -> None:  # noqa: ANN401 - napari's events have no common type
        """End a look at a slice over which an image comes to lie."""
        is_looked_at = self.place >= 0 and not self._timer.isActive()
        if is_looked_at and event.type in (*SHOWING, *ORDERING) and self._lying_over() is not None:
            self.leave()
            self.arrive()

    def _lying_over(self) -> Image | None:
        return None if self._partial is None else lying_over(self._viewer, self._partial)

    def _look_long_enough(self) -> None:
        if QApplication.activeWindow() is None:
            self.place = -1  # a window that is not in front is not being read
            return
        self._since = time.monotonic()
        over = self._lying_over()
        if over is not None:
            self._timer.start()  # and look again: a slice that is not what is seen is not being read
            if over.name != self._over:
                self._over = over.name
                self.hidden.emit(over.name)
            return
        self.seen.emit(self.place, LOOK)
