"""The three planes as radiologists hang them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from napari_refusion.volume.affine import AXES
from napari_refusion.widgets.preferences import preferred

if TYPE_CHECKING:
    from collections.abc import Sequence

PLANES: Final = {"axial": (0, 1, 2), "coronal": (1, 0, 2), "sagittal": (2, 0, 1)}
"""Plane -> the axes (Inferior, Posterior, Left) in napari's order: stepped along, drawn downwards, drawn to the right.

Superior is up and the patient's right on the left; sagittal has anterior to the left. napari's own rolls lay coronal
and sagittal planes on their side.
"""


def show_plane(viewer: Any, plane: str) -> None:  # noqa: ANN401 - a viewer, or the model of another canvas
    """Hang one of `PLANES` upright in a viewer of at least three axes, and fit the camera to it."""
    dims = viewer.dims
    if dims.ndim < 3:
        return
    dims.ndisplay = 2
    dims.order = order_of(plane, dims.ndim)
    hang(viewer, plane)
    viewer.fit_to_view()


def hang(viewer: Any, plane: str) -> None:  # noqa: ANN401
    """Let a viewer's columns grow to the right; where the reader prefers it, those of sagittal planes to the left."""
    viewer.scene.camera.orientation2d = ("down", "left" if _is_turned(plane) else "right")


def left_side(plane: str) -> str:
    """Return what of the patient is on the left of a plane that hangs upright, in words."""
    if plane == "sagittal":
        return "posterior" if _is_turned(plane) else "anterior"
    return "the patient's right"


def _is_turned(plane: str) -> bool:
    return plane == "sagittal" and preferred("display")["sagittal"] == "anterior right"


def order_of(plane: str, count: int) -> tuple[int, ...]:
    """Return napari's order of `count` axes, of which the last three are the patient's, that shows a plane upright."""
    first = count - 3
    return (*range(first), *(first + axis for axis in PLANES[plane]))


def shown_plane(order: Sequence[int]) -> str | None:
    """Return the plane that a viewer's order of axes shows, however it is turned; None with fewer than three axes."""
    if len(order) < 3:
        return None
    stepped = order[-3] - (len(order) - 3)
    return next((plane for plane, axis in AXES.items() if axis == stepped), None)


def is_upright(order: Sequence[int]) -> bool:
    """Return whether a viewer's order of axes shows a plane as `show_plane` hangs it, or too few axes for any."""
    plane = shown_plane(order)
    return plane is None or tuple(order) == order_of(plane, len(order))
