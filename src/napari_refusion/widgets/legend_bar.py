"""The colour bar of a coloured result: which colour stands for which value of which source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import Qt
from qtpy.QtGui import QImage, QPixmap
from qtpy.QtWidgets import QGridLayout, QLabel, QWidget

from napari_refusion.numerics.colour import palette_colours

if TYPE_CHECKING:
    from napari_refusion.fusion.colouring import Legend


_ROWS = 14
"""Pixels."""


class LegendBar(QWidget):
    """A palette between its two values, with unit and source; hidden while there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = QLabel()
        self.title.setWordWrap(True)
        self.bar = QLabel()
        self.bar.setFixedHeight(_ROWS)
        self.bar.setScaledContents(True)
        self.low, self.high = QLabel(), QLabel()
        self.high.setAlignment(Qt.AlignmentFlag.AlignRight)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setVerticalSpacing(2)
        layout.addWidget(self.title, 0, 0, 1, 2)
        layout.addWidget(self.bar, 1, 0, 1, 2)
        layout.addWidget(self.low, 2, 0)
        layout.addWidget(self.high, 2, 1)
        self.hide()

    def show_legend(self, legend: Legend | None) -> None:
        """Show what the colours mean; None hides the bar."""
        self.setVisible(legend is not None)
        if legend is None:
            return
        has_palette = bool(legend.palette)
        for part in (self.bar, self.low, self.high):
            part.setVisible(has_palette)
        if not has_palette:
            self.title.setText(f"Colours: those of {legend.source}")
            return
        unit = f" {legend.unit}" if legend.unit else ""
        kind = "" if unit else ", arbitrary units"
        self.title.setText(f"Hue ({legend.palette.replace('_', ' ')}): {legend.source}{kind}")
        self.low.setText(f"{legend.window.low:.4g}{unit}")
        self.high.setText(f"{legend.window.high:.4g}{unit}")
        self.bar.setPixmap(_painted(legend.palette))
        self.bar.setToolTip("The hue shows this source; the brightness is that of the fused image")


def _painted(palette: str) -> QPixmap:
    """Return the colours of a palette from left to right."""
    colours = palette_colours(np.linspace(0, 1, 256, dtype=np.float32), palette)
    # several rows: a picture one row high vanishes when Qt makes it narrower
    rows = np.round(np.repeat(colours[None], _ROWS, axis=0) * 255).astype(np.uint8).tobytes()
    image = QImage(rows, 256, _ROWS, 256 * 3, QImage.Format.Format_RGB888)
    return QPixmap.fromImage(image.copy())
