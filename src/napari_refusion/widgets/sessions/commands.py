"""The commands of napari's menus: save and open a session, take the usual layout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari.viewer import Viewer

if TYPE_CHECKING:
    from napari_refusion.widgets.fuse.widget import FuseWidget


def save_session(viewer: Viewer) -> None:
    """Ask for a folder, and save everything that is open in it."""
    fuse_widget(viewer).sessions.save()


def open_session(viewer: Viewer) -> None:
    """Ask for the folder of a session, and open it."""
    fuse_widget(viewer).sessions.open()


def reset_layout(viewer: Viewer) -> None:
    """Show the pair as such pairs are usually shown, and forget the reader's own layout of this kind of pair."""
    fuse_widget(viewer).layout_habit.reset()


def fuse_widget(viewer: Viewer) -> FuseWidget:
    """Return the Fuse widget of a window, opened if it is not."""
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse", tabify=True)
    return widget
