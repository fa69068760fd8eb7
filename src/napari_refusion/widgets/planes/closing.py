"""Telling when a window is about to be closed."""

from __future__ import annotations

from qtpy.QtCore import QEvent, QObject, Signal


class Closing(QObject):
    """Watches a window; canvases that are left in it when it goes are never freed."""

    begun = Signal()
    """Emitted when the window is told to close, before anything of it goes."""

    def __init__(self, window: QObject) -> None:
        super().__init__(window)
        window.installEventFilter(self)

    def eventFilter(self, _window: QObject | None, event: QEvent | None) -> bool:  # noqa: N802 - Qt's name
        """Notice that the window is told to close; nothing is kept from it."""
        if event is not None and event.type() == QEvent.Type.Close:
            self.begun.emit()
        return False
