"""When to fuse without being asked: while the hand moves, and ahead of it while it rests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from qtpy.QtCore import QObject, Qt, QTimer, Signal

from napari_refusion.volume.affine import AXES
from napari_refusion.widgets.layer_watch import CHANGES

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Image
    from napari.viewer import Viewer

REST: Final = 300
"""Milliseconds without a change after which neighbouring slices are fused ahead; sooner they would be in the way."""


class Live(QObject):
    """Notices from `start` to `stop` what calls for another fused slice."""

    wanted = Signal()
    """Emitted when the current slice should be fused."""
    rested = Signal()
    """Emitted when there is time for its neighbours."""
    _touched = Signal()

    def __init__(self, viewer: Viewer, parent: QObject) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._followed: tuple[Image, ...] = ()
        self._is_touched = False
        # handed over before Qt paints, so that a worker fuses while the window draws; what comes together is one
        self._touched.connect(self._want, Qt.ConnectionType.QueuedConnection)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST)
        self._rest.timeout.connect(self.rested)

    def start(self) -> None:
        """Begin to watch the viewer."""
        dims = self._viewer.dims.events
        for event in (dims.point, dims.order, dims.ndisplay):
            event.connect(self.touch)

    def stop(self) -> None:
        """Let go of the viewer and the layers."""
        dims = self._viewer.dims.events
        for event in (dims.point, dims.order, dims.ndisplay):
            event.disconnect(self.touch)
        self.follow()
        self._is_touched = False
        self._rest.stop()

    def follow(self, *layers: Image) -> None:
        """Watch these layers move and change, and no others."""
        for layer in self._followed:
            for name in CHANGES:
                getattr(layer.events, name).disconnect(self.touch)
        self._followed = layers
        for layer in layers:
            for name in CHANGES:
                getattr(layer.events, name).connect(self.touch)

    def touch(self, _event: Any = None) -> None:  # noqa: ANN401 - napari's events have no common type
        """Something changed that a fused slice depends on."""
        self._rest.stop()
        if not self._is_touched:
            self._is_touched = True
            self._touched.emit()

    def _want(self) -> None:
        if self._is_touched:
            self._is_touched = False
            self.wanted.emit()

    def rest(self) -> None:
        """Nothing is being fused any more."""
        self._rest.start()


def viewed_direction(viewer: ViewerModel) -> str | None:
    """Return the direction of the slices that a viewer shows, one of `AXES`.

    None where it shows a volume, or frames of a 4-D layer side by side, which are no slices.
    """
    dims = viewer.dims
    if dims.ndisplay != 2:
        return None
    if dims.ndim < 3:
        return "axial"
    stepped = [axis - (dims.ndim - 3) for axis in dims.not_displayed if axis >= dims.ndim - 3]
    return next((name for name, axis in AXES.items() if stepped == [axis]), None)
