"""The planes of napari-orthogonal-views, with letters of ours."""

from collections.abc import Callable

import pytest
from napari import Viewer
from pytestqt.qtbot import QtBot

from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.compare.orthogonal_planes import OrthogonalPlanes
from napari_refusion.widgets.layers import to_layer_data

ortho_view_manager = pytest.importorskip("napari_orthogonal_views.ortho_view_manager")


def test_every_plane_says_where_the_patients_sides_are_and_goes_again(
    make_napari_viewer: Callable[..., Viewer], mri: Volume, qtbot: QtBot
) -> None:
    viewer = make_napari_viewer()
    data, properties, _ = to_layer_data(mri)
    viewer.add_image(data, **properties)
    planes = OrthogonalPlanes(viewer)
    planes.toggle()
    manager = ortho_view_manager._get_manager(viewer)
    # rows and columns of both planes follow from their order of the axes (inferior, posterior, left)
    ends = {0: ("S", "I"), 1: ("A", "P"), 2: ("R", "L")}
    for plane in (manager.right_widget, manager.bottom_widget):
        model = plane.vm_container.viewer_model
        rows, columns = model.dims.order[-2:]
        text = {side: model.canvas.overlays[f"refusion_{side}"].text for side in ("top", "bottom", "left", "right")}
        assert (text["top"], text["bottom"]) == ends[rows]
        assert (text["left"], text["right"]) == ends[columns]
    planes.toggle()
    assert not manager.is_shown()
    ortho_view_manager.delete_and_cleanup(viewer)
