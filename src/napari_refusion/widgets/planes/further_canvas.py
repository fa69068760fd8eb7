"""A canvas of napari beside the window's own one."""

from napari.components import ViewerModel
from napari.qt import QtViewer
from qtpy.QtWidgets import QWidget


class FurtherCanvas(QtViewer):  # type: ignore[misc]
    """A canvas of napari that leaves to the window's own one what belongs to all canvases.

    Shortcuts stay as that one bound them: to bind them again would take a third of the time in which the planes open.
    What is dropped comes to the window: opened here, it would be in no list of layers.
    """

    def __init__(self, model: ViewerModel) -> None:
        super().__init__(model)
        for one in (self, *self.findChildren(QWidget)):
            one.setAcceptDrops(False)

    def _bind_shortcuts(self) -> None:
        pass
