"""The course of a registration's metric, drawn while it runs."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from qtpy.QtCore import QPointF, QRectF, QSize, Qt
from qtpy.QtGui import QColor, QPainter, QPaintEvent, QPen
from qtpy.QtWidgets import QSizePolicy, QWidget

from napari_refusion.volume.registration.register import TRIED, VOXELS, RegistrationStep

_LINE: Final = "#e8b923"


class MetricPlot(QWidget):
    """The mutual information of each step: lines that climb, one stretch per resolution."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.steps: list[RegistrationStep] = []
        """What is drawn."""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.setToolTip(
            "How well the volumes agree (mutual information) after each step. Each line should climb and level off; "
            "it jumps where a finer resolution begins. Thin: from other starts than the position in the files."
        )

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return a low and wide size."""
        return QSize(300, 110)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the size at which the line can still be read, for low windows."""
        return QSize(200, 60)

    def clear(self) -> None:
        """Draw nothing."""
        self.steps = []
        self.update()

    def add(self, step: RegistrationStep) -> None:
        """Draw one step more."""
        self.steps.append(step)
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Draw frame, numbers and line."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        text = self.palette().windowText().color()
        area = QRectF(self.rect()).adjusted(44, 6, -6, -18)
        painter.setPen(QPen(QColor(text.red(), text.green(), text.blue(), 90), 1))
        painter.drawRect(area)
        if self.steps:
            metrics = [step.metric for step in self.steps]
            low, high = min(metrics), max(metrics)
            painter.setPen(text)
            for value, top in ((high, area.top() - 6), (low, area.bottom() - 8)):
                label = QRectF(0, top, area.left() - 4, 14)
                painter.drawText(label, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{value:.3f}")
            self._draw_levels(painter, area, low, max(high - low, 1e-6))
        painter.end()

    def _draw_levels(self, painter: QPainter, area: QRectF, low: float, span: float) -> None:
        """Draw a third of the area for each resolution: its line, and how fine it is."""
        width = area.width() / len(VOXELS)
        text = self.palette().windowText().color()
        for level, voxel in enumerate(VOXELS):
            left = area.left() + level * width
            painter.setPen(text)
            below = QRectF(left, area.bottom() + 2, width, 14)
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, f"{voxel:g} mm")
            steps = [step for step in self.steps if step.level == level]
            lines = [[step.metric for step in steps if step.start == start] for start in range(TRIED)]
            across = width / max(max(map(len, lines)) - 1, 20)
            for start, metrics in enumerate(lines):
                painter.setPen(QPen(QColor(_LINE), 1 if start else 2))
                points = [
                    QPointF(left + index * across, area.bottom() - (metric - low) / span * area.height())
                    for index, metric in enumerate(metrics)
                ]
                for begin, end in pairwise(points):
                    painter.drawLine(begin, end)
