"""What a viewer does in its next turn: whoever hands it over waits until this one is over."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QWidget

from napari_refusion.widgets.probe.cursor_cross import find_window

if TYPE_CHECKING:
    from napari.viewer import Viewer


def in_next_turn(viewer: Viewer, do: Callable[[], object]) -> None:
    """Do something in the next turn of a viewer's window; nothing if that was closed meanwhile."""
    window = find_window(viewer.window.main_menu)
    if window is None:
        return
    was_seen = window.isVisible()
    soon = QTimer(window)  # a child: it ends with the window
    soon.setSingleShot(True)

    def turn() -> None:
        parent = soon.parent()  # asked for, not kept: window and timer would keep each other
        if isinstance(parent, QWidget) and (parent.isVisible() or not was_seen):
            do()

    soon.timeout.connect(turn)
    soon.timeout.connect(soon.deleteLater)
    soon.start(0)
