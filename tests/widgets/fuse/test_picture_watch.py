"""The state of the fused slice is said as long as that slice is what is seen."""

from dataclasses import replace

from napari import Viewer
from pytestqt.qtbot import QtBot

from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.fuse.widget import FuseWidget
from tests.widgets.fuse.test_widget import add, look_at_slice, wait_for_end, widget  # noqa: F401


def test_nothing_is_said_of_a_fused_slice_while_a_plane_across_it_is_seen(
    viewer: Viewer,
    widget: FuseWidget,  # noqa: F811
    qtbot: QtBot,
) -> None:
    look_at_slice(viewer, 2)
    widget.fuse(is_slice=True)
    wait_for_end(widget, qtbot)
    said = widget.page.picture.text
    for plane in ("coronal", "sagittal"):
        qtbot.waitUntil(lambda: not said.isHidden(), timeout=60_000)
        widget.planes.show_plane(plane)
        qtbot.waitUntil(said.isHidden, timeout=60_000)
        widget.planes.show_plane("axial")
    qtbot.waitUntil(lambda: not said.isHidden(), timeout=60_000)


def test_a_fused_slice_under_an_image_that_was_opened_later_is_not_said_to_be_in_order(
    viewer: Viewer,
    widget: FuseWidget,  # noqa: F811
    mri: Volume,
    qtbot: QtBot,
) -> None:
    look_at_slice(viewer, 2)
    widget.fuse(is_slice=True)
    wait_for_end(widget, qtbot)
    said = widget.page.picture.text
    qtbot.waitUntil(lambda: not said.isHidden(), timeout=60_000)
    before = said.text()
    later = add(viewer, replace(mri, name="later"))
    qtbot.waitUntil(lambda: said.text() == "under later", timeout=60_000)
    assert [one.level for one in widget.findings.shown if one.rule == "fused picture"] == ["warn"]
    later.visible = False
    qtbot.waitUntil(lambda: said.text() == before, timeout=60_000)
    later.visible = True
    qtbot.waitUntil(lambda: said.text() == "under later", timeout=60_000)
    later.opacity = 0.0
    qtbot.waitUntil(lambda: said.text() == before, timeout=60_000)
