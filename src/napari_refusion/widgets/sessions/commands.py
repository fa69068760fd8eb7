"""The commands of napari's menus: save and open a session, take the usual layout."""

from __future__ import annotations

from napari.viewer import Viewer

from napari_refusion.widgets.fuse.opened import fuse_widget


def save_session(viewer: Viewer) -> None:
    """Ask for a folder, and save everything that is open in it."""
    fuse_widget(viewer).sessions.save()


def open_session(viewer: Viewer) -> None:
    """Ask for the folder of a session, and open it."""
    fuse_widget(viewer).sessions.open()


def reset_layout(viewer: Viewer) -> None:
    """Show the pair as such pairs are usually shown, and forget the reader's own layout of this kind of pair."""
    fuse_widget(viewer).layout_habit.reset()
