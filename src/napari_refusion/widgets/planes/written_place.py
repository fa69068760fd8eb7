"""Where a reader wants to go who writes a place in the patient, or the number of a slice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_refusion.volume.affine import AXES
from napari_refusion.volume.probe import position_of
from napari_refusion.widgets.planes.hanging import shown_plane
from napari_refusion.widgets.shown_slice import drawn_place, reference_volume
from napari_refusion.widgets.world import drawn_matrix

if TYPE_CHECKING:
    from napari.viewer import Viewer


def written_place(text: str, viewer: Viewer) -> tuple[float, ...]:
    """Return where a viewer draws what was written, (3,) of its world.

    Parameters
    ----------
    text
        A place as `volume.probe.position_of` takes it, or the number of a slice of the plane that is shown, from 1.

    Raises
    ------
    ValueError
        With a sentence, if it is neither or lies outside of the images.
    """
    return _slice(int(text), viewer) if text.isdecimal() else _place(text, viewer)


def _place(text: str, viewer: Viewer) -> tuple[float, ...]:
    volume, dims = reference_volume(viewer.layers), viewer.dims
    wanted = drawn_place(None if volume is None else volume.grid, position_of(text))
    spans = [dims.range[axis] for axis in range(dims.ndim - 3, dims.ndim)]
    if any(
        not span.start - span.step <= value <= span.stop + span.step for value, span in zip(wanted, spans, strict=True)
    ):
        raise ValueError(f"Choose a place inside the images: {text} lies outside of them.")
    return tuple(wanted.tolist())


def _slice(number: int, viewer: Viewer) -> tuple[float, ...]:
    """Return the viewer's place moved to a slice, counted from 1."""
    volume, dims = reference_volume(viewer.layers), viewer.dims
    plane = shown_plane(dims.order)
    if volume is None or plane is None or dims.ndisplay != 2:
        raise ValueError(f"Write a place as R 12 A 40 S 5: no slices are counted here, so there is no {number}.")
    if not 1 <= number <= volume.grid.count(plane):
        raise ValueError(f"Choose a slice from 1 to {volume.grid.count(plane)}: there is no {number}.")
    drawn, axis = drawn_matrix(volume.grid), AXES[plane]
    wanted = list(dims.point[-3:])
    wanted[axis] = float(drawn[axis, axis] * (number - 1) + drawn[axis, 3])
    return tuple(wanted)
