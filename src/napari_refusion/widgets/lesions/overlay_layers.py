"""What others drew, as layers of labels with names: regions of one grid share a layer unless they share a voxel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from napari.layers import Labels
from qtpy.QtCore import QObject, Signal

from napari_refusion.lesion.shared import common
from napari_refusion.widgets.lesions.colours import colour_of
from napari_refusion.widgets.lesions.contour_layer import add_contours
from napari_refusion.widgets.removing import remove_layer

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_refusion.io.overlays.overlay import Colour, Overlay, Segment

_APART: Final = 4
"""Colours between those of overlays and those of the first lesions."""


@dataclass(frozen=True, slots=True, eq=False)
class ShownOverlay:
    """An overlay, and the layers that show it."""

    overlay: Overlay
    layers: tuple[Labels, ...]


class OverlayLayers(QObject):
    """Shows overlays until `clear`; one whose layers the reader deletes is forgotten."""

    changed = Signal()
    """Emitted when an overlay came or went."""

    def __init__(self, viewer: Viewer, parent: QObject) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._is_running = False
        self.shown: tuple[ShownOverlay, ...] = ()

    def start(self) -> None:
        """Begin to notice when a layer is deleted."""
        if not self._is_running:
            self._is_running = True
            self._viewer.layers.events.removed.connect(self._notice_removal)

    def stop(self) -> None:
        """Let go of the viewer; the layers stay."""
        if self._is_running:
            self._is_running = False
            self._viewer.layers.events.removed.disconnect(self._notice_removal)

    def show(self, overlay: Overlay, drawn: Sequence[Segment]) -> None:
        """Show an overlay in place of the same one.

        Parameters
        ----------
        drawn
            Its segments where they lie in the pair.
        """
        for one in self.shown:
            if one.overlay.sha256 == overlay.sha256:
                self.remove(one)
        colours = region_colours(drawn)
        layers = tuple(self._add(overlay, group, colours) for group in _groups(drawn))
        self.shown = (*self.shown, ShownOverlay(overlay, layers))
        self.changed.emit()

    def remove(self, shown: ShownOverlay) -> None:
        """Take an overlay out of the viewer."""
        self.shown = tuple(one for one in self.shown if one is not shown)
        for layer in shown.layers:
            if layer in self._viewer.layers:
                remove_layer(self._viewer, layer)
        self.changed.emit()

    def clear(self) -> None:
        """Take all overlays out of the viewer."""
        for one in self.shown:
            self.remove(one)

    def _add(self, overlay: Overlay, segments: Sequence[Segment], colours: Mapping[int, str | Colour]) -> Labels:
        grid = segments[0].voi.grid
        labels = np.zeros(grid.shape, np.uint8 if len(segments) < 2**8 else np.uint16)
        for label, one in enumerate(segments, start=1):
            labels[one.voi.box][one.voi.mask] = label
        own: dict[int | None, Any] = {label: colours[one.number] for label, one in enumerate(segments, start=1)}
        words = {"index": np.arange(len(segments) + 1), "name": np.array(["", *(one.name for one in segments)])}
        layer = add_contours(
            self._viewer, f"Overlay: {overlay.name}", labels, grid, own, "overlay", opacity=0.7, features=words
        )
        layer.editable = False  # what others drew stays as it is: a lesion made of it can be corrected
        return layer

    def _notice_removal(self, event: Any) -> None:  # noqa: ANN401 - napari's events have no common type
        for one in self.shown:
            if any(layer.unique_id == event.value.unique_id for layer in one.layers):
                rest = tuple(layer for layer in one.layers if layer.unique_id != event.value.unique_id)
                others = tuple(other for other in self.shown if other is not one)
                self.shown = (*others, ShownOverlay(one.overlay, rest)) if rest else others
                self.changed.emit()


def region_colours(segments: Sequence[Segment]) -> Mapping[int, str | Colour]:
    """Return number of a segment of one overlay -> its colour: that of the file, else one of our own."""
    return {one.number: one.colour or colour_of(place + _APART) for place, one in enumerate(segments, start=1)}


def _groups(segments: Sequence[Segment]) -> list[list[Segment]]:
    """Return segments by the grids they lie on, those that share a voxel apart: a body would hide what lies in it."""
    groups: list[list[Segment]] = []
    for one in segments:
        same = next((group for group in groups if _have_room(group, one)), None)
        groups.append([one]) if same is None else same.append(one)
    return groups


def _have_room(group: Sequence[Segment], segment: Segment) -> bool:
    return group[0].voi.grid.matches(segment.voi.grid) and not any(common(one.voi, segment.voi) for one in group)
