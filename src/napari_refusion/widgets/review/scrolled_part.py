"""A part of the Review page that is whole where there is room."""

from __future__ import annotations

from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QScrollArea, QSizePolicy, QWidget

from napari_refusion.widgets.review.buttons import NO_KEYS


class ScrolledPart(QScrollArea):
    """Shows a part whole where there is room, and else lets it be scrolled downwards."""

    def __init__(self, part: QWidget, *, is_whole: bool = False) -> None:
        """Show a part; with `is_whole` its broken lines are never squeezed to what can be seen without scrolling."""
        super().__init__()
        self._is_whole = is_whole
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setStyleSheet("QScrollArea { border: none; padding: 0; margin: 0; }")  # napari's own takes some pixels
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(NO_KEYS)
        # Qt would ask for the height of the part, and for room for a bar of some length
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        self.setMinimumHeight(1)
        self.setWidget(part)

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Break the lines anew."""
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        """Follow what the part needs."""
        if event is not None and event.type() == QEvent.Type.LayoutRequest and watched is self.widget():
            self._fit()
        return bool(super().eventFilter(watched, event))

    def _fit(self) -> None:
        part, view = self.widget(), self.viewport()
        layout = None if part is None else part.layout()
        if self._is_whole and part is not None and view is not None and layout is not None:
            # beside a bar there is less room for the lines, whether or not it is there yet
            bar = self.verticalScrollBar()
            width = view.width() if bar is None or bar.isVisible() else view.width() - bar.sizeHint().width()
            part.setMinimumHeight(max(layout.minimumHeightForWidth(width), 0))  # below 0 where no line is broken
