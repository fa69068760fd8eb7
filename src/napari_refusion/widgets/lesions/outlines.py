"""The lesions in the viewer: a layer of labels for each grid that they were drawn on, and what a brush does to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from napari.layers import Labels as LabelsLayer
from qtpy.QtCore import QObject, QTimer, Signal

from napari_refusion.look import OVERLAY
from napari_refusion.widgets.labels_place import DRAWN_ON, LabelsPlace
from napari_refusion.widgets.layer_marks import KEY
from napari_refusion.widgets.lesions.colours import colour_of
from napari_refusion.widgets.lesions.contour_layer import add_contours, contour_colours
from napari_refusion.widgets.lesions.edits import Labels, edits, label_map
from napari_refusion.widgets.removing import remove_layer

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_refusion.lesion.lesion import Lesion
    from napari_refusion.session.lesions.source import LesionSource
    from napari_refusion.volume.grid import Grid

_SETTLE: Final = 300
"""Milliseconds after a stroke of the brush in which another one belongs to the same correction."""


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    """A layer, and what it showed when it was drawn."""

    layer: LabelsLayer
    grid: Grid
    lesions: tuple[Lesion, ...]
    labels: Labels = field(repr=False)


class Outlines(QObject):
    """Shows lesions from `start` to `stop`; a layer that the reader deletes comes back with the next change."""

    edited = Signal(object, object)
    """Emitted with the `Edits` that a brush made, and the lesions that the layer showed."""

    def __init__(self, viewer: Viewer, parent: QObject) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._drawn: tuple[_Drawn, ...] = ()
        self.is_running = False
        """Whether it shows anything."""
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE)
        self._settle.timeout.connect(self.take_edits)

    def start(self) -> None:
        """Begin to notice when a layer is deleted."""
        if not self.is_running:
            self.is_running = True
            self._viewer.layers.events.removed.connect(self._notice_removal)
            self._viewer.canvas.grid.events.enabled.connect(self._make_way)

    def stop(self) -> None:
        """Let go of the viewer, and take the layers out of it."""
        if self.is_running:
            self.take_edits()
            self.is_running = False
            self._viewer.layers.events.removed.disconnect(self._notice_removal)
            self._viewer.canvas.grid.events.enabled.disconnect(self._make_way)
            self.show(())

    @property
    def layers(self) -> tuple[LabelsLayer, ...]:
        """The layers that show lesions."""
        return tuple(one.layer for one in self._drawn)

    def show(self, lesions: Sequence[Lesion], sources: Sequence[LesionSource] = ()) -> None:
        """Show these lesions and no others.

        Parameters
        ----------
        sources
            What they are drawn on, by which a layer that is saved lies where the files of its source lie.
        """
        self._settle.stop()
        groups: list[list[Lesion]] = []
        for one in lesions:
            same = next((group for group in groups if _on_one_grid(group[0], one)), None)
            groups.append([one]) if same is None else same.append(one)
        before, self._drawn = self._drawn, ()
        kept = []
        for group in groups:
            old = next((one for one in before if one.grid.matches(group[0].voi.grid)), None)
            kept.append(self._draw(group, old))
            kept[-1].layer.metadata[KEY][DRAWN_ON] = _drawn_on(kept[-1], sources)
        layers = {one.layer.unique_id for one in kept}
        self._drawn = tuple(kept)
        for layer in (old.layer for old in before):
            if layer.unique_id not in layers and layer in self._viewer.layers:
                self._unfollow(layer)
                remove_layer(self._viewer, layer)

    def take_edits(self) -> None:
        """Tell at once what a brush did since the lesions were drawn."""
        self._settle.stop()
        for one in self._drawn:
            found = edits(one.lesions, one.grid, one.labels, np.asarray(one.layer.data))
            if found.changed or found.erased or found.painted:
                self.edited.emit(found, one.lesions)

    def _draw(self, lesions: list[Lesion], old: _Drawn | None) -> _Drawn:
        grid = lesions[0].voi.grid if old is None else old.grid
        labels = label_map(lesions, grid)
        if old is None or old.layer not in self._viewer.layers:
            layer = self._add(grid, labels, lesions)
        else:
            layer = old.layer
            if not np.array_equal(layer.data, labels):
                layer.data = labels.copy()
                _forget_strokes(layer)
            if {one.number for one in lesions} != {one.number for one in old.lesions}:
                layer.colormap = contour_colours(_colours(lesions))
        return _Drawn(layer, grid, tuple(lesions), labels)

    def _add(self, grid: Grid, labels: Labels, lesions: list[Lesion]) -> LabelsLayer:
        layer = add_contours(self._viewer, "Lesions", labels.copy(), grid, _colours(lesions), "lesions", opacity=0.5)
        layer.events.paint.connect(self._touch)
        layer.events.set_data.connect(self._follow_undo)
        return layer

    def _unfollow(self, layer: LabelsLayer) -> None:
        layer.events.paint.disconnect(self._touch)
        layer.events.set_data.disconnect(self._follow_undo)

    def _touch(self, _event: Any = None) -> None:  # noqa: ANN401 - napari's events have no common type
        self._settle.start()

    def _follow_undo(self, _event: Any = None) -> None:  # noqa: ANN401
        """Look for strokes that were undone: napari draws the layer again then, and tells nothing else."""
        active = self._viewer.layers.selection.active
        if active is not None and any(active.unique_id == one.unique_id for one in self.layers):
            self._settle.start()

    def _notice_removal(self, event: Any) -> None:  # noqa: ANN401
        gone = next((one for one in self._drawn if one.layer.unique_id == event.value.unique_id), None)
        if gone is None:
            return
        self._unfollow(gone.layer)
        self._drawn = tuple(one for one in self._drawn if one is not gone)
        if self._settle.isActive():  # napari is still taking the layer out
            found = edits(gone.lesions, gone.grid, gone.labels, np.asarray(gone.layer.data))
            late = QTimer(self)  # goes with it: a window that is being closed has nobody to tell any more
            late.setSingleShot(True)
            late.timeout.connect(lambda: self.edited.emit(found, gone.lesions))
            late.timeout.connect(late.deleteLater)
            late.start(0)

    def _make_way(self, _event: Any = None) -> None:  # noqa: ANN401
        """Take no cell of a grid, whose cells belong to the images that are compared."""
        for layer in self.layers:
            layer.visible = not self._viewer.canvas.grid.enabled


def _on_one_grid(one: Lesion, other: Lesion) -> bool:
    return one.voi.grid is other.voi.grid or one.voi.grid.matches(other.voi.grid)


def _drawn_on(drawn: _Drawn, sources: Sequence[LesionSource]) -> LabelsPlace | None:
    """Return where the files of the source of a layer's lesions put its voxels; None where it is not known."""
    named = {one.source for one in drawn.lesions}
    known = [one for one in sources if one.content in named]
    if not known:
        return None
    axes = known[0].volume.stored_axes
    return LabelsPlace(drawn.grid, known[0].own_grid(drawn.grid), axes, tuple(one.volume.modality for one in known))


def _colours(lesions: Sequence[Lesion]) -> dict[int | None, str]:
    """Return number -> colour, and one for numbers that a brush paints and no lesion has yet."""
    return {None: OVERLAY, **{one.number: colour_of(one.number) for one in lesions}}


def _forget_strokes(layer: LabelsLayer) -> None:
    """Forget which strokes napari could undo: they were of another list."""
    mode = layer.mode
    layer.editable = False
    layer.editable = True
    layer.mode = mode
