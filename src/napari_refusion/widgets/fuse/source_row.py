"""Choosing one source: its layer, what it shows, and its window."""

from collections.abc import Sequence
from typing import Final

from napari.layers import Image
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QComboBox, QGridLayout, QGroupBox, QLabel, QLineEdit, QWidget

from napari_refusion.numerics.intensity import Window
from napari_refusion.session.source import Source
from napari_refusion.volume.modality import CT_PRESETS, MODALITIES, modality_name
from napari_refusion.volume.window_text import window_text
from napari_refusion.widgets.layers import known_modality, look_at, show_window, shown_limits, shown_volume

_CUSTOM: Final = "custom"
_AS_SHOWN: Final = "shown"


class SourceRow(QGroupBox):
    """The controls of one source. Its layer is shown with the window that is fused, once one was chosen here."""

    changed = Signal()
    """Emitted when another layer is chosen."""
    window_changed = Signal()
    """Emitted when another modality or window is chosen."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.layer = choice_box({}, "The image layer to fuse")
        self.modality = choice_box(
            {"": "auto"} | {code: one.name for code, one in MODALITIES.items() if one.is_offered},
            "What the layer shows; auto takes it from the file",
        )
        windows = {"": "automatic", _AS_SHOWN: "as the layer is shown"}
        windows |= {name: f"{name} (CT)" for name in CT_PRESETS} | {_CUSTOM: "custom"}
        self.window_choice = choice_box(
            windows, "Range of values that is fused, one for the whole volume; drag with the right button to change it"
        )
        self.custom = QLineEdit()
        self.custom.setPlaceholderText("LOW,HIGH or p1,p99")
        self.custom.setToolTip("Two values in the volume's unit, or two percentiles as p1,p99")
        self.custom.hide()
        self.window_label = QLabel()
        self._image: Image | None = None
        self._apply = False
        self._lay_out()
        self.window_choice.currentIndexChanged.connect(self._show_custom)
        self.window_choice.activated.connect(self._want_it_shown)
        self.custom.editingFinished.connect(self._want_it_shown)
        self.modality.currentIndexChanged.connect(self.window_changed)
        self.layer.currentIndexChanged.connect(self.changed)

    def _lay_out(self) -> None:
        layout = QGridLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.addWidget(self.layer, 0, 0, 1, 2)
        layout.addWidget(self.modality, 0, 2)
        layout.addWidget(QLabel("Window"), 1, 0)
        layout.addWidget(self.window_choice, 1, 1)
        layout.addWidget(self.custom, 1, 2)
        layout.addWidget(self.window_label, 1, 2)
        layout.setColumnStretch(1, 3)
        layout.setColumnStretch(2, 2)

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

    def follow(self, layer: Image | None) -> None:
        """Say beside ``auto`` what the chosen layer's file stated, and fuse it as it is shown once that is changed."""
        known = known_modality(layer) if layer is not None else ""
        self.modality.setItemText(0, f"auto ({modality_name(known, 'unknown')})" if layer is not None else "auto")
        self.layer.setToolTip(layer.name if layer is not None else "The image layer to fuse")
        if _key(layer) == _key(self._image):
            return
        self.unfollow()
        self._image = layer
        self.window_label.clear()
        if layer is not None and not layer.rgb:
            layer.events.contrast_limits.connect(self._take_shown)

    def unfollow(self) -> None:
        """No longer follow the chosen layer."""
        if self._image is not None and not self._image.rgb:
            self._image.events.contrast_limits.disconnect(self._take_shown)
        self._image = None

    def source(self, layer: Image, point: Sequence[float] | None = None) -> Source:
        """Return what was chosen, with what the layer holds now; the viewer's `point` says which frame of a 4-D one."""
        image = look_at(layer, point)
        window = self.window_choice.currentData()
        if window == _CUSTOM:
            window = self.custom.text()
        elif window == _AS_SHOWN or (not window and image.frame is not None and not image.rgb):
            # frames are shown, and so fused, with one window: theirs could not be compared otherwise
            window = _shown_text(layer)
        return Source(image, self.modality.currentData(), window)

    def show_fused_window(self, window: Window, unit: str) -> None:
        """Show the window that is fused, and show the layer with it if it was chosen here."""
        if self._image is None:
            return
        self._label_window(window, unit)
        if self._apply:
            self._apply = False
            self._image.events.contrast_limits.disconnect(self._take_shown)
            show_window(self._image, window)
            self._image.events.contrast_limits.connect(self._take_shown)

    def state(self) -> dict[str, str]:
        """Return what was chosen, to `restore` later."""
        shown = self.window_choice.currentData() == _AS_SHOWN and self._image is not None
        window = _shown_text(self._image) if shown and self._image is not None else ""
        return {
            "layer": self.layer.currentData(),
            "modality": self.modality.currentData(),
            "window": self.window_choice.currentData(),
            "custom": self.custom.text(),
            "shown": window,
        }

    def restore(self, state: dict[str, str]) -> None:
        """Choose what was chosen at an earlier moment; the layer is shown with its window of that time."""
        choose(self.layer, state["layer"])
        choose(self.modality, state["modality"])
        self.custom.setText(state["custom"])
        choose(self.window_choice, state["window"])
        if state["shown"] and self._image is not None:
            low, high = (float(value) for value in state["shown"].split(","))
            show_window(self._image, Window(low, high))

    def _show_custom(self) -> None:
        is_custom = self.window_choice.currentData() == _CUSTOM
        self.custom.setVisible(is_custom)
        self.window_label.setVisible(not is_custom)
        if not is_custom or self.custom.text():
            self.window_changed.emit()

    def _label_window(self, window: Window, unit: str) -> None:
        text = window_text(window, unit)
        self.window_label.setText(text)
        self.window_label.setToolTip(f"Fused: {text}")

    def _want_it_shown(self) -> None:
        self._apply = self._image is not None and not self._image.rgb
        if self.window_choice.currentData() == _CUSTOM:
            self.window_changed.emit()

    def _take_shown(self) -> None:
        """Fuse the layer with the window that the user gave it in napari."""
        if self._image is not None and (limits := shown_limits(self._image)) is not None:
            volume = shown_volume(self._image)
            self._label_window(Window(*limits), volume.unit if volume is not None else "")
        if self.window_choice.currentData() == _AS_SHOWN:
            self.window_changed.emit()
        else:
            choose(self.window_choice, _AS_SHOWN)


def choice_box(choices: dict[str, str], tip: str) -> QComboBox:
    """Return a drop-down list of `choices` (value -> text) that never widens its dock."""
    box = QComboBox()
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(5)
    box.setToolTip(tip)
    for value, text in choices.items():
        box.addItem(text, value)
    return box


def choose(box: QComboBox, value: object) -> None:
    """Choose a value in a list that `choice_box` made; one that is not offered changes nothing."""
    if (index := box.findData(value)) >= 0:
        box.setCurrentIndex(index)


def _shown_text(layer: Image) -> str:
    """Return the window that a layer is shown with, as `choose_window` takes it."""
    low, high = shown_limits(layer) or (0.0, 1.0)
    return f"{low!r},{high!r}"


def _key(layer: Image | None) -> str:
    return "" if layer is None else str(layer.unique_id)
