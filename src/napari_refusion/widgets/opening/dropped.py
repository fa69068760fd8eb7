"""Scans that are dropped into a window: napari would ask which plugin reads them, for its own claims them, too."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from napari.plugins.utils import get_preferred_reader
from napari.utils.notifications import show_warning
from npe2 import PluginManager
from qtpy.QtCore import QEvent, QObject, Qt, QTimer
from qtpy.QtGui import QDropEvent
from qtpy.QtWidgets import QWidget

from napari_refusion.volume.finding import RefusedError
from napari_refusion.widgets.probe.cursor_cross import find_canvas

if TYPE_CHECKING:
    from napari.viewer import Viewer

OURS: Final = "napari-refusion"

NAPARI: Final = "napari"
"""The name of what napari brings itself. It fails on NIfTI, and knows of no DICOM where it lies in the patient."""


class DroppedScans(QObject):
    """Opens what is dropped on the canvas with this plugin where nobody else reads it well, from `start` to `stop`.

    napari asks before each kind of file, with its own reader chosen. What the user said there once holds, and so does a
    key that is held: Alt asks, Shift makes one layer of several files.
    """

    def __init__(self, viewer: Viewer, panel: QWidget) -> None:
        """Follow the window that a panel lies in."""
        super().__init__(panel)
        self._viewer, self._panel = viewer, panel
        self._is_on = False

    def start(self) -> None:
        """Begin to look at what is dropped, where the panel is in a window already; twice does nothing."""
        self._is_on = True
        canvas = find_canvas(self._panel)
        if canvas is None:
            return
        # napari's welcome lies on the canvas, the viewer around it
        around, taker = canvas.findChildren(QWidget), canvas.parentWidget()
        while taker is not None:
            around, taker = [*around, taker], taker.parentWidget()
        for one in around:
            if one.acceptDrops():
                one.installEventFilter(self)

    def stop(self) -> None:
        """Leave everything to napari."""
        self._is_on = False

    def eventFilter(self, _widget: QObject | None, event: QEvent | None) -> bool:  # noqa: N802 - Qt's name
        """Take scans that are dropped, and let napari have everything else."""
        if not self._is_on or event is None or event.type() != QEvent.Type.Drop or not isinstance(event, QDropEvent):
            return False
        paths = _paths(event)
        if event.modifiers() != Qt.KeyboardModifier.NoModifier or not paths or not all(map(_would_be_asked, paths)):
            return False
        from napari_refusion.widgets.contributions import get_reader

        if get_reader(paths) is None:
            return False
        event.acceptProposedAction()
        QTimer.singleShot(0, lambda: self._open(paths))  # whoever dropped them waits until this returns
        return True

    def _open(self, paths: list[str]) -> None:
        try:
            self._viewer.open(paths, plugin=OURS)
        except RefusedError as error:
            show_warning(str(error))


def _paths(event: QDropEvent) -> list[str]:
    """Return the files and folders that are dropped; none where something else is among them."""
    mime = event.mimeData()
    urls = [] if mime is None else mime.urls()
    return [str(Path(url.toLocalFile())) for url in urls] if all(url.isLocalFile() for url in urls) else []


def _would_be_asked(path: str) -> bool:
    """Return whether nothing is said of such a file yet, and this plugin and napari itself are all that read it."""
    readers = {reader.plugin_name for reader in PluginManager.instance().iter_compatible_readers([path])}
    return readers == {OURS, NAPARI} and get_preferred_reader(path) is None
