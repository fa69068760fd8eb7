"""The colour bar of a functional source: which colour stands for which value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import Qt
from qtpy.QtGui import QImage, QPixmap
from qtpy.QtWidgets import QGridLayout, QLabel, QWidget
from superqt import QElidingLabel

from napari_refusion.numerics.colour_maps import colour_table
from napari_refusion.numerics.headroom import uptake_table
from napari_refusion.volume.figures import in_figures

if TYPE_CHECKING:
    from napari_refusion.numerics.intensity import Window

_HEIGHT: Final = 14
"""Pixels."""


class ColourBar(QWidget):
    """A colour map between the two ends of a window, in the unit of the source."""

    def __init__(self, parent: QWidget | None = None, *, is_flat: bool = False) -> None:
        """Make a bar above the ends of its window; a flat one stands between them in one line, behind its title."""
        super().__init__(parent)
        self._is_flat = is_flat
        self.bar = QLabel()
        self.bar.setFixedHeight(_HEIGHT)
        self.bar.setMinimumWidth(80)
        self.bar.setScaledContents(True)
        self.low, self.title, self.high = QLabel(), QElidingLabel(), QLabel()
        self.high.setAlignment(Qt.AlignmentFlag.AlignRight)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setVerticalSpacing(2)
        if is_flat:
            for column, part in enumerate((self.title, self.low, self.bar, self.high)):
                layout.addWidget(part, 0, column)
            layout.setColumnStretch(0, 1)
            layout.setColumnStretch(2, 1)
            return
        layout.addWidget(self.bar, 0, 0, 1, 2)
        layout.addWidget(self.low, 1, 0)
        layout.addWidget(self.high, 1, 1)

    def show_map(self, colour_map: str, window: Window, unit: str, tip: str) -> None:
        """Show the colours of a source, and the ends of its window in its unit, empty for arbitrary units."""
        # Qt 6.11 keeps the shape of a picture that it makes narrower: of a single row nothing is left
        self._show(np.tile(colour_table(colour_map), (_HEIGHT, 1, 1)), window, unit, tip)

    def show_uptake(self, palette: str, window: Window, unit: str, tip: str) -> None:
        """Show the colours of uptake in a coloured fused image, on the whole brightness: white above, black below."""
        brightness = np.rint(np.linspace(255, 0, _HEIGHT)).astype(np.intp)
        self._show(uptake_table(palette)[:, brightness].swapaxes(0, 1), window, unit, tip)

    def show_threshold(self, threshold: float | None) -> None:
        """Say below which value, in the unit of the bar, nothing is seen; None for nothing to say."""
        if threshold is not None:
            self.low.setText(f"{self.low.text()}, seen from {in_figures(threshold)}")

    def show_table(self, colours: NDArray[np.float32], window: Window, tip: str) -> None:
        """Show colours without a unit, (n, 3) in [0, 1] from the lowest value to the highest."""
        self._show(np.tile(colours, (_HEIGHT, 1, 1)), window, "", tip)

    def _show(self, colours: NDArray[np.float32], window: Window, unit: str, tip: str) -> None:
        """Show colours, (rows, columns, 3) in [0, 1], the lowest value on the left."""
        ending = f" {unit}" if unit else ""
        self.low.setText(f"{window.low:.4g}" if self._is_flat else f"{window.low:.4g}{ending}")
        self.high.setText(f"{window.high:.4g}{ending}")
        pixels = np.rint(colours * 255).astype(np.uint8)
        rows, columns = pixels.shape[:2]
        image = QImage(pixels.tobytes(), columns, rows, 3 * columns, QImage.Format.Format_RGB888)
        self.bar.setPixmap(QPixmap.fromImage(image.copy()))
        self.bar.setToolTip(tip)
