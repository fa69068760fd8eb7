"""Showing what a fusion sends: the result layers, the legend, and the pages that compare and measure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, QTimer, Signal

from napari_refusion.widgets.fuse.results import ResultLayers, Shown

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_refusion.widgets.fuse.legend_bar import LegendBar
    from napari_refusion.widgets.fuse.messages import FusedSlice, Started
    from napari_refusion.widgets.fuse.panels import Panels


class ResultDisplay(QObject):
    """Shows one fusion after the other; a canvas is shown from the moment on when the wanted slice is on it.

    Until then an older image is better than none: it would flicker while a window is dragged.
    """

    deleted = Signal()
    """Emitted when the user deleted the result layers."""

    def __init__(self, viewer: Viewer, panels: Panels, legend: LegendBar, parent: QObject) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._panels = panels
        self._legend = legend
        self._layers = ResultLayers(viewer)
        self._started: Started | None = None
        # a child, so that it ends with the window: closing a viewer deletes its layers, too
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._notice_deletion)

    @property
    def shown(self) -> Shown | None:
        """What the layers show."""
        return self._layers.shown

    def start(self) -> None:
        """Begin to notice when layers are deleted."""
        self._viewer.layers.events.removed.connect(self._look_for_layers)

    def stop(self) -> None:
        """Let go of the viewer; the layers stay."""
        self._viewer.layers.events.removed.disconnect(self._look_for_layers)
        self._soon.stop()

    def begin(self, started: Started, looked_at: int | None) -> None:
        """Take note of a fusion that begins, and show it at once if the slice that is looked at is there already."""
        self._started = started
        done = started.canvas.done
        is_there = looked_at is not None and 0 <= looked_at < len(done) and bool(done[looked_at])
        if is_there and self._is_new(started):
            self._show(started)

    def receive(self, message: FusedSlice, looked_at: int | None) -> bool:
        """Show a slice that was put on its canvas; return whether it was drawn, which is done a few times a second."""
        if self._started is not None and self._is_new(self._started):
            self._show(self._started)
            return True
        return self._layers.redraw(at_once=message.index == looked_at)

    def recolour(self) -> None:
        """Show the result with or without colours, as is chosen."""
        if self.shown is not None:
            self._layers.show(self.shown.with_colours(self._panels.page.form.coloured.isChecked()))
            self._show_legend()

    def settle(self) -> None:
        """Say in names and records how many slices there are."""
        self._layers.settle()

    def memory(self) -> Shown | None:
        """Return what is shown now, to `bring_back` later."""
        return self._layers.memory()

    def bring_back(self, memory: Shown | None) -> None:
        """Show what was shown at an earlier moment; nothing for None."""
        self._layers.bring_back(memory)
        self._show_legend()
        if memory is not None:
            self._panels.show_pair(memory.started)

    def _is_new(self, started: Started) -> bool:
        """Return whether something else is shown yet."""
        if self.shown is None:
            return True
        old = self.shown.started
        legends = [one.colouring.legend if one.colouring is not None else None for one in (old, started)]
        return old.canvas is not started.canvas or legends[0] != legends[1]

    def _show(self, started: Started) -> None:
        first, second = (source.image for source in (started.kept.request.first, started.kept.request.second))
        name, is_coloured = f"{first.name} + {second.name}", self._panels.page.form.coloured.isChecked()
        self._layers.show(Shown(started, (first.key, second.key), name, is_coloured))
        self._show_legend()
        self._panels.show_pair(started)

    def _show_legend(self) -> None:
        colouring = self.shown.started.colouring if self.shown is not None and self.shown.is_coloured else None
        self._legend.show_legend(colouring.legend if colouring is not None else None)

    def _look_for_layers(self, _event: Any = None) -> None:  # noqa: ANN401 - napari's events have no common type
        # napari tells that a layer goes before its successor, if any, comes
        self._soon.start()

    def _notice_deletion(self) -> None:
        if self.shown is not None and self._layers.memory() is None:
            self._layers.shown = None
            self._show_legend()
            self.deleted.emit()
