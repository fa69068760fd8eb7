"""What the legends on the views of a window say, in a viewer."""

import numpy as np
from napari import Viewer
from napari.components import ViewerModel
from pytestqt.qtbot import QtBot

from napari_refusion.widgets.fuse.live import viewed_direction
from napari_refusion.widgets.fuse.widget import FuseWidget
from tests.widgets.fuse.test_widget import look_at_slice, wait_for_end, widget  # noqa: F401


def further_plane(widget: FuseWidget, direction: str, qtbot: QtBot) -> ViewerModel:  # noqa: F811
    def found() -> list[ViewerModel]:
        return [one.model for one in widget.planes.three.planes if viewed_direction(one.model) == direction]

    qtbot.waitUntil(lambda: bool(found()))
    return found()[0]


def test_a_plane_across_few_fused_slices_has_the_colours_of_the_source_that_is_seen_there(
    viewer: Viewer,
    widget: FuseWidget,  # noqa: F811
    qtbot: QtBot,
) -> None:
    look_at_slice(viewer, 2)
    widget.fuse(is_slice=True)
    wait_for_end(widget, qtbot)
    widget.planes.show_all()
    coronal = further_plane(widget, "coronal", qtbot)
    (own,), (across,) = widget.legends.seen(), widget.legends.seen(coronal)
    assert own is not None
    assert across is not None
    source = viewer.layers["pet"].colormap.map(np.linspace(0, 1, 256))[:, :3]
    np.testing.assert_allclose(across.table, source)
    assert not np.allclose(own.table, source)
    widget.planes.show_plane(
        "coronal"
    )  # now the fused slices are those of a further plane, and the viewer's lies across
    axial = further_plane(widget, "axial", qtbot)
    (across,), (along,) = widget.legends.seen(), widget.legends.seen(axial)
    assert across is not None
    assert along is not None
    np.testing.assert_allclose(across.table, source)
    np.testing.assert_array_equal(along.table, own.table)
    widget.fuse(is_slice=False)
    wait_for_end(widget, qtbot)
    (across,) = widget.legends.seen(axial)
    assert across is not None
    np.testing.assert_array_equal(across.table, own.table)
