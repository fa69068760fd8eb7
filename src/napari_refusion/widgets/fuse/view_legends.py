"""The legends of all views of a window: what is seen in colours has its values on every canvas."""

from __future__ import annotations

from functools import partial as bound
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Image
from qtpy.QtCore import QObject
from qtpy.QtOpenGLWidgets import QOpenGLWidget

from napari_refusion.evidence.colours import evidence_colours
from napari_refusion.evidence.map_kinds import KINDS
from napari_refusion.numerics.intensity import Window
from napari_refusion.session.seen_colours import ARBITRARY, SeenColours, seen_colours
from napari_refusion.widgets.fuse.live import viewed_direction
from napari_refusion.widgets.layer_look import shown_limits
from napari_refusion.widgets.layer_marks import KEY, is_result, shown_volume
from napari_refusion.widgets.planes.view_legend import ViewLegend

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari.components import ViewerModel
    from napari.viewer import Viewer
    from qtpy.QtWidgets import QWidget

    from napari_refusion.session.compare import CompareSession
    from napari_refusion.session.statements import PairStatements
    from napari_refusion.widgets.planes.side_plane import SidePlane

_FOLLOWED = ("visible", "contrast_limits", "colormap")

_MOST = 0.5
"""Part of the slices from which on a plane across them shows the fused image more than its sources."""


class ViewLegends(QObject):
    """Puts a legend on the canvas of a viewer and on its further planes, and keeps them right until `stop`."""

    def __init__(self, viewer: Viewer, comparing: CompareSession, statements: PairStatements, owner: QWidget) -> None:
        super().__init__(owner)
        self._viewer, self._comparing, self._statements = viewer, comparing, statements
        self._evidence = ""
        self._own: ViewLegend | None = None
        self._others: tuple[ViewLegend, ...] = ()
        comparing.changed.connect(lambda _before, _now: self.draw())
        statements.changed.connect(self.draw)

    def seen(self, plane: ViewerModel | None = None) -> tuple[SeenColours | None, ...]:
        """Return what the colours mean that are seen now, cell by cell, on a further plane or else on the viewer."""
        now = self._comparing.state
        if self._evidence and not now.is_interrupted:
            kind = KINDS[self._evidence]
            table = evidence_colours(is_signed=kind.is_signed)
            return (SeenColours(table, Window(*kind.limits), ""),)
        if now.wanted() is not None or now.is_side_by_side:
            return seen_colours(now, self._statements.legend)
        return (self._of_layers(is_result_seen=not self._is_mostly_sources(self._viewer if plane is None else plane)),)

    def show_evidence(self, name: str, _title: str) -> None:
        """Show what the colours of an evidence map mean that lies over everything; an empty name for none."""
        self._evidence = name
        self.draw()

    def lie_on(self, canvas: QWidget | None) -> None:
        """Lie on the canvas of the viewer from now on."""
        if canvas is None or self._own is not None:
            return
        self._own = ViewLegend(canvas, self._viewer, self.seen)
        layers = self._viewer.layers.events
        for event in (layers.inserted, layers.removed, layers.reordered):
            event.connect(self._follow_layers)
        self._follow_layers()

    def lie_on_planes(self, planes: Sequence[SidePlane]) -> None:
        """Lie on further planes, too; they take the legends with them when they go."""
        found = ((plane.widget.findChild(QOpenGLWidget), plane.model) for plane in planes)
        self._others = tuple(
            ViewLegend(canvas, model, bound(self.seen, model)) for canvas, model in found if canvas is not None
        )

    def leave_planes(self) -> None:
        """Go from the further planes before these go."""
        for legend in self._others:
            legend.stop()
        self._others = ()

    def stop(self) -> None:
        """Take all of them away, and let go of the viewer."""
        self.leave_planes()
        if self._own is None:
            return
        layers = self._viewer.layers.events
        for event in (layers.inserted, layers.removed, layers.reordered):
            event.disconnect(self._follow_layers)
        for layer in self._viewer.layers:
            for name in _FOLLOWED:
                if hasattr(layer.events, name):
                    getattr(layer.events, name).disconnect(self.draw)
        self._own.stop()
        self._own = None

    def draw(self, _event: Any = None) -> None:  # noqa: ANN401 - napari's events have no common type
        """Draw what is seen now."""
        for legend in (self._own, *self._others):
            if legend is not None:
                legend.update()

    def _follow_layers(self, _event: Any = None) -> None:  # noqa: ANN401
        for layer in self._viewer.layers:
            for name in _FOLLOWED:
                if hasattr(layer.events, name):
                    getattr(layer.events, name).connect(self.draw)  # twice does nothing
        self.draw()

    def _is_mostly_sources(self, plane: ViewerModel) -> bool:
        """Return whether a plane lies across the fused slices, and most of them are not fused yet."""
        partial = self._comparing.state.partial
        if partial is None or viewed_direction(plane) == partial.axis:
            return False
        return float(partial.done.mean()) < _MOST

    def _of_layers(self, *, is_result_seen: bool) -> SeenColours | None:
        """Return what the colours mean of the topmost image that is seen; None for anatomy and fused grey."""
        images = [layer for layer in self._viewer.layers if isinstance(layer, Image) and layer.visible]
        images = [layer for layer in images if is_result_seen or not is_result(layer)]
        if not images:
            return None
        top = images[-1]
        if is_result(top):
            is_coloured = top.metadata[KEY].get("fusion", {}).get("kind") == "colour"
            return seen_colours(self._comparing.state, self._statements.legend)[0] if is_coloured else None
        volume, limits = shown_volume(top), shown_limits(top)
        if volume is None or limits is None or not volume.is_functional:
            return None
        table = np.asarray(top.colormap.map(np.linspace(0, 1, 256)), np.float32)[:, :3]
        return SeenColours(table, Window(*limits), volume.unit or ARBITRARY)
