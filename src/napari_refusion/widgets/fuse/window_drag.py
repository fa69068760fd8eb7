"""Dragging with the right button changes width and level of a layer's window, as on a radiologist's workstation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from qtpy.QtCore import QObject, Signal

from napari_refusion.numerics.intensity import Window

if TYPE_CHECKING:
    from napari.layers import Image
    from napari.viewer import Viewer

RIGHT: Final = 2
"""napari's number of the right mouse button."""

NARROWEST: Final = 1e-3
"""Of the data range: the smallest width."""

_ENOUGH: Final = 2**20
"""Voxels that are sampled to find the data range."""


def dragged(window: Window, right: float, down: float, span: float) -> Window:
    """Return the window after a drag: to the right it gets wider, downwards its level rises and the image darkens.

    Parameters
    ----------
    window
        Where the drag began.
    right, down
        Length of the drag as a part of the canvas' width.
    span
        By how much a drag over the whole width changes width or level, in the window's unit.
    """
    level = (window.low + window.high) / 2 + down * span
    width = max(window.high - window.low + right * span, NARROWEST * span)
    return Window(level - width / 2, level + width / 2)


def data_span(data: Any) -> float:  # noqa: ANN401 - whatever a layer holds
    """Return the range of an image's values but for the outermost 0.1 %: one tooth filling must not make drags coarse.

    It is 1 for an image without two different finite values.
    """
    size = int(np.prod(data.shape))
    step = max(1, int(np.ceil((size / _ENOUGH) ** (1 / len(data.shape)))))
    values = np.asarray(data[(slice(None, None, step),) * len(data.shape)], dtype=np.float64)
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 1.0
    low, high = np.percentile(finite, (0.1, 99.9))
    return float(high - low) or float(np.ptp(finite)) or 1.0


class WindowDrag(QObject):
    """Right-drag from `start` to `stop`; napari's own right-drag, zooming, rests meanwhile."""

    changed = Signal(float, float)
    """Emitted while dragging: low and high in the layer's unit."""

    def __init__(self, viewer: Viewer, target: Callable[[], Image | None], parent: QObject | None = None) -> None:
        """Take the viewer, and a function that returns the layer whose window is dragged, None for no layer."""
        super().__init__(parent)
        self._viewer = viewer
        self._target = target

    def start(self) -> None:
        """Begin to listen to the mouse."""
        if self._drag not in self._viewer.mouse_drag_callbacks:
            self._viewer.mouse_drag_callbacks.append(self._drag)

    def stop(self) -> None:
        """Leave the mouse to napari again."""
        if self._drag in self._viewer.mouse_drag_callbacks:
            self._viewer.mouse_drag_callbacks.remove(self._drag)

    def _drag(self, _viewer: Viewer, event: Any) -> Iterator[None]:  # noqa: ANN401 - a read-only wrapper
        layer = self._target()
        if event.button != RIGHT or event.modifiers or layer is None or layer.rgb or self._is_drawing():
            return
        start, pressed = Window(*map(float, layer.contrast_limits)), np.array(event.pos)
        span = data_span(layer.data[0] if layer.multiscale else layer.data)
        # napari hears of a press before vispy, and vispy's camera follows only moves whose press it was given; a move
        # need not be marked, nor could it be in time: napari throttles moves
        event.handled = True
        yield
        while event.type == "mouse_move":
            right, down = (np.array(event.pos) - pressed) / self._viewer.canvas.size[1]
            window = dragged(start, float(right), float(down), span)
            layer.contrast_limits = (window.low, window.high)
            self.changed.emit(window.low, window.high)
            yield

    def _is_drawing(self) -> bool:
        """Return whether the mouse belongs to the active layer, as while shapes are drawn."""
        active = self._viewer.layers.selection.active
        return active is not None and active.mode != "pan_zoom"
