"""A line for a path, which may be dropped on it from a file manager."""

from __future__ import annotations

from pathlib import Path

from qtpy.QtCore import QMimeData
from qtpy.QtGui import QDragEnterEvent, QDropEvent
from qtpy.QtWidgets import QLineEdit


class PathLine(QLineEdit):
    """Takes the path of a dropped file or folder in place of its text, where Qt would insert its address, file:///..."""

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:  # noqa: N802 - Qt's name
        """Take one path, and text as any line does."""
        if event is not None and dropped_paths(event.mimeData()):
            event.acceptProposedAction()
        else:
            super().dragEnterEvent(event)

    def dropEvent(self, event: QDropEvent | None) -> None:  # noqa: N802
        """Show the first path that is dropped."""
        if event is not None and (paths := dropped_paths(event.mimeData())):
            self.setText(paths[0])
            event.acceptProposedAction()
        else:
            super().dropEvent(event)


def dropped_paths(mime: QMimeData | None) -> list[str]:
    """Return the files and folders that are dropped; none where something else is among them."""
    urls = [] if mime is None else mime.urls()
    return [str(Path(url.toLocalFile())) for url in urls] if all(url.isLocalFile() for url in urls) else []
