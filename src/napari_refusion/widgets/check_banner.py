"""``CHECK FAILED`` across the view, as long as a check of the shown fusion failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from napari.components.overlays import TextOverlay

if TYPE_CHECKING:
    from napari.viewer import Viewer

_NAME: Final = "refusion_check"
_BACKGROUND: Final = (0.75, 0.0, 0.0, 0.85)


class CheckBanner:
    """Writes on the canvas of a viewer."""

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer

    def show(self, sentence: str) -> None:
        """Show a sentence at the upper left, nothing if it is empty."""
        overlays = self._viewer.canvas.overlays
        if not sentence:
            if _NAME in overlays:
                del overlays[_NAME]
            return
        if _NAME not in overlays:
            look = {"color": "white", "box_color": _BACKGROUND, "font_size": 14, "visible": True}
            overlays[_NAME] = TextOverlay(text=sentence, position="top_left", **look)
        overlays[_NAME].text = sentence
