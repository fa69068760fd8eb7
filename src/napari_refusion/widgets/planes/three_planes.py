"""The two other planes beside the one that a viewer shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from psygnal import Signal
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QDockWidget, QSplitter, QWidget

from napari_refusion.widgets.planes.closing import Closing
from napari_refusion.widgets.planes.cross_hair import CrossHair
from napari_refusion.widgets.planes.hanging import PLANES, shown_plane
from napari_refusion.widgets.planes.side_plane import SidePlane
from napari_refusion.widgets.probe.cursor_cross import find_canvas, find_window
from napari_refusion.widgets.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari.viewer import Viewer

    from napari_refusion.widgets.planes.click import Click

_SHARE: Final = 0.45
"""Of the height of canvas and planes together that the planes get."""


class ThreePlanes:
    """Axial, coronal and sagittal of one place: the viewer's own plane above, the two others below it in a dock."""

    docked = Signal(object)
    """Emitted with the planes when they are in the window."""
    leaving = Signal()
    """Emitted before they go."""

    def __init__(self, viewer: Viewer, panel: QWidget, clicked: Callable[[Click], object]) -> None:
        """Show planes in the window of a panel, and tell of each click on those below."""
        self._viewer, self._panel, self._clicked = viewer, panel, clicked
        self._planes: tuple[SidePlane, ...] = ()
        self._making, self._settling, self._leaving = Turns(panel), Turns(panel), Turns(panel)
        self._splitter: QSplitter | None = None
        """Owns the canvases from the first one on, and takes them with it.

        A canvas without a parent that is closed PySide6 leaves to Qt, whose loop deletes it later, if it runs at all.
        """
        self._dock: QDockWidget | None = None
        self._cross: CrossHair | None = None
        self._closing: Closing | None = None

    @property
    def planes(self) -> tuple[SidePlane, ...]:
        """Those below, while they are shown."""
        self._making.finish()
        return self._planes

    @property
    def is_shown(self) -> bool:
        """Whether the planes are in the window, or are being made; a dock may have been closed by its cross."""
        return self._making.is_running or (self._dock is not None and not self._dock.isHidden())

    def toggle(self) -> None:
        """Show the planes, or take them away."""
        if self.is_shown:
            self._leaving.begin(self._leave())
            return
        self.hide()
        if self._viewer.dims.ndim >= 3:
            self.show()

    def show(self) -> None:
        """Show the two other planes at the current place, with cross hairs in all three, as soon as they are made."""
        if self._closing is None and (window := find_window(self._panel)) is not None:
            self._closing = Closing(window)
            self._closing.begun.connect(self.hide)
        self._making.begin(self._make())

    def _make(self) -> Iterator[None]:
        """Make the planes, a canvas or a layer at a step, and show them with the last one."""
        self._splitter = splitter = QSplitter()
        for plane in self._others():
            side = SidePlane(self._viewer, plane, self._clicked)
            splitter.addWidget(side.widget)
            self._planes = (*self._planes, side)
            yield
            while not side.copy_next():
                yield
            yield
        self._dock_planes(splitter)

    def _dock_planes(self, splitter: QSplitter) -> None:
        canvas = find_canvas(self._panel)
        self._keep_corners()
        self._viewer.window.add_dock_widget(splitter, name="Planes", area="bottom")
        # what napari returns to a plugin is a proxy, which Qt does not take
        dock = splitter.parentWidget()
        assert isinstance(dock, QDockWidget)
        self._dock = dock
        dock.visibilityChanged.connect(self._close)
        self._settling.begin(self._settle())
        if canvas is not None:
            self._cross = CrossHair(canvas, self._viewer)
        self._viewer.dims.events.order.connect(self._exchange)
        self._exchange()
        self.docked.emit(self._planes)

    def hide(self) -> None:
        """Take the planes away at once; the viewer stays as it is."""
        self._leaving.finish()
        self._leaving.begin(self._leave())
        self._leaving.finish()

    def _leave(self) -> Iterator[None]:
        """Let nothing be seen any more, then free a plane at a step."""
        for turns in (self._making, self._settling):
            turns.stop()
        dock, self._dock = self._dock, None
        splitter, self._splitter = self._splitter, None
        planes, self._planes = self._planes, ()
        self.leaving.emit()
        if dock is not None:
            dock.visibilityChanged.disconnect(self._close)
            self._viewer.dims.events.order.disconnect(self._exchange)
            dock.hide()
        if self._cross is not None:
            self._cross.stop()
            self._cross = None
        for plane in planes:
            plane.stop()
            yield
        if dock is not None:
            self._viewer.window.remove_dock_widget(dock)
        del splitter  # not before, for what is stopped has its canvas still

    def _others(self) -> list[str]:
        shown = shown_plane(self._viewer.dims.order)
        return [plane for plane in PLANES if plane != shown][:2]

    def _exchange(self, _event: Any = None) -> None:  # noqa: ANN401 - napari's events have no common type
        """Show what the viewer has left below it: no plane is seen twice."""
        for side, plane in zip(self._planes, self._others(), strict=True):
            if side.plane != plane:
                side.show_plane(plane)

    def _close(self, is_visible: bool) -> None:
        if not is_visible and self._dock is not None and self._dock.isHidden():
            self.hide()

    def _keep_corners(self) -> None:
        """Put what comes below the canvas and not below the other docks, which need all of their height."""
        if (window := find_window(self._panel)) is None:
            return
        for corner, area in (
            (Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea),
            (Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea),
        ):
            window.setCorner(corner, area)

    def _settle(self) -> Iterator[None]:
        """Share the height between the canvas and the planes, then fit what is seen in them."""
        yield  # Qt gives a dock its height when it is shown
        window = find_window(self._panel)
        if self._dock is None or window is None or (centre := window.centralWidget()) is None:
            return
        height = centre.height() + self._dock.height()
        window.resizeDocks([self._dock], [round(_SHARE * height)], Qt.Orientation.Vertical)
        yield
        for plane in self._planes:
            plane.fit()
        self._viewer.fit_to_view()
