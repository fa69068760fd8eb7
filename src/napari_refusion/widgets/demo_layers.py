"""The layers with which the demonstration opens: both sources and the fused image, whole, beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from napari_refusion.widgets.layer_marks import KEY
from napari_refusion.widgets.layers import LayerData, to_layer_data
from napari_refusion.widgets.world import drawn_matrix

if TYPE_CHECKING:
    from napari.layers import Image
    from napari.viewer import Viewer

    from napari_refusion.fusion.fuse import Fused
    from napari_refusion.volume.volume import Volume

FOREGROUND: Final = 0.1
"""Part of the largest value above which a voxel counts as foreground."""


def open_demo_layers(viewer: Viewer, first: Volume, second: Volume, fused: Fused) -> list[Image]:
    """Show both sources and the fused image beside each other, at the same place and moving together.

    Three stand in one row, the fused image in the middle. A coloured fused image makes them four, which stand in two
    rows, the sources above: so each is seen larger. The layers are returned row by row.
    """
    grey = _result_data(fused, fused.volume, "fused", contrast_limits=(0.0, 1.0))
    if (colours := fused.colour) is None:
        shown, shape = [to_layer_data(first), grey, to_layer_data(second)], (1, 3)
    else:
        coloured = _result_data(fused, colours, "fused, coloured")
        shown, shape = [to_layer_data(first), to_layer_data(second), grey, coloured], (2, 2)
    layers = [viewer.add_image(data, **properties) for data, properties, _ in shown]
    _arrange(viewer, layers, shape)
    _go_to_foreground(viewer, fused.volume)
    return layers


def _result_data(fused: Fused, volume: Volume, name: str, **look: tuple[float, float]) -> LayerData:
    """Return the layer of a fused volume with the record of how it was made."""
    data, properties, kind = to_layer_data(volume, name, **look)  # type: ignore[arg-type]
    mark = {"pair": [fused.provenance.a.name, fused.provenance.b.name], "extent": "volume", "kind": name}
    properties["metadata"][KEY] |= {"provenance": fused.record(), "fusion": mark}
    return data, properties, kind


def _arrange(viewer: Viewer, layers: list[Image], shape: tuple[int, int]) -> None:
    """Put the layers into rows and columns, each with its name."""
    grid = viewer.canvas.grid
    grid.stride = 1
    grid.shape = shape
    grid.enabled = True
    for layer in layers:
        layer.name_overlay.visible = True
    viewer.reset_view()


def _go_to_foreground(viewer: Viewer, volume: Volume) -> None:
    """Show the slices through the middle of what is brighter than the background."""
    data = volume.grey
    bright = np.argwhere(data > FOREGROUND * np.nanmax(data)) if data.size else np.empty((0, 3))
    middle = np.round((bright.min(axis=0) + bright.max(axis=0)) / 2) if bright.size else (np.array(data.shape) - 1) / 2
    world = drawn_matrix(volume.grid) @ np.append(middle, 1.0)
    viewer.dims.point = tuple(float(value) for value in world[:3])
