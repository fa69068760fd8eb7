"""A case of the worklist in the window: its layers in place of those before, in the one Fuse widget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari.layers import Image

from napari_refusion.widgets.fuse.choice_box import choose
from napari_refusion.widgets.fuse.opened import fuse_widget
from napari_refusion.widgets.layer_look import show_or_hide
from napari_refusion.widgets.layer_marks import KEY, is_result
from napari_refusion.widgets.probe.cursor_cross import find_canvas
from napari_refusion.widgets.removing import remove_layer

if TYPE_CHECKING:
    from pathlib import Path

    from napari.viewer import Viewer

    from napari_refusion.cohort.work_case import WorkCase
    from napari_refusion.widgets.fuse.widget import FuseWidget
    from napari_refusion.widgets.worklist.case_reading import ReadCase


class CaseWindow:
    """Shows cases one after the other, each in place of the one before."""

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer
        self._own_layers: tuple[str, ...] = ()

    @property
    def is_shown(self) -> bool:
        """Whether both sources of the case that was shown last are still there."""
        return set(self._own_layers) <= {str(layer.unique_id) for layer in self._viewer.layers}

    def show(self, case: WorkCase, read: ReadCase, folder: Path, reader: str) -> FuseWidget:
        """Show a case, fuse what is not fused of it, and begin its review; return the Fuse widget that does.

        Parameters
        ----------
        read
            What was read of it.
        folder
            Of the project.
        """
        widget = self.fuse_widget()
        review = widget.panels.review
        review.end()
        widget.clear()
        self._remove_layers()
        self._hide_drawings()
        made = [self._viewer.add_image(data, **properties) for data, properties, _ in read.layers]
        self._own_layers = tuple(str(layer.unique_id) for layer in made)
        review.opened.begin_with_next(folder, reader, again=case.is_repeat, keys=frozenset(self._own_layers))
        for row, layer in zip((widget.page.first, widget.page.second), made, strict=True):
            choose(row.layer, str(layer.unique_id))
        widget.panels.setCurrentWidget(review)
        (find_canvas(widget) or widget).setFocus()  # until it begins, the review shows lines, which keys would fill
        first = max(self._viewer.dims.ndim - 3, 0)  # before it are frames of 4-D layers
        self._viewer.dims.set_current_step(first, self._viewer.dims.nsteps[first] // 2)
        self._viewer.reset_view()
        widget.commands.fuse(is_slice=False, finished=read.finished)
        return widget

    def fuse_widget(self) -> FuseWidget:
        """Return the Fuse widget of this window, opened as a tab of the worklist if it is not there, and in front."""
        return fuse_widget(self._viewer)

    def _remove_layers(self) -> None:
        for layer in [one for one in self._viewer.layers if str(one.unique_id) in self._own_layers or is_result(one)]:
            if layer in self._viewer.layers:  # what compares two sources goes with the first of them
                remove_layer(self._viewer, layer)

    def _hide_drawings(self) -> None:
        """Hide what the reader drew with napari's own tools on the case before; only the reader deletes it."""
        for layer in self._viewer.layers:
            if not isinstance(layer, Image) and KEY not in layer.metadata:
                show_or_hide(layer, is_visible=False)
