"""What a review puts on the canvas, and takes away again: a failed check, an evidence map, the ring of a place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_refusion.session.sentences import evidence_titles
from napari_refusion.volume.affine import transformed
from napari_refusion.widgets.probe.cursor_cross import find_canvas
from napari_refusion.widgets.review.check_banner import CheckBanner
from napari_refusion.widgets.review.evidence_layer import EvidenceLayer
from napari_refusion.widgets.review.ring import Ring
from napari_refusion.widgets.world import drawn_matrix

if TYPE_CHECKING:
    from napari.viewer import Viewer
    from qtpy.QtWidgets import QWidget

    from napari_refusion.evidence.missed_uptake import MissedUptake
    from napari_refusion.fusion.partial import PartialFusion
    from napari_refusion.session.review import ReviewSession
    from napari_refusion.volume.grid import Grid


class OnCanvas:
    """Belongs to one case at a time; `clear` takes everything away."""

    def __init__(self, viewer: Viewer, panel: QWidget) -> None:
        self._viewer, self._panel = viewer, panel
        self._banner, self.evidence = CheckBanner(viewer), EvidenceLayer(viewer)
        self.ring: Ring | None = None
        """Around the missed uptake that was gone to; None for none."""

    def show_check(self, failed: str, partial: PartialFusion | None) -> None:
        """Write across the view, and into the records of this fusion, that a check failed; empty for nothing."""
        self._banner.show(failed, partial)

    def show_map(self, session: ReviewSession, name: str) -> str:
        """Show an evidence map, an empty name takes it away; return its title."""
        title, _ = evidence_titles(session).get(name, ("", ""))
        self.evidence.show(session.maps, name, title)
        return title

    def show_missed(self, peak: MissedUptake, grid: Grid, words: str) -> None:
        """Draw a ring around a missed uptake, with a few words beside it, in place of the ring before."""
        self.forget_ring()
        canvas = find_canvas(self._panel)
        if canvas is not None:
            point = transformed(drawn_matrix(grid), peak.voxel).tolist()
            self.ring = Ring(canvas, self._viewer, point, words)

    def forget_ring(self) -> None:
        """Take the ring away."""
        ring, self.ring = self.ring, None
        if ring is not None:
            ring.stop()

    def clear(self) -> None:
        """Take away what belongs to a fusion; a failed check stands until it is said that there is none."""
        self.forget_ring()
        self.evidence.show(None, "", "")
