"""The pages of the Fuse widget: fuse, compare, probe, register, review."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QTabWidget

from napari_refusion.volume.rigid import moved
from napari_refusion.widgets.compare.panel import ComparePanel
from napari_refusion.widgets.compare.slider_grid import SliderGrid
from napari_refusion.widgets.fuse.page import FusePage
from napari_refusion.widgets.keys import Key
from napari_refusion.widgets.probe.panel import ProbePanel
from napari_refusion.widgets.register.panel import RegistrationPanel
from napari_refusion.widgets.review.panel import ReviewPanel

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_refusion.fusion.canvas import Canvas
    from napari_refusion.session.messages import Started


class Panels(QTabWidget):
    """Shows one pair on all its pages."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__()
        self.page, self.compare = FusePage(), ComparePanel(viewer)
        self.probe, self.register = ProbePanel(viewer), RegistrationPanel(viewer)
        self.review = ReviewPanel(viewer, self.compare)
        self._canvas: Canvas | None = None
        self._sliders = SliderGrid(viewer)
        pages = (self.page, self.compare, self.probe, self.register, self.review)
        for title, page in zip(("Fuse", "Compare", "Probe", "Register", "Review"), pages, strict=True):
            self.addTab(page, title)

    def start(self) -> None:
        """Begin to follow the viewer."""
        self._sliders.start()
        self.compare.start()
        self.probe.start()
        self.review.start()

    def stop(self) -> None:
        """Let go of the viewer."""
        self._sliders.stop()
        self.register.session.close()
        for panel in (self.compare, self.probe, self.review):
            panel.stop()

    def show_pair(self, started: Started) -> None:
        """Show a pair from now on."""
        self._canvas = canvas = started.canvas
        volumes = started.kept.paired_volumes
        placed = [moved(v, move) if move else v for v, move in zip(volumes, canvas.pair.moves, strict=True)]
        self._sliders.follow(canvas)
        self.compare.show_canvas(canvas)
        self.probe.show_canvas(canvas, (placed[0], placed[1]))
        self.register.session.show_pair(canvas, volumes)
        self.review.show_pair(started, volumes)

    def keys(self) -> tuple[Key, ...]:
        """Return the keys with which the sources are compared."""
        compare = self.compare
        return (
            Key("Q", "hold to see only the first source", lambda: self._peek(0), compare.unpeek),
            Key("W", "hold to see only the second source", lambda: self._peek(1), compare.unpeek),
            Key("K", "both sources in turn, and back", compare.toggle_flicker),
            Key("J", "next way to compare", compare.next_mode),
            Key("G", "side by side, and back", compare.toggle_side_by_side),
        )

    def _peek(self, row: int) -> None:
        """Show only the source of a row; a pair has its own order."""
        if self._canvas is not None:
            self.compare.peek(1 - row if self._canvas.pair.swapped else row)
