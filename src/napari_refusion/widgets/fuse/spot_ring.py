"""The way to uptake that the fused slice hides: into the middle of the view, with a ring around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_refusion.volume.affine import transformed
from napari_refusion.widgets.place_in_view import centre_on
from napari_refusion.widgets.probe.cursor_cross import find_canvas
from napari_refusion.widgets.review.ring import Ring
from napari_refusion.widgets.world import drawn_matrix

if TYPE_CHECKING:
    from napari.viewer import Viewer
    from qtpy.QtWidgets import QWidget

    from napari_refusion.fusion.partial import PartialFusion


class SpotRing:
    """Marks one spot at a time."""

    def __init__(self, viewer: Viewer, panel: QWidget) -> None:
        self._viewer, self._panel = viewer, panel
        self.ring: Ring | None = None
        """Around the spot that was gone to; None for none."""

    def show(self, partial: PartialFusion, voxel: tuple[int, int, int]) -> None:
        """Go to a voxel, (I, P, L), and mark it in place of the one before."""
        self.forget()
        centre_on(self._viewer, partial, voxel)
        if (canvas := find_canvas(self._panel)) is not None:
            point = transformed(drawn_matrix(partial.study.grid), voxel).tolist()
            self.ring = Ring(canvas, self._viewer, point, "hidden uptake")

    def forget(self, *_told: Any) -> None:  # noqa: ANN401 - whatever a signal tells
        """Take the ring away."""
        ring, self.ring = self.ring, None
        if ring is not None:
            ring.stop()
