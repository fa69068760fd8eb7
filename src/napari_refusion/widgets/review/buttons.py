"""Small buttons and labels of the Review page; none takes the keys away from the review."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

NO_KEYS = Qt.FocusPolicy.NoFocus


def button(text: str, tip: str) -> QPushButton:
    """Return a button that gets as narrow as it must."""
    made = QPushButton(text)
    made.setToolTip(tip)
    made.setFocusPolicy(NO_KEYS)
    made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    return made


def row(*parts: QWidget) -> QHBoxLayout:
    """Return parts beside each other."""
    layout = QHBoxLayout()
    layout.setSpacing(3)
    for part in parts:
        layout.addWidget(part)
    return layout


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
    """Show a text in a label, which takes no room without one."""
    label.setText(text)
    label.setVisible(bool(text))
