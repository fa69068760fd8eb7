"""The regions that others drew as a list: those that are ticked become lesions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from qtpy.QtCore import QSize, Qt, Signal
from qtpy.QtGui import QColor
from qtpy.QtWidgets import QListWidget, QListWidgetItem, QWidget

from napari_refusion.widgets.lesions.overlay_layers import region_colours
from napari_refusion.widgets.lesions.swatch import swatch
from napari_refusion.widgets.review.buttons import button, column, row

if TYPE_CHECKING:
    from napari_refusion.io.overlays.overlay import Colour
    from napari_refusion.widgets.lesions.overlay_layers import ShownOverlay

_LINES = 4
"""Lines that are seen of the list."""


class OverlayList(QWidget):
    """Lists the regions of all overlays; takes no room without one."""

    wanted = Signal(object)
    """Emitted with an `Overlay` of the regions that become lesions."""
    closed = Signal(object)
    """Emitted with a `ShownOverlay` that shall go."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[ShownOverlay, ...] = ()
        self.regions = QListWidget()
        self.regions.setFixedHeight((_LINES * self.fontMetrics().lineSpacing()) + 8)
        height = self.fontMetrics().ascent()
        self.regions.setIconSize(QSize(height, height))
        # a long name ends in dots, with all of it in the tooltip, and does not take a line for a scroll bar
        self.regions.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.take = button("Ticked become lesions", "Measure the ticked regions, each with its name")
        self.close_all = button("Close overlays", "Take the overlays away; lesions made of them stay")
        self.take.clicked.connect(self._take)
        self.close_all.clicked.connect(self._close)
        layout = column(self)
        layout.addWidget(self.regions)
        layout.addLayout(row(self.take, self.close_all))
        self.setVisible(False)

    def show_overlays(self, shown: Sequence[ShownOverlay]) -> None:
        """List the regions of these overlays; what was ticked stays so."""
        ticked = {(place, name) for place, names in self._ticked().items() for name in names}
        before, self._shown = self._shown, tuple(shown)
        self.regions.clear()
        for place, one in enumerate(shown):
            old = next((at for at, other in enumerate(before) if other.overlay is one.overlay), -1)
            colours = region_colours(one.overlay.segments)
            for segment in one.overlay.segments:
                item = QListWidgetItem(f"{segment.name} ({one.overlay.kind}, {one.overlay.name})")
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                is_ticked = (old, segment.number) in ticked
                item.setCheckState(Qt.CheckState.Checked if is_ticked else Qt.CheckState.Unchecked)
                item.setData(Qt.ItemDataRole.UserRole, (place, segment.number))
                item.setToolTip(item.text())
                item.setIcon(swatch(_seen(colours[segment.number])))
                self.regions.addItem(item)
        self.setVisible(bool(shown))

    def _ticked(self) -> dict[int, list[int]]:
        """Return the place of each overlay -> numbers of its segments that are ticked."""
        found: dict[int, list[int]] = {}
        for line in range(self.regions.count()):
            item = self.regions.item(line)
            if item is not None and item.checkState() == Qt.CheckState.Checked:
                place, number = item.data(Qt.ItemDataRole.UserRole)
                found.setdefault(place, []).append(number)
        return found

    def _take(self) -> None:
        for place, numbers in self._ticked().items():
            overlay = self._shown[place].overlay
            chosen = tuple(one for one in overlay.segments if one.number in numbers)
            self.wanted.emit(replace(overlay, segments=chosen))
        for line in range(self.regions.count()):
            item = self.regions.item(line)
            if item is not None:
                item.setCheckState(Qt.CheckState.Unchecked)

    def _close(self) -> None:
        for one in self._shown:
            self.closed.emit(one)


def _seen(colour: str | Colour) -> QColor:
    return QColor(colour) if isinstance(colour, str) else QColor.fromRgbF(*colour)
