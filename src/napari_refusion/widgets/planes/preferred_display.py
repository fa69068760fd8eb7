"""What is preferred for the display, shown at once: which side sagittal planes face, and what is between voxels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from napari.layers import Image

from napari_refusion.widgets.layer_marks import KEY
from napari_refusion.widgets.planes.hanging import hang, is_upright, shown_plane
from napari_refusion.widgets.preferences import FollowedPreferences

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari.viewer import Viewer

    from napari_refusion.widgets.planes.bar import PlaneBar

_OFFERED: Final = ("linear", "nearest")
"""What can be preferred between voxels; a layer with anything else has it from napari's own controls."""


class PreferredDisplay(FollowedPreferences):
    """Shows a viewer and its further planes as they are preferred, from `start` to `stop`."""

    def __init__(self, viewer: Viewer, bar: PlaneBar) -> None:
        super().__init__("display", self._show)
        self._viewer, self._bar = viewer, bar

    def _show(self, preferences: Mapping[str, Any]) -> None:
        if "interpolation" in preferences:
            self._draw_between(str(preferences["interpolation"]))
        if "sagittal" in preferences:
            self._turn()

    def _draw_between(self, interpolation: str) -> None:
        """Draw the plugin's images so; the further planes follow their layers."""
        for layer in self._viewer.layers:
            if isinstance(layer, Image) and KEY in layer.metadata and layer.interpolation2d in _OFFERED:
                layer.interpolation2d = interpolation

    def _turn(self) -> None:
        """Hang sagittal planes anew, as close as they are looked at; what lies on its side stays so."""
        order = self._viewer.dims.order
        if self._viewer.dims.ndisplay == 2 and shown_plane(order) == "sagittal" and is_upright(order):
            hang(self._viewer, "sagittal")
        self._bar.hang_again()
