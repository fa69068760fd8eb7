"""A picture that fills its view goes on to do so when the view changes its size, as when a dock opens or closes."""

from __future__ import annotations

from math import isclose
from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari.layers import Layer
    from napari.viewer import Viewer
    from qtpy.QtWidgets import QWidget

_SMALLEST, _LARGEST = 0.8, 1.1
"""Zoom, in that of a fitted picture, between which it is seen whole: its margins are 5 % of the view."""

_MARGIN = 0.05
"""Of the view that napari leaves free beside what it fits."""

_OFF = 0.05
"""Of the view's size that its centre may be off that of a fitted picture."""


class FittedView(QObject):
    """Fits a camera again whenever its canvas changes size, unless the reader moved it; lives as long as the canvas."""

    def __init__(self, viewer: Viewer, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._viewer = viewer
        self._fitted: tuple[float, tuple[float, ...]] | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(viewer.fit_to_view)
        viewer.events.reset_view.connect(self._note)
        viewer.canvas.events.size.connect(self._follow)

    def _note(self, event: Any) -> None:  # noqa: ANN401 - napari's events have no common type
        self._fitted = event.zoom, tuple(event.center)

    def _follow(self, _event: Any = None) -> None:  # noqa: ANN401
        camera = self._viewer.scene.camera
        if self._soon.isActive() or self._fitted is None or not isclose(camera.zoom, self._fitted[0], rel_tol=1e-6):
            return
        if np.allclose(camera.center[-2:], self._fitted[1][-2:], atol=1e-6):
            self._soon.start()


def keep_fitted(viewer: Viewer, canvas: QWidget | None, *, is_whole: bool = False) -> None:
    """Keep a picture fitted to its canvas, once for each canvas; nothing where there is none yet.

    Parameters
    ----------
    is_whole
        Whether all of the picture was seen until now: then it is fitted at once, for a dock may have come meanwhile.
    """
    if canvas is not None and canvas.findChild(FittedView) is None:
        FittedView(viewer, canvas)
        if is_whole:
            viewer.fit_to_view()


def is_seen_whole(viewer: Viewer) -> bool:
    """Return whether all of a picture is in the middle of its view, which it about fills.

    napari fits the first layer alone, and before it shows the sliders below it: the view is not filled exactly, and of
    a second image with a larger field of view the sides are cut off.
    """
    if not viewer.layers or viewer.dims.ndisplay != 2:
        return False
    return _is_fitted(viewer, viewer.layers) or _is_fitted(viewer, viewer.layers[:1])


def _is_fitted(viewer: Viewer, layers: Sequence[Layer]) -> bool:
    """Return whether the camera is about where napari would put it to fit these layers."""
    camera, extent = viewer.scene.camera, viewer.layers.get_extent(layers)
    low, high = extent.world[0] - extent.step / 2, extent.world[1] + extent.step / 2
    seen = np.array(viewer.dims.displayed) + len(low) - viewer.dims.ndim  # axes of a layer are the last of the viewer
    if seen.min() < 0:
        return False
    zoom = (1 - _MARGIN) * float(np.min(viewer.canvas.size / (high - low)[seen]))
    off = np.abs(np.array(camera.center[-2:]) - ((low + high) / 2)[seen]) * zoom / viewer.canvas.size
    return bool(off.max() < _OFF) and _SMALLEST < camera.zoom / zoom < _LARGEST
