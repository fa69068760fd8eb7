"""From a click to the place in the patient that is seen there, and back to where a viewer draws a place.

napari draws an oblique volume on its own grid, not rotated, and a source that was registered where its file places it.
So a place of napari's world is a place of the patient only by what is drawn there: the topmost image of the pair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from napari.layers import Image

from napari_refusion.volume.affine import inverse, transformed
from napari_refusion.volume.rigid import matrix_of
from napari_refusion.widgets.layer_marks import is_result
from napari_refusion.widgets.place_in_view import seen_at
from napari_refusion.widgets.world import drawn_matrix, slice_index

if TYPE_CHECKING:
    from napari.layers import Layer
    from napari.viewer import Viewer
    from numpy.typing import NDArray

    from napari_refusion.fusion.partial import PartialFusion
    from napari_refusion.volume.affine import Affine
    from napari_refusion.volume.grid import Grid
    from napari_refusion.widgets.planes.click import Click


@dataclass(frozen=True, slots=True, eq=False)
class DrawnGrid:
    """A grid that is drawn."""

    grid: Grid
    """As its layer has it."""
    affine: Affine
    """(4, 4), its indices -> RAS+ mm where the pair lies: a registration is in it."""

    def to_patient(self, position: Sequence[float], stepped: Sequence[int] = ()) -> NDArray[np.float64]:
        """Return the place in the patient, (3,) RAS+ mm, that is drawn at a place of napari's world.

        Parameters
        ----------
        position
            (3,) mm, (I, P, L).
        stepped
            Axes across the slice that is shown: along them it is that slice, wherever the slider stands within it.
        """
        place = np.asarray(position, np.float64)
        index = transformed(inverse(drawn_matrix(self.grid)), place)
        for axis in stepped:
            index[axis] = slice_index(tuple(place.tolist()), axis, self.grid)
        return transformed(self.affine, index)

    def to_world(self, point: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return where a place in the patient, (3,) RAS+ mm, is drawn: (3,) mm of napari's world."""
        return transformed(drawn_matrix(self.grid), transformed(inverse(self.affine), point))


def drawn_grid(layers: Sequence[Layer], partial: PartialFusion) -> DrawnGrid:
    """Return the grid of the topmost image of a pair that is seen; that of the fusion where none is.

    Parameters
    ----------
    layers
        The lowest first.
    """
    fixed = partial.study.grid
    for layer in reversed(layers):
        if not isinstance(layer, Image) or not layer.visible:
            continue
        if is_result(layer):
            break
        for side in partial.study.sides:
            if str(layer.unique_id) == side.key:
                return DrawnGrid(side.source.grid, matrix_of(side.move) @ side.source.affine)
    return DrawnGrid(fixed, fixed.affine)


def clicked_place(click: Click, partial: PartialFusion) -> NDArray[np.float64]:
    """Return the place in the patient that was clicked, (3,) RAS+ mm."""
    return drawn_grid(click.layers, partial).to_patient(click.position, click.stepped)


def go_to_place(viewer: Viewer, partial: PartialFusion, point: NDArray[np.float64]) -> None:
    """Take all planes to a place in the patient, (3,) RAS+ mm, as it is drawn, with it in the middle of the view."""
    dims = viewer.dims
    if dims.ndim < 3:
        return
    place = drawn_grid(list(viewer.layers), partial).to_world(point).tolist()
    dims.point = (*dims.point[: dims.ndim - 3], *place)
    viewer.scene.camera.center = seen_at(np.array(place), [axis - (dims.ndim - 3) for axis in dims.displayed])
