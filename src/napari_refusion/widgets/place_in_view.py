"""Taking a viewer to a slice or a voxel of a partial fusion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_refusion.volume.affine import AXES, transformed
from napari_refusion.widgets.fuse.live import viewed_direction
from napari_refusion.widgets.world import drawn_matrix

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from napari.viewer import Viewer
    from numpy.typing import NDArray

    from napari_refusion.fusion.partial import PartialFusion


def go_to_slice(viewer: Viewer, partial: PartialFusion, index: int) -> None:
    """Show a slice of a partial fusion, in a 2-D view along its direction."""
    dims = viewer.dims
    if dims.ndim < 3:
        return
    axis, offset = AXES[partial.axis], dims.ndim - 3
    dims.ndisplay = 2
    if viewed_direction(viewer) != partial.axis:
        dims.order = (*range(offset), axis + offset, *(offset + other for other in range(3) if other != axis))
    drawn = drawn_matrix(partial.study.fixed.grid)
    dims.set_point(axis + offset, float(drawn[axis, axis] * index + drawn[axis, 3]))


def centre_on(viewer: Viewer, partial: PartialFusion, voxel: tuple[int, int, int]) -> None:
    """Go to the slice of a voxel, (I, P, L), with it in the middle of the view and where the other planes cross."""
    go_to_slice(viewer, partial, voxel[AXES[partial.axis]])
    centre = transformed(drawn_matrix(partial.study.grid), voxel)
    dims, offset = viewer.dims, viewer.dims.ndim - 3
    if offset >= 0:
        dims.point = (*dims.point[:offset], *centre.tolist())
    viewer.scene.camera.center = seen_at(centre, [axis - offset for axis in dims.displayed])


def seen_at(place: NDArray[np.float64], displayed: Sequence[int]) -> tuple[float, ...]:
    """Return where napari's camera looks at to have a place of its world, (3,) mm, in the middle.

    Parameters
    ----------
    displayed
        Axes, 0 to 2, that are drawn, as ``viewer.dims.displayed``: the camera counts along these, the last two.
    """
    across = [float(place[axis]) for axis in displayed]
    return (*(0.0 for _ in range(3 - len(across))), *across)
