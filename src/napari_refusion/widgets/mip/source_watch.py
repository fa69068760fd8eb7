"""Following the layer that a projection is of: its window, and whether it is still what was projected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari.layers import Image
from qtpy.QtCore import QObject, Signal

from napari_refusion.numerics.intensity import Window
from napari_refusion.widgets.layer_look import shown_limits
from napari_refusion.widgets.layer_watch import CHANGES

if TYPE_CHECKING:
    from napari.viewer import Viewer


class SourceWatch(QObject):
    """Follows one layer of a viewer at a time."""

    window_changed = Signal()
    """Emitted when the layer is shown in another window."""
    ended = Signal(str)
    """Emitted with what to do, when the layer was removed or is not what it was."""

    def __init__(self, viewer: Viewer, parent: QObject) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._layer: Image | None = None
        self._name = ""

    @property
    def window(self) -> Window | None:
        """Return the window of the layer, None without one."""
        limits = None if self._layer is None else shown_limits(self._layer)
        return None if limits is None or limits[0] >= limits[1] else Window(*limits)

    def follow(self, key: str, name: str) -> None:
        """Follow the layer with this id; an empty one is none."""
        layers = [one for one in self._viewer.layers if isinstance(one, Image) and str(one.unique_id) == key]
        layer, self._name = next(iter(layers), None), name
        if layer is not self._layer:
            self.stop()
            self._layer = layer
            if layer is not None:
                layer.events.contrast_limits.connect(self._pass_window)
                for change in CHANGES:
                    getattr(layer.events, change).connect(self._notice_change)
                self._viewer.layers.events.removed.connect(self._notice_removal)
        if layer is None and key:
            self._say_removed()

    def stop(self) -> None:
        """Follow none."""
        layer, self._layer = self._layer, None
        if layer is not None:
            layer.events.contrast_limits.disconnect(self._pass_window)
            for change in CHANGES:
                getattr(layer.events, change).disconnect(self._notice_change)
            self._viewer.layers.events.removed.disconnect(self._notice_removal)

    def _pass_window(self, _event: Any = None) -> None:  # noqa: ANN401 - napari's events have no common type
        self.window_changed.emit()

    def _notice_change(self, _event: Any = None) -> None:  # noqa: ANN401
        self.ended.emit(f"Fuse again to project {self._name} as it is now: it was changed.")

    def _notice_removal(self, event: Any) -> None:  # noqa: ANN401
        if self._layer is not None and event.value.unique_id == self._layer.unique_id:
            self.stop()
            self._say_removed()

    def _say_removed(self) -> None:
        self.ended.emit(f"Open {self._name} again to project it: its layer was removed.")
