"""A layer of labels as outlines: lesions, what others drew, and reference regions are seen in one way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.utils import DirectLabelColormap

from napari_refusion.widgets.common_units import call_pixels_mm
from napari_refusion.widgets.layer_marks import KEY
from napari_refusion.widgets.layers import AXIS_LABELS
from napari_refusion.widgets.world import drawn_matrix

if TYPE_CHECKING:
    from napari.layers import Labels as LabelsLayer
    from napari.viewer import Viewer

    from napari_refusion.volume.grid import Grid
    from napari_refusion.widgets.lesions.edits import Labels


def add_contours(
    viewer: Viewer,
    name: str,
    labels: Labels,
    grid: Grid,
    colours: Mapping[int | None, Any],
    mark: str,
    *,
    opacity: float,
    **properties: object,
) -> LabelsLayer:
    """Return a new layer of a viewer that outlines labels where their grid is drawn.

    It takes no cell of napari's grid, whose cells belong to the images that are compared, and the layer that was active
    stays it: the windows stay with the images.

    Parameters
    ----------
    labels
        (I, P, L), 0 for nothing.
    colours
        Label -> colour; what is not named is not seen.
    mark
        What it is called in the layer's metadata.
    properties
        Others of the layer.
    """
    drawn = drawn_matrix(grid)
    active = viewer.layers.selection.active
    call_pixels_mm(viewer.layers)
    layer: LabelsLayer = viewer.add_labels(
        labels,
        name=name,
        scale=np.diag(drawn)[:3].tolist(),
        translate=drawn[:3, 3].tolist(),
        units=("mm",) * 3,
        axis_labels=AXIS_LABELS,
        opacity=opacity,
        colormap=contour_colours(colours),
        metadata={KEY: {mark: True}},
        visible=not viewer.canvas.grid.enabled,
        **properties,
    )
    layer.contour = 1
    if active is not None:
        viewer.layers.selection.active = active
    return layer


def contour_colours(colours: Mapping[int | None, Any]) -> DirectLabelColormap:
    """Return napari's colour map of label -> colour; what is not named is not seen."""
    return DirectLabelColormap(color_dict={None: "transparent", 0: "transparent", **colours})
