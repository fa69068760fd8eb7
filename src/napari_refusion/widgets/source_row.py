"""Choosing one source: its layer, what it shows, and its window."""

from collections.abc import Sequence
from typing import Final

from napari.layers import Image
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QComboBox, QGridLayout, QGroupBox, QLabel, QLineEdit, QWidget

from napari_refusion.numerics.intensity import CT_PRESETS
from napari_refusion.volume.volume import MODALITY_NAMES
from napari_refusion.widgets.fuse_job import Source
from napari_refusion.widgets.layers import known_modality, look_at

_CUSTOM: Final = "custom"
_AS_SHOWN: Final = "shown"


class SourceRow(QGroupBox):
    """The controls of one source."""

    changed = Signal()
    """Emitted when another layer is chosen."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.layer = choice_box({}, "The image layer to fuse")
        self.modality = choice_box(
            {"": "auto"} | {code: name for code, name in MODALITY_NAMES.items() if code != "OT"},
            "What the layer shows; auto takes it from the file",
        )
        windows = {"": "automatic", _AS_SHOWN: "as the layer is shown"}
        windows |= {name: f"{name} (CT)" for name in CT_PRESETS} | {_CUSTOM: "custom"}
        self.window_choice = choice_box(windows, "Range of values that is fused, one for the whole volume")
        self.custom = QLineEdit()
        self.custom.setPlaceholderText("LOW,HIGH or p1,p99")
        self.custom.setToolTip("Two values in the volume's unit, or two percentiles as p1,p99")
        self.custom.hide()
        layout = QGridLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.addWidget(self.layer, 0, 0, 1, 2)
        layout.addWidget(self.modality, 0, 2)
        layout.addWidget(QLabel("Window"), 1, 0)
        layout.addWidget(self.window_choice, 1, 1)
        layout.addWidget(self.custom, 1, 2)
        layout.setColumnStretch(1, 3)
        layout.setColumnStretch(2, 2)
        self.window_choice.currentIndexChanged.connect(self._show_custom)
        self.layer.currentIndexChanged.connect(self.changed)

    def offer(self, layers: Sequence[Image], preferred: int) -> None:
        """Offer these layers; the chosen one stays chosen, without one the `preferred`-th is taken."""
        chosen = self.layer.currentData()
        known = [str(layer.unique_id) for layer in layers]
        self.layer.blockSignals(True)
        self.layer.clear()
        for layer, key in zip(layers, known, strict=True):
            self.layer.addItem(layer.name, key)
        index = known.index(chosen) if chosen in known else min(preferred, len(known) - 1)
        self.layer.setCurrentIndex(index)
        self.layer.blockSignals(False)
        self.changed.emit()

    def tell_modality(self, layer: Image | None) -> None:
        """Say beside ``auto`` what the layer's file stated."""
        known = known_modality(layer) if layer is not None else ""
        self.modality.setItemText(0, f"auto ({MODALITY_NAMES.get(known, 'unknown')})" if layer is not None else "auto")
        self.layer.setToolTip(layer.name if layer is not None else "The image layer to fuse")

    def source(self, layer: Image) -> Source:
        """Return what was chosen, with what the layer holds now."""
        image = look_at(layer)
        window = self.window_choice.currentData()
        if window == _CUSTOM:
            window = self.custom.text()
        elif window == _AS_SHOWN:
            low, high = image.contrast_limits or (0.0, 1.0)
            window = f"{low!r},{high!r}"
        return Source(image, self.modality.currentData(), window)

    def _show_custom(self) -> None:
        self.custom.setVisible(self.window_choice.currentData() == _CUSTOM)


def choice_box(choices: dict[str, str], tip: str) -> QComboBox:
    """Return a drop-down list of `choices` (value -> text) that never widens its dock."""
    box = QComboBox()
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(5)
    box.setToolTip(tip)
    for value, text in choices.items():
        box.addItem(text, value)
    return box
