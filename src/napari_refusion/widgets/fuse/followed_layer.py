"""The layer of one source: the window and the unit that it is shown with, told from those that the reader gives it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal

from napari_refusion.volume.lean import units_of
from napari_refusion.widgets.layer_look import show_in_unit, show_window, shown_limits
from napari_refusion.widgets.layer_marks import shown_volume

if TYPE_CHECKING:
    from napari.layers import Image

    from napari_refusion.numerics.intensity import Window
    from napari_refusion.volume.volume import Volume


class FollowedLayer(QObject):
    """One layer after the other; none at first."""

    rewindowed = Signal()
    """Emitted when the reader gives the layer another window in napari."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.image: Image | None = None

    @property
    def volume(self) -> Volume | None:
        """What the layer shows; None without one that is known."""
        return shown_volume(self.image) if self.image is not None else None

    @property
    def unit(self) -> str:
        """Unit of the layer's values; empty where none is known."""
        return self.volume.unit if self.volume is not None else ""

    def follow(self, image: Image | None) -> None:
        """Follow this layer from now on, and no longer the one before."""
        if self.image is not None and not self.image.rgb:
            self.image.events.contrast_limits.disconnect(self._tell)
        self.image = image
        if image is not None and not image.rgb:
            image.events.contrast_limits.connect(self._tell)

    def show(self, window: Window) -> None:
        """Show the layer with a window; that is no choice of the reader's."""
        image = self.image
        if image is None or image.rgb or shown_limits(image) == (window.low, window.high):
            return
        with self._unwatched(image):
            show_window(image, window)

    def show_in(self, unit: str) -> None:
        """Show the layer in a unit that its values can be shown in; that is no choice of a window."""
        if self.image is not None and self.volume is not None and unit in units_of(self.volume):
            with self._unwatched(self.image):
                show_in_unit(self.image, unit)

    @contextmanager
    def _unwatched(self, image: Image) -> Iterator[None]:
        image.events.contrast_limits.disconnect(self._tell)
        try:
            yield
        finally:
            image.events.contrast_limits.connect(self._tell)

    def _tell(self) -> None:
        self.rewindowed.emit()


def shown_text(layer: Image) -> str:
    """Return the window that a layer is shown with, as `choose_window` takes it."""
    low, high = shown_limits(layer) or (0.0, 1.0)
    return f"{low!r},{high!r}"
