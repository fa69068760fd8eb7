"""What a reader draws or paints to be measured: shapes on slices, or the label of a layer of labels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from napari.layers import Labels, Shapes

from napari_refusion.volume.affine import AXES
from napari_refusion.volume.probe import slice_in_words
from napari_refusion.volume.region import Outline, Region, Together, ellipse_vertices, painted, region_of
from napari_refusion.widgets.probe.regions_layers import RegionsLayers
from napari_refusion.widgets.world import drawn_matrix, layer_matrix, slice_index

if TYPE_CHECKING:
    from napari.viewer import Viewer
    from qtpy.QtCore import QObject

    from napari_refusion.volume.volume import Volume

NO_SHAPE: Final = "Draw a polygon, a rectangle or an ellipse on a slice, or select a layer of labels."

_PAINTING: Final = ("paint", "data", "selected_label")
"""Events of a layer of labels after which another region may be meant."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is to be measured."""

    region: Region | None
    """None where there is nothing to measure."""
    words: str
    """What it is, or why there is nothing."""


class DrawnRegions:
    """The layer of shapes, and the layer of labels that is selected; from `start` to `stop`."""

    def __init__(self, viewer: Viewer, changed: Callable[..., object], parent: QObject) -> None:
        self._viewer, self._changed = viewer, changed
        self.layers = RegionsLayers(viewer, changed, parent)
        """Those of all pairs."""
        self._labels: Labels | None = None

    def start(self) -> None:
        """Begin to follow the viewer's layers."""
        self._viewer.layers.events.removed.connect(self._changed)
        self._viewer.layers.selection.events.active.connect(self._select)
        self.layers.start()
        self._select()

    def stop(self) -> None:
        """Let go of the viewer; what was drawn stays."""
        self._viewer.layers.events.removed.disconnect(self._changed)
        self._viewer.layers.selection.events.active.disconnect(self._select)
        self.layers.stop()
        self._follow(None)

    def draw(self, fixed: Volume) -> None:
        """Let the reader draw ellipses on the slices of a reference volume."""
        # a layer of its own cell could not be drawn on an image
        self._viewer.canvas.grid.enabled = False
        self._viewer.dims.ndisplay = 2
        layer = self.layers.now or self.layers.add(fixed)
        self._viewer.layers.selection.active = layer
        layer.mode = "add_ellipse"

    def drawn(self, fixed: Volume) -> Drawn:
        """Return what is to be measured, on the grid of a reference volume.

        That is the selected label of the selected layer of labels; else the selected shapes together; else the newest
        shape.
        """
        if self._labels is not None and self._labels in self._viewer.layers:
            return _label(self._labels, fixed)
        layer = self.layers.now
        if layer is None or not layer.data:
            return Drawn(None, NO_SHAPE)
        numbers = sorted(layer.selected_data) or [layer.nshapes - 1]
        if len(numbers) == 1 and layer.shape_type[numbers[0]] in ("line", "path"):
            return Drawn(None, "A line has no area: draw a polygon, a rectangle or an ellipse.")
        found = [outline for number in numbers if (outline := _outline(layer, number, fixed)) is not None]
        if not found:
            return Drawn(None, "This shape has no area on one slice: draw it in a 2-D view.")
        if len(found) > 1:
            slabs = tuple(replace(outline, is_slab=True) for outline in found)
            return Drawn(Together(slabs), f"{len(found)} of {layer.nshapes} regions together, in space")
        return Drawn(found[0], f"Region {numbers[0] + 1} of {layer.nshapes}, {_place(found[0], fixed)}")

    def _select(self, _event: Any = None) -> None:  # noqa: ANN401 - napari's events have no common type
        active = self._viewer.layers.selection.active
        self._follow(active if isinstance(active, Labels) and active.ndim in (2, 3) else None)

    def _follow(self, labels: Labels | None) -> None:
        """Measure a layer of labels from now on; None for shapes."""
        before, self._labels = self._labels, labels
        if before is labels:
            return
        for name in _PAINTING:
            if before is not None:
                getattr(before.events, name).disconnect(self._changed)
            if labels is not None:
                getattr(labels.events, name).connect(self._changed)
        self._changed()


def _label(layer: Labels, fixed: Volume) -> Drawn:
    """Return the voxels with the selected label."""
    label, data = int(layer.selected_label), np.asarray(layer.data)
    matrix = np.linalg.inv(layer_matrix(layer)) @ drawn_matrix(fixed.grid)
    region = painted(data if data.ndim == 3 else data[None], label, matrix) if label else None
    if region is None:
        return Drawn(None, f"Select or paint a label: {layer.name} has nothing labelled {label}.")
    return Drawn(region, f"Label {label} of {layer.name}, in space")


def _outline(layer: Shapes, number: int, fixed: Volume) -> Outline | None:
    vertices = np.asarray(layer.data[number], dtype=np.float64)
    if layer.shape_type[number] in ("line", "path"):
        return None
    if layer.shape_type[number] == "ellipse":
        vertices = ellipse_vertices(vertices)
    matrix = layer_matrix(layer)
    places = vertices @ matrix[:3, :3].T + matrix[:3, 3]
    to_index = np.linalg.inv(drawn_matrix(fixed.grid))
    indices = places @ to_index[:3, :3].T + to_index[:3, 3]
    # along the axis across the slice, the index of the slice that napari drew there
    for axis in np.flatnonzero(np.ptp(places, axis=0) == 0).tolist():
        indices[:, axis] = slice_index(tuple(places[0]), axis, fixed.grid)
    return region_of(indices)


def _place(outline: Outline, fixed: Volume) -> str:
    if fixed.is_photograph:
        return "the picture"
    plane = next(name for name, axis in AXES.items() if axis == outline.axis)
    return f"{plane} {slice_in_words(fixed.grid, plane, outline.index)}"
