"""Showing in a viewer what a comparison wants to be seen, above all other layers, without changing these."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari.layers import Image
from qtpy.QtCore import QTimer

from napari_refusion.widgets.compare.side_by_side import SideBySide
from napari_refusion.widgets.picture_layer import LayerStyle, PictureLayer

if TYPE_CHECKING:
    from napari.viewer import Viewer
    from qtpy.QtWidgets import QWidget

    from napari_refusion.session.compare import CompareSession
    from napari_refusion.session.compare_state import CompareState


class CompareView:
    """One layer for the picture of both sources, or the sources side by side; from `start` to `stop`.

    Whatever is shown for a while, the chosen mode comes back as it looked before.
    """

    def __init__(self, viewer: Viewer, session: CompareSession, panel: QWidget) -> None:
        self._viewer, self._session = viewer, session
        self._picture = PictureLayer(viewer)
        self._before: LayerStyle | None = None
        self._is_covered = False
        """Whether images came while something else was seen, which lie above where the picture was before."""
        self._is_connected = False
        self.cells = SideBySide(viewer, panel)
        self._soon = QTimer(panel)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._rebuild_cells)

    def start(self) -> None:
        """Begin to follow the viewer and the session."""
        if not self._is_connected:
            self._is_connected = True
            for signal, follow in self._followed():
                signal.connect(follow)
            self._follow_axes()

    def stop(self) -> None:
        """Take everything back that was added to the viewer, and let go of it."""
        self._session.show_partial(None)
        if self._is_connected:
            self._is_connected = False
            for signal, follow in self._followed():
                signal.disconnect(follow)

    def _followed(self) -> tuple[tuple[Any, Any], ...]:
        viewer = self._viewer
        return (
            (self._session.changed, self._show),
            (viewer.layers.events.inserted, self._follow_insertion),
            (viewer.layers.events.removed, self._follow_removal),
            (viewer.dims.events.order, self._follow_axes),
            (viewer.canvas.grid.events.enabled, self._follow_grid),
        )

    def _show(self, before: CompareState, now: CompareState) -> None:
        """Show what is wanted now."""
        mode = now.wanted()
        if now.axis != before.axis and (mode is None or not mode.follows_view):
            return
        if now.is_interrupted and not before.is_interrupted:
            self._before, self._is_covered = self._picture.look(), False
        self._stand_side_by_side(before, now)
        if mode is None:
            self._picture.remove()
        else:
            is_new = self._picture.layer is None
            self._picture.show(now.picture(mode), f"Compare: {now.title(mode)}")
            if not is_new and now.is_interrupted:
                self._picture.raise_to_top()
        if before.is_interrupted and not now.is_interrupted:
            self._picture.apply(self._before)
            if self._is_covered:
                self._picture.move_above_images()
            self._before = None
        if now.mode is not before.mode and now.peeked is None:
            self._picture.raise_to_top()

    def _stand_side_by_side(self, before: CompareState, now: CompareState) -> None:
        if now.is_side_by_side and self.cells.is_shown and now.is_inverted_beside != before.is_inverted_beside:
            self.cells.rebuild(now)
        elif now.is_side_by_side and self.cells.is_shown:
            self.cells.update(now)
        elif now.is_side_by_side:
            self._picture.remove()
            self.cells.show(now)
        else:
            self.cells.hide()

    def _follow_axes(self, _event: Any = None) -> None:  # noqa: ANN401 - napari's events have no common type
        axis = self._viewer.dims.displayed[-1] - (self._viewer.dims.ndim - 3)
        self._session.set_axis(axis if 0 <= axis < 3 else 2)

    def _follow_grid(self, _event: Any = None) -> None:  # noqa: ANN401
        """Take napari's own button for the end of side by side."""
        if self.cells.is_shown and not self._viewer.canvas.grid.enabled and self._session.state.is_side_by_side:
            self._session.toggle_side_by_side()

    def _follow_insertion(self, event: Any) -> None:  # noqa: ANN401
        """Keep the picture above images that come later, such as a result, and these out of the cells of others."""
        if not isinstance(event.value, Image) or str(event.value.unique_id) == self._picture.key:
            return
        if self.cells.is_own(event.value):
            return
        self._is_covered = True
        # napari is not done with the new layer before this event is over
        if self.cells.is_shown:
            self._soon.start()
        else:
            QTimer.singleShot(0, self._picture.move_above_images)

    def _rebuild_cells(self) -> None:
        if self.cells.is_shown and self._session.state.is_side_by_side:
            self.cells.rebuild(self._session.state)

    def _follow_removal(self, event: Any) -> None:  # noqa: ANN401
        """Take the user's deleting the picture for choosing Off."""
        if self._picture.key is not None and str(event.value.unique_id) == self._picture.key:
            self._picture.key = self._before = None
            self._session.drop_picture()
