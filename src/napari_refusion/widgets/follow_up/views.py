"""Baseline and follow-up beside each other: one place, one zoom, one window, one legend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from napari_refusion.numerics.intensity import Window
from napari_refusion.widgets.follow_up.canvas import TimePointCanvas
from napari_refusion.widgets.review.colour_bar import ColourBar

if TYPE_CHECKING:
    from napari.layers import Image
    from numpy.typing import NDArray

_TIP = "Colours and window of the follow-up's layer, for both examinations"


class _Title(QLabel):
    """A line that takes no more width than its view; what is left out is in its tooltip."""

    def __init__(self) -> None:
        super().__init__()
        self._words = ""
        self.setStyleSheet("font-weight: bold;")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_words(self, words: str) -> None:
        """Show these words: when they begin and how they end, where there is no room for all."""
        self._words = words
        self.setToolTip(words)
        self._elide()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Leave out as much as needed."""
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        self.ensurePolished()  # else its letters are not bold yet, and narrower
        room = self.contentsRect().width()
        self.setText(self.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideMiddle, room))


class TwoViews(QWidget):
    """Two canvases that show the same place of the patient, each on its own slices."""

    went = Signal(object)
    """Emitted with the place that the reader went to, (3,) RAS+ mm of the follow-up."""

    def __init__(self) -> None:
        super().__init__()
        self.before, self.after = TimePointCanvas(self), TimePointCanvas(self)
        self.titles = _Title(), _Title()
        self.legend = ColourBar(is_flat=True)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        for column, (title, canvas) in enumerate(zip(self.titles, self._canvases(), strict=True)):
            layout.addWidget(title, 0, column)
            layout.addWidget(canvas.widget, 1, column)
            layout.setColumnStretch(column, 1)
        layout.setRowStretch(1, 1)
        layout.addWidget(self.legend, 2, 0, 1, 2)
        for canvas in self._canvases():
            canvas.went.connect(lambda canvas=canvas: self._follow_place(canvas))
            canvas.turned.connect(lambda canvas=canvas: self._follow_camera(canvas))

    def show_titles(self, before: str, after: str) -> None:
        """Say what is shown on the left and on the right."""
        for label, words in zip(self.titles, (before, after), strict=True):
            label.show_words(words)

    def show_legend(self, layer: Image | None, unit: str) -> None:
        """Say what the colours of a layer mean in both views; None for nothing."""
        self.legend.setVisible(layer is not None)
        if layer is not None:
            low, high = layer.contrast_limits
            colours = np.asarray(layer.colormap.map(np.linspace(0, 1, 256)), np.float32)[:, :3]
            self.legend.show_table(colours, Window(float(low), float(high)), _TIP)
            self.legend.title.setText(f"Both: {unit}")

    def show_plane(self, plane: str) -> None:
        """Show one of `PLANES` in both."""
        for canvas in self._canvases():
            canvas.show_plane(plane)

    def go_to(self, point: NDArray[np.float64], *, centre: bool = False) -> None:
        """Show a place of the follow-up, (3,) RAS+ mm, in both."""
        for canvas in self._canvases():
            canvas.go_to(point, centre=centre)

    def link(self) -> None:
        """Look at the same part of the patient in both: that of the follow-up."""
        self._follow_camera(self.after)

    def stop(self) -> None:
        """Close both."""
        for canvas in self._canvases():
            canvas.stop()

    def _canvases(self) -> tuple[TimePointCanvas, TimePointCanvas]:
        return self.before, self.after

    def _other(self, canvas: TimePointCanvas) -> TimePointCanvas:
        return self.after if canvas is self.before else self.before

    def _follow_place(self, canvas: TimePointCanvas) -> None:
        if (point := canvas.point()) is not None:
            self._other(canvas).go_to(point)
            self.went.emit(point)

    def _follow_camera(self, canvas: TimePointCanvas) -> None:
        if (middle := canvas.middle()) is not None:
            self._other(canvas).look_at(*middle)
