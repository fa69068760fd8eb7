"""Taking a viewer to a slice or a voxel of a partial fusion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_refusion.volume.affine import AXES
from napari_refusion.widgets.fuse.live import viewed_direction
from napari_refusion.widgets.world import drawn_matrix

if TYPE_CHECKING:
    from napari.viewer import Viewer

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
    """Go to the slice of a voxel, (I, P, L), with the voxel in the middle of the view."""
    go_to_slice(viewer, partial, voxel[AXES[partial.axis]])
    drawn = drawn_matrix(partial.study.fixed.grid)
    centre = drawn[:3, :3] @ voxel + drawn[:3, 3]
    viewer.scene.camera.center = tuple(float(value) for value in centre)
