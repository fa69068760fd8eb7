"""The command of napari's menus that opens the follow-up."""

from napari.viewer import Viewer

from napari_refusion.widgets.fuse.opened import fuse_widget


def open_follow_up(viewer: Viewer) -> None:
    """Show baseline and follow-up beside each other, in a window of their own."""
    fuse_widget(viewer).follow_up.open()
