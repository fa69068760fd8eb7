"""Scans that are dropped into a window: napari takes them on its canvas alone, and asks which plugin reads them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from napari.plugins.utils import get_preferred_reader
from napari.utils.notifications import show_warning
from npe2 import PluginManager
from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtGui import QDropEvent
from qtpy.QtWidgets import QLineEdit, QMainWindow, QWidget

from napari_refusion.cohort.case_manifest import is_manifest
from napari_refusion.volume.finding import RefusedError
from napari_refusion.widgets.opening.next_turn import in_next_turn
from napari_refusion.widgets.path_line import PathLine, dropped_paths
from napari_refusion.widgets.probe.cursor_cross import find_canvas, find_window
from napari_refusion.widgets.worklist.opened import worklist_of

if TYPE_CHECKING:
    from napari.viewer import Viewer

OURS: Final = "napari-refusion"

NAPARI: Final = "napari"
"""The name of what napari brings itself. It fails on NIfTI, and knows of no DICOM where it lies in the patient."""


class DroppedScans(QObject):
    """Opens what is dropped into the window with this plugin where nobody else reads it well, from `start` to `stop`.

    Docks, further planes and the list of layers take it as the canvas does, and hand napari what is napari's. It asks
    before each kind of file, with its own reader chosen. What the user said there once holds, and so does a key that is
    held: Alt asks, Shift makes one layer of several files.
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
        if (window := find_window(self._panel)) is not None:
            window.setAcceptDrops(True)  # what no widget below the mouse takes comes to it
            window.installEventFilter(self)
        # napari's welcome lies on the canvas, the viewer around it
        lines = [line for line in self._panel.findChildren(QLineEdit) if not isinstance(line, PathLine)]
        for one in (*canvas.findChildren(QWidget), *_takers_around(canvas), *lines):
            one.installEventFilter(self)

    def stop(self) -> None:
        """Leave everything to napari."""
        self._is_on = False

    def eventFilter(self, widget: QObject | None, event: QEvent | None) -> bool:  # noqa: N802 - Qt's name
        """Take scans that are dropped, and let napari have everything else."""
        if not self._is_on or not isinstance(event, QDropEvent):
            return False
        is_window = isinstance(widget, QMainWindow)
        if event.type() == QEvent.Type.DragEnter and (is_window or isinstance(widget, QLineEdit)):
            has_paths = bool(dropped_paths(event.mimeData()))
            event.setAccepted(is_window and has_paths)  # a line would insert the address of a file
            return is_window or has_paths
        if event.type() != QEvent.Type.Drop or (window := find_window(self._panel)) is None:
            return False
        window.raise_()  # else napari's current viewer, which a reader is called for, may be another one
        if self._takes(event):
            return True
        if is_window and (canvas := find_canvas(self._panel)) is not None:
            for taker in _takers_around(canvas):
                taker.dropEvent(event)  # sent as an event, it would come back here
        return is_window

    def _takes(self, event: QDropEvent) -> bool:
        """Open what is dropped if it is ours to open, and return whether it is."""
        paths = dropped_paths(event.mimeData())
        if event.modifiers() != Qt.KeyboardModifier.NoModifier or not paths:
            return False
        if len(paths) == 1 and is_manifest(manifest := Path(paths[0])):  # of a .csv napari would make points
            event.acceptProposedAction()
            in_next_turn(self._viewer, lambda: worklist_of(self._viewer, manifest))
            return True
        if not all(map(_would_be_asked, paths)):
            return False
        from napari_refusion.widgets.contributions import get_reader

        if get_reader(paths) is None:
            return False
        event.acceptProposedAction()
        in_next_turn(self._viewer, lambda: self._open(paths))  # whoever dropped them waits until this returns
        return True

    def _open(self, paths: list[str]) -> None:
        try:
            self._viewer.open(paths, plugin=OURS)
        except RefusedError as error:
            show_warning(str(error))
        except FileNotFoundError:  # napari looks for them before it asks a reader
            gone = next((path for path in paths if not Path(path).exists()), None)
            if gone is None:
                raise
            show_warning(f"Drop it again once its drive is connected: there is no file {gone}.")


def _takers_around(canvas: QWidget) -> list[QWidget]:
    """Return what takes drops for napari around its canvas, the window left out: its viewer."""
    takers, one = [], canvas.parentWidget()
    while one is not None and not one.isWindow():
        takers += [one] if one.acceptDrops() else []
        one = one.parentWidget()
    return takers


def _would_be_asked(path: str) -> bool:
    """Return whether nothing is said of such a file yet, and this plugin and napari itself are all that read it."""
    readers = {reader.plugin_name for reader in PluginManager.instance().iter_compatible_readers([path])}
    return readers == {OURS, NAPARI} and get_preferred_reader(path) is None
