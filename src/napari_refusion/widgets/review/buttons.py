"""Small buttons and labels of the Review page; none takes the keys away from the review."""

from __future__ import annotations

from typing import Final

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

NO_KEYS = Qt.FocusPolicy.NoFocus

_BORDERS: Final = 14
"""Pixels to the left and right of a text, together."""

_ARROW: Final = 14
"""Pixels of the arrow that says that there is a menu."""


def button(text: str, tip: str) -> QPushButton:
    """Return a button that gets as narrow as it must."""
    made = QPushButton(text)
    made.setToolTip(tip)
    made.setFocusPolicy(NO_KEYS)
    made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    return made


def row(*parts: QPushButton) -> QHBoxLayout:
    """Return buttons beside each other; the longer a text, the wider its button."""
    layout = QHBoxLayout()
    layout.setSpacing(3)
    for part in parts:
        layout.addWidget(part, stretch=_needed(part))
    return layout


def _needed(made: QPushButton) -> int:
    """Return the width of a button's text and of what stands around it; Qt's own hint is the same for short texts."""
    around = _BORDERS if made.menu() is None else _BORDERS + _ARROW
    return made.fontMetrics().horizontalAdvance(made.text()) + around


def column(owner: QWidget) -> QVBoxLayout:
    """Return the layout of a widget whose parts stand close below each other."""
    layout = QVBoxLayout(owner)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(4)
    return layout


def wrapped_label(style: str = "") -> QLabel:
    """Return a label that breaks its lines."""
    label = QLabel()
    label.setWordWrap(True)
    label.setStyleSheet(style)
    return label


def show_text(label: QLabel, text: str) -> None:
    """Show a text in a label, which takes no room without one; long names of files may be broken after a ``_``."""
    label.setText(text.replace("_", "_\u200b"))
    label.setVisible(bool(text))
