"""``CHECK FAILED`` across the view, and in what is saved of it, as long as a check of the shown fusion failed."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, Final

from napari.components.overlays import TextOverlay

from napari_refusion.look import RED
from napari_refusion.widgets.layer_marks import KEY

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_refusion.fusion.partial import PartialFusion

MARK: Final = "check_failed"
"""Under it the record of a fused layer says what failed."""

_NAME: Final = "refusion_check"
_BACKGROUND: Final = f"{RED.background}d9"
"""What is below shines through: 85 % are 0xd9."""

_WIDEST: Final = 26
"""Letters in a line: the longest name of a check fits a view that docks have left 380 pixels."""

_ABOVE: Final = "refusion_check_above"
"""Keeps two lines free: of the names of layers side by side, and of the letter of the patient's upper side."""


class CheckBanner:
    """Writes on the canvas of a viewer, and into the records of the fused layers that a check is of."""

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer

    def show(self, sentence: str, partial: PartialFusion | None = None) -> None:
        """Show a sentence at the upper left, nothing if it is empty.

        Parameters
        ----------
        partial
            What was checked: records of other pairs that are open beside it are left as they are.
        """
        self._mark_layers(sentence, partial)
        overlays = self._viewer.canvas.overlays
        if not sentence:
            for name in (_ABOVE, _NAME):
                if name in overlays:
                    del overlays[name]
            return
        words = fill(sentence, _WIDEST)
        if _NAME not in overlays:
            look = {"color": RED.letters, "box_color": _BACKGROUND, "font_size": 14, "visible": True}
            overlays[_ABOVE] = TextOverlay(text=" \n ", position="top_left", font_size=12, box=False, visible=True)
            overlays[_NAME] = TextOverlay(text=words, position="top_left", **look)
        overlays[_NAME].text = words

    def _mark_layers(self, sentence: str, partial: PartialFusion | None) -> None:
        for layer in self._viewer.layers:
            record = layer.metadata.get(KEY, {})
            if "fusion" in record and record.get("partial") is partial:
                kept = {name: value for name, value in record["provenance"].items() if name != MARK}
                record["provenance"] = kept | ({MARK: sentence} if sentence else {})
