"""The one worklist of a window, whichever way it was opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from napari.viewer import Viewer

    from napari_refusion.widgets.worklist.panel import WorklistPanel


def worklist_of(viewer: Viewer, cases: Path) -> WorklistPanel:
    """Return the worklist of a window, opened if it is not there, in front, with the cases of a manifest or a folder.

    They are listed where project and reader are known; else it says what is to be typed.
    """
    dock, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Worklist", tabify=True)
    dock.show()
    dock.raise_()
    found: WorklistPanel = widget
    found.cases.setText(str(cases))
    found.refresh()
    return found
