"""Telling when the image layers of a viewer come, go, move or are renamed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from napari.layers import Image

from napari_refusion.widgets.layer_marks import is_result

if TYPE_CHECKING:
    from napari.viewer import Viewer

CHANGES: Final = ("data", "scale", "translate", "rotate", "shear", "affine", "units")
"""Events of a layer after which its voxels are others, or lie elsewhere: in micrometres it is a thousandth as large."""


class LayerWatch:
    """Calls back on every change of a viewer's layers until it is stopped."""

    def __init__(self, viewer: Viewer, changed: Callable[[], None]) -> None:
        self._viewer = viewer
        self._changed = changed
        self._watched: list[Image] = []
        self._running = False

    def start(self) -> None:
        """Begin to watch, and call once."""
        if not self._running:
            self._running = True
            for event in ("inserted", "removed", "reordered"):
                getattr(self._viewer.layers.events, event).connect(self._update)
        self._update()

    def stop(self) -> None:
        """Let go of the viewer."""
        if self._running:
            self._running = False
            for event in ("inserted", "removed", "reordered"):
                getattr(self._viewer.layers.events, event).disconnect(self._update)
            self._watch_names([])

    @property
    def is_running(self) -> bool:
        """Whether it watches."""
        return self._running

    def sources(self) -> list[Image]:
        """Return the image layers that can be fused: all but results, the topmost last."""
        return [layer for layer in self._viewer.layers if isinstance(layer, Image) and not is_result(layer)]

    def find(self, key: str | None) -> Image | None:
        """Return the layer with this unique id."""
        return next((layer for layer in self.sources() if str(layer.unique_id) == key), None)

    def _update(self, _event: Any = None) -> None:  # noqa: ANN401 - napari's events have no common type
        self._watch_names(self.sources())
        self._changed()

    def _watch_names(self, layers: list[Image]) -> None:
        for layer in self._watched:
            layer.events.name.disconnect(self._rename)
        for layer in layers:
            layer.events.name.connect(self._rename)
        self._watched = layers

    def _rename(self, _event: Any = None) -> None:  # noqa: ANN401
        self._changed()
