"""A canvas of napari beside the window's own one."""

from napari.qt import QtViewer


class FurtherCanvas(QtViewer):  # type: ignore[misc]
    """A canvas of napari that leaves the shortcuts as the window's own canvas bound them, for all canvases.

    To bind them again would take a third of the time in which the planes open.
    """

    def _bind_shortcuts(self) -> None:
        pass
