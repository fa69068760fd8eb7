"""A picture that fills its view goes on to do so when the view changes its size, as when a dock opens or closes."""

from __future__ import annotations

from math import isclose
from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from napari.viewer import Viewer
    from qtpy.QtWidgets import QWidget


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


def keep_fitted(viewer: Viewer, canvas: QWidget | None) -> None:
    """Keep a picture fitted to its canvas, once for each canvas; nothing where there is none yet."""
    if canvas is not None and canvas.findChild(FittedView) is None:
        FittedView(viewer, canvas)
