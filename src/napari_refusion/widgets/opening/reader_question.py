"""napari's question which plugin reads a file: its own reader is chosen in it, which fails on scans."""

from __future__ import annotations

from typing import Final

from npe2 import PluginManager
from qtpy.QtCore import QChildEvent, QEvent, QObject
from qtpy.QtWidgets import QDialog, QRadioButton, QWidget

from napari_refusion.widgets.opening.dropped import NAPARI, OURS
from napari_refusion.widgets.probe.cursor_cross import find_canvas

_QUESTION: Final = "Choose reader"
"""What napari calls its dialog, `napari._qt.dialogs.qt_reader_dialog.QtReaderDialog`."""


class ReaderQuestion(QObject):
    """Chooses this plugin in napari's question, from `start` to `stop`, where nobody else reads the scan well.

    The question stays: *File > Open*, *Open with Plugin* and a drop with Alt ask, and Enter is the right answer.
    """

    def __init__(self, panel: QWidget) -> None:
        """Follow the window that a panel lies in."""
        super().__init__(panel)
        self._panel = panel
        self._is_on = False

    def start(self) -> None:
        """Begin to wait for the question, where the panel is in a window already; twice does nothing."""
        self._is_on = True
        around = find_canvas(self._panel)
        while around is not None:
            around.installEventFilter(self)
            around = around.parentWidget()

    def stop(self) -> None:
        """Leave the question as napari asks it."""
        self._is_on = False

    def eventFilter(self, _widget: QObject | None, event: QEvent | None) -> bool:  # noqa: N802 - Qt's name
        """Look at each dialog that is about to be shown."""
        if self._is_on and isinstance(event, QChildEvent) and event.type() == QEvent.Type.ChildPolished:
            dialog = event.child()
            if isinstance(dialog, QDialog) and dialog.objectName() == _QUESTION:
                _choose_ours(dialog)
        return False


def _choose_ours(dialog: QDialog) -> None:
    """Choose this plugin, where napari itself is all that it is offered beside and the file is one that it reads."""
    from napari_refusion.widgets.contributions import get_reader

    shown = {button.text(): button for button in dialog.findChildren(QRadioButton)}
    plugins = PluginManager.instance()
    ours, napari = (plugins.get_manifest(name).display_name for name in (OURS, NAPARI))
    path = getattr(dialog, "_current_file", "")
    if set(shown) == {ours, napari} and path and get_reader(path) is not None:
        shown[ours].setChecked(True)
