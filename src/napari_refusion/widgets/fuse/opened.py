"""The one Fuse widget of a window, whichever way it was opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_refusion.widgets.fuse.widget import FuseWidget


def fuse_widget(viewer: Viewer) -> FuseWidget:
    """Return the Fuse widget of a window, opened as a tab of the plugin's other docks if it is not there; in front."""
    dock, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse", tabify=True)
    dock.show()
    dock.raise_()
    found: FuseWidget = widget
    return found
