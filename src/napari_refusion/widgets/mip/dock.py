"""The button that opens the rotating projection beside the canvas, and its dock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from qtpy.QtCore import QObject, Qt, QTimer
from qtpy.QtWidgets import QDockWidget, QMainWindow, QPushButton, QWidget

from napari_refusion.widgets.keys import KEYS, Key, key_for, said_where_not
from napari_refusion.widgets.mip.panel import ProjectionPanel
from napari_refusion.widgets.planes.closing import Closing
from napari_refusion.widgets.probe.cursor_cross import find_window

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari.viewer import Viewer

    from napari_refusion.session.projection import ProjectionSession
    from napari_refusion.widgets.mip.frames import Mark

_WIDTH: Final = 250
"""Pixels of the view: a body is tall."""

_LIST: Final = "layer list"
"""Object name of napari's dock."""


class ProjectionDock(QObject):
    """Opens the projection of the pair in a dock of its own beside the canvas, and closes it."""

    def __init__(self, viewer: Viewer, session: ProjectionSession, owner: QWidget) -> None:
        super().__init__(owner)
        self._viewer, self._session, self._owner = viewer, session, owner
        self.panel: ProjectionPanel | None = None
        """The view, while it is shown."""
        self._marks: tuple[Mark, ...] = ()
        self._dock: QDockWidget | None = None
        self._widths: dict[str, int] = {}
        """Of the docks that stood at the sides before the view was opened, by their names, in pixels."""
        self._closing: Closing | None = None
        self.button = QPushButton("MIP")
        self.button.setCheckable(True)
        self.button.clicked.connect(self.toggle)

    def start(self) -> None:
        """Begin to follow the pair."""
        self._session.changed.connect(self._follow)
        self._follow()

    def stop(self) -> None:
        """Take the view away, and follow no pair."""
        self.hide()
        self._session.changed.disconnect(self._follow)

    def keys(self, say: Callable[[str], object]) -> tuple[Key, ...]:
        """Return the key of the button; `say` shows why there is no projection."""
        own = (key_for("projection", self.toggle),)
        return said_where_not(own, lambda: "" if self._dock is not None else self._session.reason, say)

    def set_marks(self, marks: Sequence[Mark]) -> None:
        """Mark lesions by their numbers from now on, also when the view is opened later."""
        self._marks = tuple(marks)
        if self.panel is not None:
            self.panel.set_marks(self._marks)

    def toggle(self) -> None:
        """Show the view, or take it away."""
        if self._dock is not None:
            self.hide()
        elif not self._session.reason:
            self.show()
        self._follow()

    def show(self) -> None:
        """Show the projection from the front."""
        window = find_window(self._owner)
        self._widths = {} if window is None else {dock.objectName(): dock.width() for dock in _docks_beside(window)}
        self.panel = ProjectionPanel(self._viewer, self._session)
        self._viewer.window.add_dock_widget(self.panel, name="MIP", area="left")
        # what napari returns to a plugin is a proxy, which Qt does not take
        dock = self.panel.parentWidget()
        assert isinstance(dock, QDockWidget)
        self._dock = dock
        if window is not None:
            _place(window, dock)
            QTimer.singleShot(0, self._lay_out)
            if self._closing is None:
                self._closing = Closing(window)
                self._closing.begun.connect(self.hide)
        dock.visibilityChanged.connect(self._close)
        self.panel.set_marks(self._marks)
        self.panel.start()

    def hide(self) -> None:
        """Take the view away, and stop what is prepared for it."""
        dock, self._dock = self._dock, None
        panel, self.panel = self.panel, None
        if dock is None or panel is None:
            return
        dock.visibilityChanged.disconnect(self._close)
        panel.stop()
        self._viewer.window.remove_dock_widget(dock)
        QTimer.singleShot(0, self._lay_out)
        self._follow()

    def _close(self, is_visible: bool) -> None:
        if not is_visible and self._dock is not None and self._dock.isHidden():
            self.hide()

    def _lay_out(self) -> None:
        """Give the view its width, and the other docks theirs: Qt takes from one of them and gives to another."""
        window = find_window(self._owner)
        if window is None:
            return
        named = {dock.objectName(): dock for dock in _docks_beside(window)}
        widths = {named[name]: width for name, width in self._widths.items() if name in named}
        if self._dock is not None:
            widths[self._dock] = _WIDTH
        window.resizeDocks(list(widths), list(widths.values()), Qt.Orientation.Horizontal)

    def _follow(self) -> None:
        """Say on the button why there is no projection."""
        is_shown = self._dock is not None
        self.button.setEnabled(is_shown or not self._session.reason)
        self.button.setChecked(is_shown)
        what = f"The rotating maximum-intensity projection of PET or SPECT ({KEYS['projection'][0]})"
        self.button.setToolTip(self._session.reason or what)


def _docks_beside(window: QMainWindow) -> list[QDockWidget]:
    """Return the docks that stand at the left and the right of a window, in sight."""
    areas = (Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea)
    docks = [dock for dock in window.findChildren(QDockWidget) if dock.isVisible() and not dock.isFloating()]
    return [dock for dock in docks if window.dockWidgetArea(dock) in areas]


def _place(window: QMainWindow, dock: QDockWidget) -> None:
    """Put a dock between layers and canvas, as high as the window; on a small screen as a tab on the list of layers."""
    left = Qt.DockWidgetArea.LeftDockWidgetArea
    screen = window.screen()
    others = window.minimumSizeHint().width()
    listed = window.findChild(QDockWidget, _LIST)
    window.addDockWidget(left, dock, Qt.Orientation.Horizontal)
    has_room = screen is None or others + _WIDTH <= screen.availableSize().width()
    if not has_room and listed is not None and window.dockWidgetArea(listed) == left:
        window.tabifyDockWidget(listed, dock)
    dock.show()
    dock.raise_()
