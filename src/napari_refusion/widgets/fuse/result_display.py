"""Showing the result of a session: its layers, and the pages that compare and measure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, QTimer

from napari_refusion.widgets.fuse.result_layers import ResultLayers

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_refusion.fusion.filling import FusedSlice
    from napari_refusion.session.fusion import FusionSession
    from napari_refusion.session.present_names import PresentNames
    from napari_refusion.session.result import Shown
    from napari_refusion.session.statements import PairStatements
    from napari_refusion.widgets.fuse.panels import Panels


class ResultDisplay(QObject):
    """Shows what a session says, and tells it when the user deleted the layers."""

    def __init__(
        self, viewer: Viewer, session: FusionSession, statements: PairStatements, panels: Panels, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._session, self._statements = session, statements
        self._panels = panels
        self._layers = ResultLayers(viewer, self)
        # a child, so that it ends with the window: closing a viewer deletes its layers, too
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._notice_deletion)
        panels.compare.view.cells.hid.connect(self._layers.keep_hidden)
        session.result.changed.connect(self._show)
        session.result.recoloured.connect(self._recolour)

    def start(self) -> None:
        """Begin to notice when layers are deleted."""
        self._viewer.layers.events.removed.connect(self._look_for_layers)
        self._viewer.dims.events.order.connect(self._layers.show_missing)

    def stop(self) -> None:
        """Let go of the viewer; the layers stay."""
        self._layers.finish()
        self._viewer.layers.events.removed.disconnect(self._look_for_layers)
        self._viewer.dims.events.order.disconnect(self._layers.show_missing)
        self._soon.stop()

    def redraw(self, message: FusedSlice) -> bool:
        """Draw a slice that was fused; return whether it is drawn, which is done a few times a second."""
        shown = self._session.shown
        if shown is None or shown.started.partial is not message.partial:
            return True  # the session shows the whole partial fusion next
        return self._layers.redraw(at_once=message.index == self._session.looked_at())

    def settle(self) -> None:
        """Say in names and records how many slices there are."""
        self._layers.settle()

    def call(self, names: PresentNames) -> None:
        """Call the layers after the names that the sources have now."""
        self._layers.call(names)

    def finish(self) -> None:
        """Make all layers now, those that nobody sees yet as well."""
        self._layers.finish()

    def _show(self, shown: Shown | None) -> None:
        if shown is None:
            self._layers.remove()
        else:
            self._layers.show(shown)
        self._statements.changed.emit()
        # that of another pair waits until this one is chosen again
        if shown is not None and self._statements.shown is shown:
            self._panels.show_pair(shown.started)

    def _recolour(self, shown: Shown) -> None:
        self._layers.show(shown)
        self._statements.changed.emit()

    def _look_for_layers(self, _event: Any = None) -> None:  # noqa: ANN401 - napari's events have no common type
        # napari tells that a layer goes before its successor, if any, comes
        self._soon.start()

    def _notice_deletion(self) -> None:
        shown = self._session.shown
        if shown is None or self._layers.are_there:
            return
        if {str(layer.unique_id) for layer in self._viewer.layers}.issuperset(shown.keys):
            self._session.forget_result()
        else:
            # the examination was closed: what comes next is fused as before, and undoing must not bring this one back
            self._session.forget_pair()
            self._panels.page.undo.setEnabled(False)
