"""Colours and window of the follow-up's layer, for both views."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from napari.layers import Image

_EVENTS: Final = ("contrast_limits", "colormap", "gamma", "interpolation2d")


class LayerLook:
    """Tells when a layer is shown otherwise."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self.layer: Image | None = None
        """The one that is followed."""

    def follow(self, layer: Image | None) -> None:
        """Follow this layer, and no other one."""
        if layer is self.layer:
            return
        for name in _EVENTS:
            if self.layer is not None:
                getattr(self.layer.events, name).disconnect(self._tell)
            if layer is not None:
                getattr(layer.events, name).connect(self._tell)
        self.layer = layer

    def properties(self) -> Mapping[str, Any]:
        """Return how the layer is shown, for another one in the same colours and window; nothing without a layer."""
        layer = self.layer
        if layer is None:
            return {}
        return {
            "contrast_limits_range": tuple(layer.contrast_limits_range),
            "contrast_limits": tuple(layer.contrast_limits),
            "colormap": layer.colormap,
            "gamma": layer.gamma,
            "interpolation2d": layer.interpolation2d,
        }

    def _tell(self, _event: Any = None) -> None:  # noqa: ANN401 - napari's events have no common type
        self._changed()
