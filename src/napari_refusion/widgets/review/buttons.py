"""Small buttons and labels of the Review page; none takes the keys away from the review."""

from __future__ import annotations

from typing import Final

from qtpy.QtCore import QSize, Qt
from qtpy.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QVBoxLayout,
    QWidget,
)

NO_KEYS = Qt.FocusPolicy.NoFocus

_BORDERS: Final = 14
"""Pixels to the left and right of a text, together."""

_ARROW: Final = 14
"""Pixels of the arrow that says that there is a menu."""


class SlimButton(QPushButton):
    """A button that is never narrower than its text, and may be as narrow; Qt's own are all as wide as a long word."""

    def __init__(self, text: str, tip: str) -> None:
        super().__init__(text)
        self.setToolTip(tip)
        self.setFocusPolicy(NO_KEYS)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the size of the text, whatever the size of the letters, and of what stands around it.

        Qt keeps the first height that it gave, and gives two pixels more to a button that is out of use then, for
        napari's border around it. Whether that is so when a page is laid out is by chance, and the rows below moved.
        """
        self.ensurePolished()
        around = _BORDERS if self.menu() is None else _BORDERS + _ARROW
        words, option = self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, self.text()), QStyleOptionButton()
        self.initStyleOption(option)
        option.state |= QStyle.StateFlag.State_Enabled
        style = self.style()
        assert style is not None  # a widget always has one
        drawn = style.sizeFromContents(QStyle.ContentsType.CT_PushButton, option, words, self)
        return QSize(words.width() + around, drawn.height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return the same: a word that is cut is no button."""
        return self.sizeHint()


def button(text: str, tip: str) -> SlimButton:
    """Return a button that gets as narrow as its text."""
    return SlimButton(text, tip)


def row(*parts: QWidget) -> QHBoxLayout:
    """Return widgets beside each other; the longer a text, the wider its button."""
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
    """Show a text in a label, which takes no room without one; long names of files may be broken after a ``_``."""
    label.setText(text.replace("_", "_\u200b"))
    label.setVisible(bool(text))
