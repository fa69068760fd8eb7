"""The list of keys in a window of its own, no larger than the screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from qtpy.QtCore import QSize, Qt
from qtpy.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from napari_refusion.widgets.screen_room import below_title

_GAP: Final = 24
"""Pixels between two columns."""


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
        self.lines = tuple(f"{', '.join(names)}: {sentence}" for sentence, names in keys.items())
        self.words, self._columns = QWidget(), (QLabel(), QLabel())
        beside = QHBoxLayout(self.words)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(_GAP)
        for column in self._columns:
            column.setAlignment(Qt.AlignmentFlag.AlignTop)
            beside.addWidget(column)
        self._arrange(1)
        self.area = QScrollArea()
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidget(self.words)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok)
        self.buttons.accepted.connect(self.accept)
        layout = QVBoxLayout(self)
        layout.addWidget(self.area)
        layout.addWidget(self.buttons)

    def fit(self, available: QSize) -> None:
        """Become as large as the list and its button, or as the room on a screen, in pixels: then it scrolls.

        What is too high for the room stands in two columns.
        """
        self.ensurePolished()  # else these are the sizes of letters in which it is not shown
        room = below_title(available)
        wanted = self._wanted()
        if wanted.height() > room.height():
            self._arrange(2)
            wanted = self._wanted()
        bar = self.area.verticalScrollBar()
        if bar is not None and wanted.height() > room.height():
            wanted += QSize(bar.sizeHint().width(), 0)
        self.resize(wanted.boundedTo(room))

    def _arrange(self, count: int) -> None:
        """Let the lines stand in so many columns."""
        rows = -(-len(self.lines) // count)
        for place, column in enumerate(self._columns):
            column.setText("\n".join(self.lines[place * rows : (place + 1) * rows]))
            column.setVisible(place < count)

    def _wanted(self) -> QSize:
        """Return the size at which nothing scrolls."""
        for column in self._columns:
            column.ensurePolished()
        self.words.adjustSize()
        if (layout := self.layout()) is not None:
            layout.activate()
        return self.size() + self.words.size() - self.area.maximumViewportSize()
