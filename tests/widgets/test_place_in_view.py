"""Going to a voxel: all planes cross it, and it is in the middle of the one that is shown."""

from collections.abc import Callable

import pytest
from napari import Viewer

from napari_refusion.fusion.partial import new_partial
from napari_refusion.study.pairing import pair
from napari_refusion.volume.affine import AXES
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.layers import to_layer_data
from napari_refusion.widgets.place_in_view import centre_on

VOXEL = (4, 6, 9)


@pytest.mark.parametrize("plane", ["axial", "coronal", "sagittal"])
def test_a_voxel_is_in_the_middle_of_every_plane_and_where_the_others_cross(
    make_napari_viewer: Callable[..., Viewer], mri: Volume, pet: Volume, plane: str
) -> None:
    viewer = make_napari_viewer()
    data, properties, _ = to_layer_data(mri)
    layer = viewer.add_image(data, **properties)
    centre_on(viewer, new_partial(pair(mri, pet), plane), VOXEL)
    world = layer.data_to_world(VOXEL)
    assert viewer.dims.point == pytest.approx(world)
    assert viewer.dims.order[0] == AXES[plane]
    across = [world[axis] for axis in viewer.dims.displayed]
    assert viewer.scene.camera.center[-2:] == pytest.approx(across)
