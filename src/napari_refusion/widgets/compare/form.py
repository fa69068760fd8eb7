"""What can be set when sources are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from napari_refusion.numerics.compare import MAPS
from napari_refusion.widgets.compare.lazy_volume import Mode
from napari_refusion.widgets.review.colour_bar import ColourBar

if TYPE_CHECKING:
    from napari_refusion.numerics.intensity import Window
    from napari_refusion.volume.volume import Volume

_TITLES: Final = {
    Mode.FIRST: "only {first}",
    Mode.SECOND: "only {second}",
    Mode.OPACITY: "opacity",
    Mode.OVERLAY: "overlay",
    Mode.CHECKERBOARD: "checkerboard",
    Mode.SWIPE: "swipe",
    Mode.EDGES_OF_FIRST: "edges of {first} over {second}",
    Mode.EDGES_OF_SECOND: "edges of {second} over {first}",
}

_SLIDERS: Final = {
    Mode.OPACITY: "{rest}% {first}, {value}% {second}",
    Mode.OVERLAY: "{coloured} over {grey}, opacity {value}%",
    Mode.CHECKERBOARD: "Fields of {field}",
    Mode.SWIPE: "{first} | {second}",
    Mode.EDGES_OF_FIRST: "Sensitivity for edges {value}%",
    Mode.EDGES_OF_SECOND: "Sensitivity for edges {value}%",
}

_DEFAULT_MAP: Final = "hot"

_MOST_PER_SECOND: Final = 6.0
"""Changes of the picture; there and back is one flash, and more than three in a second may harm (WCAG 2.3.1)."""


class CompareForm(QWidget):
    """Mode, slider, colour map, flicker and views."""

    def __init__(self) -> None:
        super().__init__()
        self._names = {"first": "first source", "second": "second source", "coloured": "", "grey": ""}
        self._values = dict.fromkeys(_SLIDERS, 50)
        self.mode, self.colours = QComboBox(), QComboBox()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, 100)
        self.meaning, self.status = QLabel(), QLabel()
        self.bar = ColourBar()
        self.flicker = QPushButton("Flicker")
        self.rate = QDoubleSpinBox()
        self.side_by_side = QPushButton("Side by side")
        self.planes = QPushButton("Orthogonal planes")
        self._fill()
        self._lay_out()
        self.set_slider(None)

    def _fill(self) -> None:
        self.mode.addItem("Off", None)
        for mode in _TITLES:
            self.mode.addItem(str(mode), mode)
        for name in MAPS:
            self.colours.addItem(name.replace("_", " ").capitalize().replace("Pet", "PET"), name)
        self.colours.setCurrentIndex(MAPS.index(_DEFAULT_MAP))
        self.rate.setRange(0.5, _MOST_PER_SECOND)
        self.rate.setSingleStep(0.5)
        self.rate.setValue(2.0)
        self.rate.setSuffix(" per second")
        for button in (self.flicker, self.side_by_side):
            button.setCheckable(True)
        self.mode.setToolTip("One picture made of both sources, above all layers")
        self.colours.setToolTip("Colours of the functional source")
        self.flicker.setToolTip("Show the two sources in turn")
        self.side_by_side.setToolTip("First source, fused image and second source, moving together")
        self.planes.setToolTip("Show the two other planes beside this one, or hide them")

    def _lay_out(self) -> None:
        self.mode.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.mode.setMinimumContentsLength(16)
        self.meaning.setWordWrap(True)
        parts: tuple[QWidget, ...] = (self.slider, self.meaning, self.bar)
        for part in parts:
            policy = part.sizePolicy()
            policy.setRetainSizeWhenHidden(True)  # else everything below jumps while a key is held
            part.setSizePolicy(policy)
        self.status.setWordWrap(True)
        self.status.hide()
        rows = QGridLayout()
        rows.addWidget(QLabel("Compare"), 0, 0)
        rows.addWidget(QLabel("Colours"), 3, 0)
        column: tuple[QWidget, ...] = (self.mode, self.slider, self.meaning, self.colours, self.bar)
        for row, part in enumerate(column):
            rows.addWidget(part, row, 1)
        rows.setColumnStretch(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.addLayout(rows)
        for pair in ((self.flicker, self.rate), (self.side_by_side, self.planes)):
            line = QHBoxLayout()
            for button in pair:
                line.addWidget(button)
            layout.addLayout(line)
        layout.addWidget(self.status)
        layout.addStretch()

    def chosen(self) -> Mode | None:
        """Return the chosen mode, None for Off."""
        mode: Mode | None = self.mode.currentData()
        return mode

    def interval(self) -> int:
        """Return how long each source is shown while they flicker, in ms."""
        return round(1000 / self.rate.value())

    def amount(self, mode: Mode) -> float:
        """Return the place of the slider for a mode, in [0, 1]."""
        return self._values.get(mode, 0) / 100

    def title(self, mode: Mode) -> str:
        """Return what a mode shows, with the names of the sources."""
        return _TITLES[mode].format(**self._names)

    def name_sources(self, names: tuple[str, str], coloured: int) -> None:
        """Name the sources in the list of modes; `coloured` is the one that a colour map is for."""
        self._names = {"first": names[0], "second": names[1], "coloured": names[coloured], "grey": names[1 - coloured]}
        for row in range(1, self.mode.count()):
            mode = self.mode.itemData(row)
            title = self.title(mode)
            self.mode.setItemText(row, title[0].upper() + title[1:])

    def set_slider(self, mode: Mode | None) -> None:
        """Put the slider where it was when this mode was last chosen; hide it where there is nothing to slide."""
        for part in (self.slider, self.meaning):
            part.setVisible(mode in _SLIDERS)
        if mode in _SLIDERS:
            self.slider.blockSignals(True)
            self.slider.setValue(self._values[mode])
            self.slider.blockSignals(False)

    def keep_slider(self, mode: Mode | None, value: int) -> None:
        """Note where the slider is for a mode."""
        if mode in _SLIDERS:
            self._values[mode] = value

    def tell_slider(self, mode: Mode | None, field: str) -> None:
        """Say what the slider's place means; `field` is the size of a checkerboard's fields."""
        if mode in _SLIDERS:
            value = self._values[mode]
            self.meaning.setText(_SLIDERS[mode].format(value=value, rest=100 - value, field=field, **self._names))

    def tell_colours(self, volume: Volume, window: Window, seen: Mode | None) -> None:
        """Show the colour bar of the source that a colour map is for, where its colours are `seen`."""
        self.colours.setEnabled(not volume.is_rgb)
        edges = (Mode.EDGES_OF_FIRST, Mode.EDGES_OF_SECOND)
        coloured = volume.is_functional if seen not in (None, Mode.OVERLAY, *edges) else seen == Mode.OVERLAY
        self.bar.setVisible(coloured and not volume.is_rgb)
        tip = f"Values of {volume.name or 'the source'}" + ("" if volume.unit else ", arbitrary units")
        self.bar.show_map(self.colours.currentData(), window, volume.unit, tip)

    def tell(self, sentence: str) -> None:
        """Say something to the user; an empty sentence takes it away."""
        self.status.setText(sentence)
        self.status.setVisible(bool(sentence))
