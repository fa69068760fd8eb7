"""The one window of the follow-up that belongs to a Fuse widget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject
from qtpy.QtWidgets import QWidget

from napari_refusion.session.follow_up.baseline import BaselineLesions
from napari_refusion.widgets.planes.closing import Closing
from napari_refusion.widgets.probe.cursor_cross import find_window

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_refusion.session.lesions.session import LesionSession
    from napari_refusion.widgets.follow_up.window import FollowUpWindow


class FollowUpOpening(QObject):
    """Opens the window, and closes it with the Fuse widget."""

    def __init__(self, viewer: Viewer, later: LesionSession, owner: QWidget) -> None:
        super().__init__(owner)
        self._viewer, self._later, self._owner = viewer, later, owner
        self._lists = BaselineLesions()  # the window lies over napari's: the reader closes it to go on there
        self._closing: Closing | None = None
        self.window: FollowUpWindow | None = None
        """While it is open."""

    def open(self) -> None:
        """Show the window, in front."""
        from napari_refusion.widgets.follow_up.window import FollowUpWindow

        main = find_window(self._owner)
        if self.window is None:
            self.window = FollowUpWindow(self._viewer, self._later, main, self._lists)
            self.window.closed.connect(self._forget)
            if main is not None and self._closing is None:
                self._closing = Closing(main)  # canvases that are left when it goes are never freed
                self._closing.begun.connect(self.stop)
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()

    @property
    def has_lesions(self) -> bool:
        """Whether lesions of a baseline are kept, until napari is closed."""
        return self._lists.are_drawn

    def start(self) -> None:
        """Do nothing: the reader opens it."""

    def stop(self) -> None:
        """Close the window."""
        if self.window is not None:
            self.window.close()

    def _forget(self) -> None:
        self.window = None
