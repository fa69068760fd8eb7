"""A click on a canvas: where it is, and what is drawn there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from napari.components import ViewerModel
    from napari.layers import Layer

FARTHEST: Final = 3.0
"""Pixels that the mouse may move between press and release of a click; further is a drag, which pans."""

LEFT: Final = 1
"""napari's number of the left mouse button."""


@dataclass(frozen=True, slots=True, eq=False)
class Click:
    """A click with the left button."""

    position: tuple[float, float, float]
    """mm in napari's world, (I, P, L)."""
    stepped: tuple[int, ...]
    """Axes, 0 to 2, across the slice that is shown; none in a view of the volume."""
    layers: tuple[Layer, ...]
    """What is drawn there, the lowest first: in a grid of cells, what is in the cell that was clicked."""


def clicks(model: ViewerModel, event: Any, layers: Sequence[Layer]) -> Iterator[Click | None]:  # noqa: ANN401
    """Follow the mouse from its press, and yield None for each turn of napari and at the end the click, if it was one.

    Parameters
    ----------
    model
        Whose canvas was pressed.
    event
        The press, a mouse event of napari, which changes while it is followed.
    layers
        Those that the canvas draws, in the model's order.
    """
    if event.button != LEFT or event.modifiers or model.dims.ndim < 3:
        return
    pressed = np.asarray(event.pos)
    yield None
    while event.type == "mouse_move":
        yield None
    if np.abs(np.asarray(event.pos) - pressed).max() > FARTHEST:
        return
    first = model.dims.ndim - 3
    one, two, three = (float(value) for value in event.position[-3:])
    stepped = () if model.dims.ndisplay != 2 else tuple(int(axis) - first for axis in model.dims.not_displayed)
    yield Click((one, two, three), tuple(axis for axis in stepped if axis >= 0), _in_cell(model, layers))


def _in_cell(model: ViewerModel, layers: Sequence[Layer]) -> tuple[Layer, ...]:
    """Return the layers of the cell under the cursor; all of them where there are no cells."""
    grid, cell = model.canvas.grid, model.cursor.viewbox
    if not grid.enabled or cell is None:
        return tuple(layers)
    indices = next((there for place, there in grid.iter_viewboxes(model.layers) if place == tuple(cell)), ())
    return tuple(layers[index] for index in sorted(indices) if index < len(layers))
