"""The colour bar of a functional source: which colour stands for which value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from qtpy.QtCore import Qt
from qtpy.QtGui import QImage, QPixmap
from qtpy.QtWidgets import QGridLayout, QLabel, QWidget

from napari_refusion.numerics.compare import colour_table

if TYPE_CHECKING:
    from napari_refusion.numerics.intensity import Window

_HEIGHT: Final = 14
"""Pixels."""


class ColourBar(QWidget):
    """A colour map between the two ends of a window, in the unit of the source."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bar = QLabel()
        self.bar.setFixedHeight(_HEIGHT)
        self.bar.setMinimumWidth(80)
        self.bar.setScaledContents(True)
        self.low, self.high = QLabel(), QLabel()
        self.high.setAlignment(Qt.AlignmentFlag.AlignRight)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setVerticalSpacing(2)
        layout.addWidget(self.bar, 0, 0, 1, 2)
        layout.addWidget(self.low, 1, 0)
        layout.addWidget(self.high, 1, 1)

    def show_map(self, colour_map: str, window: Window, unit: str, tip: str) -> None:
        """Show the colours of a source, and the ends of its window in its unit, empty for arbitrary units."""
        ending = f" {unit}" if unit else ""
        self.low.setText(f"{window.low:.4g}{ending}")
        self.high.setText(f"{window.high:.4g}{ending}")
        self.bar.setPixmap(_painted(colour_map))
        self.bar.setToolTip(tip)


def _painted(colour_map: str) -> QPixmap:
    """Return a colour map from its lowest value on the left to its highest."""
    table = np.rint(colour_table(colour_map) * 255).astype(np.uint8)
    # Qt 6.11 keeps the shape of a picture that it makes narrower: of a single row nothing is left
    rows = np.tile(table, (_HEIGHT, 1, 1))
    pixels = rows.tobytes()
    image = QImage(pixels, len(table), _HEIGHT, table.nbytes, QImage.Format.Format_RGB888)
    return QPixmap.fromImage(image.copy())
