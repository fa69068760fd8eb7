"""Choosing one source: its layer, what it shows, and its window."""

from collections.abc import Sequence

from napari.layers import Image
from qtpy.QtCore import QSignalBlocker, Signal
from qtpy.QtWidgets import QGridLayout, QGroupBox, QLabel, QVBoxLayout

from napari_refusion.numerics.intensity import Window
from napari_refusion.session.source import Source
from napari_refusion.volume.modality import MODALITIES, modality_name
from napari_refusion.widgets.fuse.choice_box import choice_box, choose
from napari_refusion.widgets.fuse.followed_layer import shown_text
from napari_refusion.widgets.fuse.source_window import SourceWindow
from napari_refusion.widgets.fuse.window_menu import AS_SHOWN, AUTOMATIC, CUSTOM
from napari_refusion.widgets.layer_image import look_at
from napari_refusion.widgets.layer_names import known_modality
from napari_refusion.widgets.opening.frames_layer import frames_window


class SourceRow(QGroupBox):
    """The controls of one source. Its layer is shown with the window that is fused."""

    changed = Signal()
    """Emitted when another layer is chosen."""
    window_changed = Signal()
    """Emitted when another modality or window is chosen."""

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.layer = choice_box({}, "The image layer to fuse")
        self.modality = choice_box(
            {"": "auto"} | {code: one.name for code, one in MODALITIES.items() if one.is_offered},
            "What the layer shows; auto takes it from the file",
        )
        self.modality.setMinimumContentsLength(8)
        self._followed = ""
        self._window = SourceWindow(self)
        self.window_choice, self.custom, self.window_label = (
            self._window.choice,
            self._window.custom,
            self._window.label,
        )
        self._lay_out()
        self._window.changed.connect(self.window_changed)
        self.modality.currentIndexChanged.connect(lambda _row: self._window.offer(self.modality.currentData()))
        self.modality.currentIndexChanged.connect(self.window_changed)
        self.layer.currentIndexChanged.connect(self.changed)

    def _lay_out(self) -> None:
        layout = QGridLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.addWidget(self.layer, 0, 0, 1, 2)
        layout.addWidget(self.modality, 0, 2)
        layout.addWidget(QLabel("Window"), 1, 0)
        layout.addWidget(self.window_choice, 1, 1)
        window = QVBoxLayout()  # what is typed, and below it what was understood
        window.addWidget(self.custom)
        window.addWidget(self.window_label)
        layout.addLayout(window, 1, 2)
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
        """Say beside ``auto`` what the chosen layer's file stated, and follow the window that it is shown with.

        What the reader said that a layer shows was said of that layer: another one begins with what its file states.
        """
        if _key(layer) != self._followed:
            self._followed = _key(layer)
            with QSignalBlocker(self.modality):
                choose(self.modality, "")
        known = known_modality(layer) if layer is not None else ""
        self.modality.setItemText(0, f"auto ({modality_name(known, 'unknown')})" if layer is not None else "auto")
        self.layer.setToolTip(layer.name if layer is not None else "The image layer to fuse")
        if _key(layer) == _key(self._window.layer.image):
            return
        self._window.follow(layer, self.modality.currentData())

    def unfollow(self) -> None:
        """No longer follow the chosen layer."""
        self._window.layer.follow(None)

    def source(self, layer: Image, point: Sequence[float] | None = None) -> Source:
        """Return what was chosen, with what the layer holds now; the viewer's `point` says which frame of a 4-D one."""
        image = look_at(layer, point)
        window = self.window_choice.currentData()
        if window == CUSTOM:
            window = self.custom.text()
        elif window == AS_SHOWN:
            window = shown_text(layer)
        elif window == AUTOMATIC:
            window = frames_window(layer)
        return Source(image, self.modality.currentData(), window)

    def show_fused_window(self, window: Window, unit: str, source: str = "") -> None:
        """Show the window that is fused and where it came from, and show the layer with it."""
        self._window.show_fused(window, unit, source)

    def offers(self, choice: str) -> bool:
        """Return whether a window is on the menu."""
        return self._window.offers(choice)

    def shows_in(self, unit: str) -> bool:
        """Return whether the layer's values are in a unit."""
        return self._window.layer.volume is not None and self._window.layer.unit == unit

    def choose_window(self, choice: str) -> None:
        """Choose a window of the menu, or ``LOW,HIGH``, as a user does."""
        self._window.choose(choice)

    def state(self) -> dict[str, str]:
        """Return what was chosen, to `restore` later."""
        layer = self._window.layer
        limits = "" if layer.image is None or layer.image.rgb else shown_text(layer.image)
        return {
            "layer": self.layer.currentData(),
            "modality": self.modality.currentData(),
            "window": self.window_choice.currentData(),
            "custom": self.custom.text(),
            "shown": limits if self.window_choice.currentData() == AS_SHOWN else "",
            "limits": limits,
            "unit": layer.unit,
        }

    def restore(self, state: dict[str, str]) -> None:
        """Choose what was chosen at an earlier moment; the layer is shown with its window of that time."""
        choose(self.layer, state["layer"])
        choose(self.modality, state["modality"])
        self.custom.setText(state["custom"])
        self._window.restore(state["window"], state["limits"], state["unit"])
        # the same choice may mean another window now
        self.window_changed.emit()


def _key(layer: Image | None) -> str:
    return "" if layer is None else str(layer.unique_id)
