"""The colour of a lesion or a region beside its words."""

from typing import Final

from qtpy.QtGui import QColor, QIcon, QPixmap

SIZE: Final = 10
"""Pixels."""


def swatch(colour: QColor) -> QIcon:
    """Return a square of a colour, the same on a line that is chosen: Qt tints other icons there, to another colour."""
    square = QPixmap(SIZE, SIZE)
    square.fill(colour)
    icon = QIcon()
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
        icon.addPixmap(square, mode)
    return icon
