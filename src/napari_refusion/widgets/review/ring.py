"""A ring around a place in the patient: what is left of a ball about it in the plane that is shown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from qtpy.QtCore import QPointF, QRectF
from qtpy.QtGui import QColor, QPainter, QPaintEvent, QPen

from napari_refusion.look import OVERLAY
from napari_refusion.widgets.planes.cross_hair import CrossHair

if TYPE_CHECKING:
    from napari.viewer import Viewer
    from qtpy.QtWidgets import QWidget

RADIUS: Final = 8.0
"""mm; two places of missed uptake are farther apart, see `evidence.missed_uptake`."""


class Ring(CrossHair):
    """Follows the view as the cross hair does.

    It is widest in the slice of the place and narrower in those beside it, so that scrolling leads to it.

    Where the grid is on there is a ring in every cell, for all have one camera.
    """

    def __init__(self, canvas: QWidget, viewer: Viewer, point: Sequence[float], words: str) -> None:
        self.point = tuple(float(value) for value in point)
        """(3,) mm in napari's world, (I, P, L)."""
        self._words = words
        super().__init__(canvas, viewer)

    def radius(self) -> float:
        """Return the radius in the plane that is shown, mm; 0 where it does not cut the ball."""
        dims = self._viewer.dims
        first = dims.ndim - 3
        if dims.ndisplay != 2 or first < 0:
            return 0.0
        hidden = [axis for axis in range(first, dims.ndim) if axis not in dims.displayed]
        away = sum(abs(dims.point[axis] - self.point[axis - first]) for axis in hidden)
        return math.sqrt(max(0.0, RADIUS**2 - away**2))

    def centres(self) -> list[QPointF]:
        """Return where the ring is drawn, pixels from the top left: one place in every cell of the grid."""
        dims, camera = self._viewer.dims, self._viewer.scene.camera
        first = dims.ndim - 3
        if dims.ndisplay != 2 or min(dims.displayed) < first:
            return []
        down, right = (
            (self.point[axis - first] - centre) * camera.zoom * (1 if towards in ("down", "right") else -1)
            for axis, centre, towards in zip(dims.displayed, camera.center[-2:], camera.orientation2d, strict=True)
        )
        rows, columns = self._viewer.canvas.grid.actual_shape(self._viewer.layers)
        width, height = self.width() / columns, self.height() / rows
        return [
            QPointF((column + 0.5) * width + right, (row + 0.5) * height + down)
            for row in range(rows)
            for column in range(columns)
        ]

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Draw the ring, dark under bright so that it is seen on any ground."""
        if not (radius := self.radius() * self._viewer.scene.camera.zoom):
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for colour, width in ((QColor(0, 0, 0, 160), 4), (QColor(OVERLAY), 2)):
            painter.setPen(QPen(colour, width))
            for centre in self.centres():
                painter.drawEllipse(centre, radius, radius)
        for centre in self.centres():
            self._write(painter, centre + QPointF(0.75 * radius + 4, -0.75 * radius - 2))
        painter.end()

    def _write(self, painter: QPainter, place: QPointF) -> None:
        """Write the words on a dark ground of their own, for they may lie over bright tissue."""
        ground = QRectF(painter.fontMetrics().boundingRect(self._words)).translated(place)
        painter.fillRect(ground.adjusted(-3, -1, 3, 1), QColor(0, 0, 0, 160))
        painter.drawText(place, self._words)
