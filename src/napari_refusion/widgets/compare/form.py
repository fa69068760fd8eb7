"""The boxes of the Compare page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from napari_refusion.numerics.colour_maps import COLOUR_MAPS
from napari_refusion.session.compare import MOST_PER_SECOND
from napari_refusion.widgets.compare.threshold_box import ThresholdBox
from napari_refusion.widgets.number_box import NumberBox
from napari_refusion.widgets.review.colour_bar import ColourBar
from napari_refusion.widgets.typed_line import end_by_enter

if TYPE_CHECKING:
    from napari_refusion.session.compare import CompareSession

STEPS: Final = 100
"""Of the slider, from one end to the other."""


class CompareForm(QWidget):
    """Mode, slider, colour map, flicker and views."""

    def __init__(self, session: CompareSession) -> None:
        super().__init__()
        self.mode, self.colours = QComboBox(), QComboBox()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, STEPS)
        self.threshold = ThresholdBox(session)
        self.meaning = QLabel()
        self.bar = ColourBar()
        self.flicker = QPushButton("Flicker")
        self.rate = NumberBox()
        self.side_by_side = QPushButton("Side by side")
        self._fill()
        self._lay_out()

    def _fill(self) -> None:
        for name, one in COLOUR_MAPS.items():
            self.colours.addItem(one.title, name)
            self.colours.setItemData(self.colours.count() - 1, one.words, Qt.ItemDataRole.ToolTipRole)
        self.rate.setRange(0.5, MOST_PER_SECOND)
        self.rate.setSingleStep(0.5)
        self.rate.setValue(2.0)
        self.rate.setSuffix(" per second")
        end_by_enter(self.rate)
        for button in (self.flicker, self.side_by_side):
            button.setCheckable(True)
        self.mode.setToolTip("One picture made of both sources, above all layers")
        self.colours.setToolTip("Colours of the functional source")
        self.flicker.setToolTip("Show the two sources in turn")
        self.side_by_side.setToolTip("First source, fused image and second source, moving together")

    def _lay_out(self) -> None:
        self.mode.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.mode.setMinimumContentsLength(16)
        self.meaning.setWordWrap(True)
        parts: tuple[QWidget, ...] = (self.slider, self.threshold, self.meaning, self.bar)
        for part in parts:
            policy = part.sizePolicy()
            policy.setRetainSizeWhenHidden(True)  # else everything below jumps while a key is held
            part.setSizePolicy(policy)
        rows = QGridLayout()
        rows.addWidget(QLabel("Compare"), 0, 0)
        rows.addWidget(QLabel("Colours"), 4, 0)
        column: tuple[QWidget, ...] = (self.mode, self.slider, self.threshold, self.meaning, self.colours, self.bar)
        for row, part in enumerate(column):
            rows.addWidget(part, row, 1)
        rows.setColumnStretch(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.addLayout(rows)
        line = QHBoxLayout()
        line.addWidget(self.flicker)
        line.addWidget(self.rate)
        layout.addLayout(line)
        layout.addWidget(self.side_by_side)
        layout.addStretch()
