"""The list of keys in a window of its own, no larger than the screen."""

from __future__ import annotations

from collections.abc import Mapping

from qtpy.QtCore import QSize, Qt
from qtpy.QtWidgets import QDialog, QDialogButtonBox, QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from napari_refusion.widgets.screen_room import below_title


class KeyList(QDialog):
    """Shows what each key does; napari stays usable meanwhile, and closing it deletes it.

    Parameters
    ----------
    sentences
        What each key does, in the order of the list. Keys that do the same share a line.
    """

    def __init__(self, sentences: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys of ReFusion")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        keys: dict[str, list[str]] = {}
        for key, sentence in sentences.items():
            keys.setdefault(sentence, []).append(key)
        self.words = QLabel("\n".join(f"{', '.join(names)}: {sentence}" for sentence, names in keys.items()))
        self.area = QScrollArea()
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidget(self.words)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok)
        self.buttons.accepted.connect(self.accept)
        layout = QVBoxLayout(self)
        layout.addWidget(self.area)
        layout.addWidget(self.buttons)

    def fit(self, available: QSize) -> None:
        """Become as large as the list and its button, or as the room on a screen, in pixels: then it scrolls."""
        self.ensurePolished()  # else these are the sizes of letters in which it is not shown
        self.words.adjustSize()
        if (layout := self.layout()) is not None:
            layout.activate()
        wanted = self.size() + self.words.size() - self.area.maximumViewportSize()
        room = below_title(available)
        bar = self.area.verticalScrollBar()
        if bar is not None and wanted.height() > room.height():
            wanted += QSize(bar.sizeHint().width(), 0)
        self.resize(wanted.boundedTo(room))
