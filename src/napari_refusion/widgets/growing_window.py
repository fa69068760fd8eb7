"""A window that grows with what its docks show, and stays within its screen."""

from __future__ import annotations

from qtpy.QtCore import QEvent, QObject
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QWidget


class GrowsUpwards(QObject):
    """Moves a window up where it grew over the lower edge of its screen: the foot of a page was out of sight there.

    Qt makes a window higher where a page needs it, and leaves its upper edge where it is.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        window.installEventFilter(self)

    def eventFilter(self, window: QObject | None, event: QEvent | None) -> bool:  # noqa: N802 - Qt's name
        """Look at a window that has become higher; nothing is kept from it."""
        if isinstance(event, QResizeEvent) and isinstance(window, QWidget) and window.isVisible():
            grew, screen = event.size().height() > event.oldSize().height() >= 0, window.screen()
            if grew and screen is not None and not window.isMaximized() and not window.isFullScreen():
                seen = screen.availableGeometry()
                beyond = window.frameGeometry().bottom() - seen.bottom()
                if beyond > 0 and window.y() > seen.top():
                    window.move(window.x(), max(window.y() - beyond, seen.top()))
        return False
