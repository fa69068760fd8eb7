"""Choosing one source: its layer, what it shows, and its window."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from napari.layers import Image
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QComboBox, QGridLayout, QGroupBox, QLabel, QLineEdit, QWidget

from napari_refusion.numerics.intensity import Window
from napari_refusion.session.layout import AUTOMATIC as NO_HABIT
from napari_refusion.session.layout import habitual_window
from napari_refusion.session.source import Source
from napari_refusion.volume.lean import unit_of_choice, units_of
from napari_refusion.volume.modality import MODALITIES, modality_name
from napari_refusion.volume.volume import Volume
from napari_refusion.volume.window import HEADER, choose_window
from napari_refusion.volume.window_text import window_text
from napari_refusion.widgets.fuse.window_menu import AS_SHOWN, AUTOMATIC, CUSTOM, remember_scale, windows_offered
from napari_refusion.widgets.layers import (
    known_modality,
    look_at,
    show_in_unit,
    show_window,
    shown_limits,
    shown_volume,
    was_rewindowed,
)
from napari_refusion.widgets.opening.frames_layer import frames_window


class SourceRow(QGroupBox):
    """The controls of one source. Its layer is shown with the window that is fused."""

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
        self.modality.setMinimumContentsLength(8)
        self.window_choice = choice_box(
            windows_offered(None, ""),
            "Range of values that is fused, one for the whole volume; drag with the right button to change it. As "
            "shown: the window of the layer in napari. A scale of PET that is chosen is kept for the next one, "
            "automatic forgets it",
        )
        self.custom = QLineEdit()
        self.custom.setPlaceholderText("LOW,HIGH")
        self.custom.setToolTip("Two values in the volume's unit, or two percentiles as p1,p99")
        self.custom.hide()
        self.window_label = QLabel()
        # a window in many figures takes two lines: it would widen the page beyond its dock, which cuts its end off
        self.window_label.setWordWrap(True)
        self._image: Image | None = None
        self._lay_out()
        self.window_choice.currentIndexChanged.connect(self._show_custom)
        self.window_choice.activated.connect(self._take_choice)
        self.custom.editingFinished.connect(self._take_choice)
        self.modality.currentIndexChanged.connect(self._offer_windows)
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
        self._offer_windows()
        self._drop_numbers()
        if layer is not None and not layer.rgb:
            layer.events.contrast_limits.connect(self._take_shown)
            if was_rewindowed(layer):
                choose(self.window_choice, AS_SHOWN)

    def unfollow(self) -> None:
        """No longer follow the chosen layer."""
        if self._image is not None and not self._image.rgb:
            self._image.events.contrast_limits.disconnect(self._take_shown)
        self._image = None

    def source(self, layer: Image, point: Sequence[float] | None = None) -> Source:
        """Return what was chosen, with what the layer holds now; the viewer's `point` says which frame of a 4-D one."""
        image = look_at(layer, point)
        window = self.window_choice.currentData()
        if window == CUSTOM:
            window = self.custom.text()
        elif window == AS_SHOWN:
            window = _shown_text(layer)
        elif window == AUTOMATIC:
            window = frames_window(layer)
        return Source(image, self.modality.currentData(), window)

    def show_fused_window(self, window: Window, unit: str, source: str = "") -> None:
        """Show the window that is fused and where it came from, and show the layer with it."""
        if self._image is None:
            return
        self._label_window(window, unit, source)
        if self.window_choice.currentData() != AS_SHOWN:
            self._show(window)

    def offers(self, choice: str) -> bool:
        """Return whether a window is on the menu."""
        return self._image is not None and self.window_choice.findData(choice) >= 0

    def shows_in(self, unit: str) -> bool:
        """Return whether the layer's values are in a unit."""
        volume = self._volume()
        return volume is not None and volume.unit == unit

    def choose_window(self, choice: str) -> None:
        """Choose a window of the menu, or ``LOW,HIGH``, as a user does."""
        if self.window_choice.findData(choice) < 0:
            self.custom.setText(choice)
            choice = CUSTOM
        choose(self.window_choice, choice)
        self._take_choice()

    def state(self) -> dict[str, str]:
        """Return what was chosen, to `restore` later."""
        limits = "" if self._image is None or self._image.rgb else _shown_text(self._image)
        volume = self._volume()
        return {
            "layer": self.layer.currentData(),
            "modality": self.modality.currentData(),
            "window": self.window_choice.currentData(),
            "custom": self.custom.text(),
            "shown": limits if self.window_choice.currentData() == AS_SHOWN else "",
            "limits": limits,
            "unit": volume.unit if volume is not None else "",
        }

    def restore(self, state: dict[str, str]) -> None:
        """Choose what was chosen at an earlier moment; the layer is shown with its window of that time."""
        choose(self.layer, state["layer"])
        choose(self.modality, state["modality"])
        self.custom.setText(state["custom"])
        image, volume = self._image, self._volume()
        if image is not None and volume is not None and state["unit"] in units_of(volume):
            with self._unwatched(image):
                show_in_unit(image, state["unit"])
        if image is not None and state["limits"]:
            low, high = (float(value) for value in state["limits"].split(","))
            self._show(Window(low, high))
            self._label_window(Window(low, high), state["unit"])
        choose(self.window_choice, state["window"])
        # the same choice may mean another window now
        self.window_changed.emit()

    def _offer_windows(self) -> None:
        """Offer the windows that fit the layer; what was chosen stays chosen where it fits."""
        volume, chosen = self._volume(), self.window_choice.currentData()
        modality = self.modality.currentData() or (known_modality(self._image) if self._image is not None else "")
        self.window_choice.blockSignals(True)
        self.window_choice.clear()
        for value, text in windows_offered(volume, modality).items():
            self.window_choice.addItem(text, value)
        choose(self.window_choice, chosen)
        self.window_choice.blockSignals(False)

    def _drop_numbers(self) -> None:
        """Choose no window for another layer whose numbers are of the one before."""
        choice, volume = self.window_choice.currentData(), self._volume()
        unit = volume.unit if volume is not None else ""
        is_of_patient = choice == CUSTOM and habitual_window(self.custom.text(), unit) == NO_HABIT
        if self._image is not None and (is_of_patient or choice == AS_SHOWN):
            self.custom.clear()
            choose(self.window_choice, AUTOMATIC)

    def _volume(self) -> Volume | None:
        return shown_volume(self._image) if self._image is not None else None

    def _show_custom(self) -> None:
        is_custom = self.window_choice.currentData() == CUSTOM
        self.custom.setVisible(is_custom)
        self.window_label.setVisible(not is_custom)
        if not is_custom or self.custom.text():
            self.window_changed.emit()

    def _label_window(self, window: Window, unit: str, source: str = "") -> None:
        text = window_text(window, unit)
        self.window_label.setText(text)
        self.window_label.setToolTip(f"Fused: {text} ({source})" if source else f"Fused: {text}")

    def _take_choice(self) -> None:
        """Show what the user chose at once where that needs no voxels, and keep a scale of PET for the next one."""
        choice, volume = self.window_choice.currentData(), self._volume()
        remember_scale(volume, choice, self.custom.text())
        unit = unit_of_choice(choice)
        # an MRI has no unit, and neither has a window that is typed or taken from the layer
        is_fixed = volume is not None and ((unit and unit in units_of(volume)) or choice.startswith(HEADER))
        if self._image is not None and volume is not None and is_fixed:
            with self._unwatched(self._image):
                show_in_unit(self._image, unit or volume.unit)
            window = choose_window(self._volume() or volume, choice).window
            self._label_window(window, unit or volume.unit)
            self._show(window)
        if choice in (CUSTOM, AUTOMATIC):
            self.window_changed.emit()

    def _show(self, window: Window) -> None:
        """Show the layer with a window; that is no choice of the user's."""
        image = self._image
        if image is None or image.rgb or shown_limits(image) == (window.low, window.high):
            return
        with self._unwatched(image):
            show_window(image, window)

    @contextmanager
    def _unwatched(self, image: Image) -> Iterator[None]:
        """Take no change of the layer's window for a choice of the user's meanwhile."""
        image.events.contrast_limits.disconnect(self._take_shown)
        try:
            yield
        finally:
            image.events.contrast_limits.connect(self._take_shown)

    def _take_shown(self) -> None:
        """Fuse the layer with the window that the user gave it in napari."""
        if self._image is not None and (limits := shown_limits(self._image)) is not None:
            volume = self._volume()
            self._label_window(Window(*limits), volume.unit if volume is not None else "")
        if self.window_choice.currentData() == AS_SHOWN:
            self.window_changed.emit()
        else:
            choose(self.window_choice, AS_SHOWN)


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
