"""A widget that lies over all of napari's window but its menus, as long as it is there."""

from __future__ import annotations

from qtpy.QtCore import QEvent, QObject
from qtpy.QtWidgets import QMainWindow, QWidget


class WindowCover(QObject):
    """Gives a widget the size of its parent, if that is a window, and keeps it above what comes there later."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        if (parent := widget.parentWidget()) is not None:
            parent.installEventFilter(self)
        self._cover()

    def stop(self) -> None:
        """Follow the window no longer."""
        if (parent := self._widget.parentWidget()) is not None:
            parent.removeEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802 - Qt's name
        """Keep the size of the window, and above its docks; nothing is kept from it."""
        if event is not None and watched is self._widget.parent():
            if event.type() == QEvent.Type.Resize:
                self._cover()
            elif event.type() == QEvent.Type.ChildPolished:  # a dock that is about to be shown, on top of all
                self._widget.raise_()
        return False

    def _cover(self) -> None:
        parent = self._widget.parentWidget()
        if isinstance(parent, QMainWindow):
            menus = parent.menuBar()
            top = 0 if menus is None else menus.height()
            self._widget.setGeometry(0, top, parent.width(), parent.height() - top)
