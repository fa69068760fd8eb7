"""The one Fuse widget of a window, whichever way it was opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from napari_refusion.widgets.docks import SHOWN_AS, dock_of

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_refusion.widgets.fuse.widget import FuseWidget

_NAME: Final = f"Fuse {SHOWN_AS}"
"""As napari's menu calls it: under another name the menu would not find it, and open a second one."""


def fuse_widget(viewer: Viewer) -> FuseWidget:
    """Return the Fuse widget of a window, opened as a tab of the plugin's other docks if it is not there; in front."""
    from napari_refusion.widgets.fuse.dock import FuseWidget

    found = next((one for one in viewer.window.dock_widgets.values() if isinstance(one, FuseWidget)), None)
    if found is None:
        found = FuseWidget(viewer)
        viewer.window.add_dock_widget(found, name=_NAME, tabify=True)
    if (dock := dock_of(found)) is not None:
        dock.show()
        dock.raise_()
    return found
