"""The cells of a canvas: one, or those of napari's grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QRectF

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from qtpy.QtWidgets import QWidget


def cells_of(canvas: QWidget, viewer: ViewerModel) -> list[tuple[QRectF, str]]:
    """Return where the cells lie on a canvas, in pixels, and which layer stands in each: no name where there is one.

    Cells beside each other have one camera, so the same place in each of them is the same place in the patient.
    """
    grid, layers = viewer.canvas.grid, viewer.layers
    rows, columns = grid.actual_shape(layers)
    width, height = canvas.width() / columns, canvas.height() / rows
    if rows * columns == 1:
        return [(QRectF(0, 0, width, height), "")]
    return [
        (QRectF(column * width, row * height, width, height), layers[found[-1]].name if found else "")
        for (row, column), found in grid.iter_viewboxes(layers)
    ]
