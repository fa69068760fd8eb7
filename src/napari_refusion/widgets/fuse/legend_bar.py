"""The colour bar of a coloured result: which colour stands for which value of which source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QLabel, QVBoxLayout, QWidget

from napari_refusion.widgets.review.colour_bar import ColourBar

if TYPE_CHECKING:
    from napari_refusion.fusion.colouring import Legend


class LegendBar(QWidget):
    """A palette between its two values, with unit and source; hidden while there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = QLabel()
        self.title.setWordWrap(True)
        self.colours = ColourBar()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.title)
        layout.addWidget(self.colours)
        self.hide()

    def show_legend(self, legend: Legend | None) -> None:
        """Show what the colours mean; None hides the bar."""
        self.setVisible(legend is not None)
        if legend is None:
            return
        self.colours.setVisible(bool(legend.palette))
        if not legend.palette:
            self.title.setText(f"Colours: those of {legend.source}")
            return
        kind = "" if legend.unit else ", arbitrary units"
        self.title.setText(f"Hue ({legend.palette.replace('_', ' ')}): {legend.source}{kind}")
        tip = (
            "Hue and strength of colour show this source on any brightness of the fused image, from white (above) to "
            "black; white is shown as light grey, so that its colour is seen"
        )
        self.colours.show_uptake(legend.palette, legend.window, legend.unit, tip)
