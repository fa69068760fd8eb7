"""The mouse while lesions are added by clicks: on in every plane until it is switched off or Escape is pressed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, Qt, Signal
from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import QShortcut, QWidget

from napari_refusion.widgets.planes.click import clicks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari.viewer import Viewer

    from napari_refusion.widgets.planes.click import Click


class Clicking(QObject):
    """Tells of clicks while it is on; panning, zooming and the window's drag go on as before."""

    clicked = Signal(object)
    """Emitted with a `Click`."""
    switched = Signal(bool)
    """Emitted when it is switched on or off."""

    def __init__(self, viewer: Viewer, owner: QWidget) -> None:
        super().__init__(owner)
        self._viewer = viewer
        self.is_on = False
        # at the level of the application: the canvas, which has the focus after a click, hands no key on
        self._leave = QShortcut(QKeySequence("Escape"), owner)
        self._leave.setContext(Qt.ShortcutContext.ApplicationShortcut)
        self._leave.activated.connect(lambda: self.switch(on=False))
        self._leave.setEnabled(False)

    def switch(self, *, on: bool) -> None:
        """Listen from now on, or no longer."""
        if on == self.is_on:
            return
        self.is_on = on
        self._leave.setEnabled(on)
        if on:
            self._rest_tools()
            self._viewer.mouse_drag_callbacks.append(self._press)
        elif self._press in self._viewer.mouse_drag_callbacks:
            self._viewer.mouse_drag_callbacks.remove(self._press)
        self.switched.emit(on)

    def take(self, click: Click) -> None:
        """Tell of a click on a canvas beside the viewer's own."""
        if self.is_on:
            self.clicked.emit(click)

    def _press(self, viewer: Viewer, event: Any) -> Iterator[None]:  # noqa: ANN401 - a read-only wrapper
        if self._holds_tool():
            # a dab of a brush that was taken up meanwhile would paint and add a lesion
            yield  # the press calls all callbacks in turn: none is taken away before it is over
            self.switch(on=False)
            return
        for click in clicks(viewer, event, list(viewer.layers)):
            if click is None:
                yield
            else:
                self.clicked.emit(click)

    def _holds_tool(self) -> bool:
        """Return whether the active layer has a brush, an eraser or a pen in hand."""
        active = self._viewer.layers.selection.active
        return active is not None and active.mode != "pan_zoom"

    def _rest_tools(self) -> None:
        """Put brushes and pens down, which would paint where is clicked."""
        active = self._viewer.layers.selection.active
        if active is not None and self._holds_tool():
            active.mode = "pan_zoom"
