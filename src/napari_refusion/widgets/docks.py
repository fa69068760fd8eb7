"""The docks of this plugin in napari's window: tabs of one another, for two below each other are too high."""

from __future__ import annotations

from typing import Final

from qtpy.QtCore import QSize, QTimer
from qtpy.QtWidgets import QDockWidget, QMainWindow, QWidget

from napari_refusion.widgets.probe.cursor_cross import find_canvas, find_window
from napari_refusion.widgets.screen_room import below_title

SHOWN_AS: Final = "(napari-refusion)"
"""What napari writes behind the name of a plugin's dock: its menu the name by which the manifest shows the plugin,
`Window.add_plugin_dock_widget` and ``napari --with`` the name of the package. The manifest makes them one."""

_SMALLEST: Final = QSize(1280, 720)
"""Pixels of the screen that the pages are laid out for."""

_VIEW: Final = 416
"""Pixels of width in which napari's messages, 400 of them, are seen whole."""


def dock_of(widget: QWidget) -> QDockWidget | None:
    """Return the dock that a widget is in, None for none."""
    above = widget.parentWidget()
    while above is not None and not isinstance(above, QDockWidget):
        above = above.parentWidget()
    return above


def lie_as_tab(widget: QWidget) -> None:
    """Make the dock of a widget a tab of the plugin's other docks that stand in the same area, and bring it in front.

    A dock that floats, or stands elsewhere, was put there by the user. A window that grew beyond the screen with the
    dock is made to fit.
    """
    window, own = find_window(widget), dock_of(widget)
    if window is None or own is None or own.isFloating():
        return
    for other in window.findChildren(QDockWidget):
        is_ours = other is not own and other.objectName().endswith(SHOWN_AS) and other.isVisible()
        is_beside = not other.isFloating() and window.dockWidgetArea(other) == window.dockWidgetArea(own)
        if is_ours and is_beside and own not in window.tabifiedDockWidgets(other):
            window.tabifyDockWidget(other, own)
            own.raise_()
            _fit(window)
            break
    _FitSoon(window)


class _FitSoon(QTimer):
    """Fits a window a turn later: `napari --with` shows docks and window at once, then gives the window its size."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self.setSingleShot(True)
        self.timeout.connect(self._fit)
        self.start(0)

    def _fit(self) -> None:
        window = self.parent()  # not held: it may be closed before
        if isinstance(window, QMainWindow):
            _fit(window)
        self.deleteLater()


def _fit(window: QMainWindow) -> None:
    """Take back what a window is larger than its screen, or than all where it lies on several, and show it whole.

    napari's first window is as large as its docks wish: 1632 pixels wide on a screen of 1280.
    """
    screen, layout = window.screen(), window.layout()
    if screen is None or layout is None or window.isMaximized() or window.isFullScreen():
        return
    layout.activate()
    room = screen.availableVirtualSize().expandedTo(_SMALLEST)
    if window.size().boundedTo(room) == window.size():
        return
    # one that grew in height alone, while docks lay below each other, was as high as its user made it
    is_first = window.width() > room.width()
    window.resize(window.size().boundedTo(below_title(room) if is_first else room))
    seen = screen.availableVirtualGeometry()
    beyond = window.frameGeometry().bottomRight() - seen.bottomRight()
    window.move(max(window.x() - max(beyond.x(), 0), seen.left()), max(window.y() - max(beyond.y(), 0), seen.top()))


def make_room_for_view(widget: QWidget) -> None:
    """Widen the window of a dock within its screen where the view beside it would cut off napari's messages.

    napari's first window is 1089 pixels wide on a screen of 1280, of which the docks leave 282.
    """
    window, canvas = find_window(widget), find_canvas(widget)
    if window is None or canvas is None or (screen := window.screen()) is None:
        return
    lacking, available = _VIEW - canvas.width(), screen.availableGeometry()
    if lacking <= 0 or not window.isVisible() or window.isMaximized() or window.isFullScreen():
        return
    window.resize(min(window.width() + lacking, max(available.width(), window.width())), window.height())
    beyond = window.frameGeometry().right() - available.right()
    if beyond > 0:
        window.move(max(window.x() - beyond, available.left()), window.y())
