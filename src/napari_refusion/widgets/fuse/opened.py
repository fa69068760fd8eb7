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

    found = next(iter(_docked(viewer, FuseWidget)), None)
    if found is None:
        found = FuseWidget(viewer)
        viewer.window.add_dock_widget(found, name=_NAME, tabify=True)
    if (dock := dock_of(found)) is not None:
        dock.show()
        dock.raise_()
    return found


def leave_to_first(viewer: Viewer, widget: FuseWidget) -> None:
    """Take a Fuse widget out of a window that has had one, and dock that one where napari's menu finds it.

    ``napari --with`` opens it under a name that the menu does not know: then the menu opens a second one.
    """
    first = next(iter(_docked(viewer, type(widget))), widget)
    if first is widget:
        return
    for one in (widget, first):
        viewer.window.remove_dock_widget(one)
    widget.deleteLater()
    viewer.window.add_dock_widget(first, name=_NAME, tabify=True)  # it takes keys and layers up again
    fuse_widget(viewer)


def _docked(viewer: Viewer, kind: type[FuseWidget]) -> list[FuseWidget]:
    """Return the Fuse widgets of a window, the first one first."""
    return [one for one in viewer.window.dock_widgets.values() if isinstance(one, kind)]
