"""First source, fused image and second source beside each other, and back to exactly what was before."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from psygnal import Signal

from napari_refusion.widgets.compare.cell_row import CellRow
from napari_refusion.widgets.fused_layer import fused_layer
from napari_refusion.widgets.layer_look import show_or_hide
from napari_refusion.widgets.pair_in_front import bring_forward
from napari_refusion.widgets.picture_layer import PictureLayer
from napari_refusion.widgets.probe.cursor_cross import CursorCross, find_canvas
from napari_refusion.widgets.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari.layers import Image, Layer
    from napari.viewer import Viewer
    from qtpy.QtWidgets import QWidget

    from napari_refusion.fusion.compare_mode import CompareMode
    from napari_refusion.session.compare_state import CompareState


_CELLS: Final = 3
"""First source, fused image, second source."""


_LARGER: Final = 1.7
"""Width of a name that napari writes over a cell, in that of the same name in a control; 1.65 was measured."""


@dataclass(frozen=True, slots=True, eq=False)
class Before:
    """What the viewer was like."""

    visible: dict[str, bool]
    """By ``unique_id`` of the layer."""
    named: dict[str, bool]
    """Whether a layer's name was written into the partial fusion."""


class SideBySide:
    """Three cells with one camera and one cursor.

    The sources are shown by layers of their own, the fused image by its layer. Layers, grid and letters are made at a
    turn of the window each; the picture stays as it was until all are there.
    """

    hid = Signal(object)
    """Emitted with the ids of images that are hidden now beside another pair's result, until that is gone."""

    def __init__(self, viewer: Viewer, panel: QWidget) -> None:
        self._viewer = viewer
        self._panel = panel
        self._pictures: dict[str, PictureLayer] = {}
        """By name of the mode."""
        self._before: Before | None = None
        self._row = CellRow(viewer)
        self._entering = Turns(panel)
        self._mask: object = None
        """Of the study that is shown, which keeps it as long as only its windows change."""
        self.cross: CursorCross | None = None
        """The cursor while the grid is shown."""

    @property
    def is_shown(self) -> bool:
        """Whether the sources stand side by side, or are about to."""
        return self._before is not None

    def is_seen_alone(self, layer: Layer) -> bool:
        """Return whether a layer is visible while nothing stands side by side, now or afterwards."""
        visible = {} if self._before is None else self._before.visible
        return bool(visible.get(str(layer.unique_id), layer.visible))

    def show(self, now: CompareState) -> None:
        """Put the sources of a pair beside each other, the fused image between them where there is one."""
        assert now.partial is not None
        fused = None if now.partial.study.is_comparison else fused_layer(self._viewer, now.partial)
        visible = {str(layer.unique_id): layer.visible for layer in self._viewer.layers}
        named = {} if fused is None else {str(fused.unique_id): fused.name_overlay.visible}
        self._before = Before(visible, named)
        self._mask = now.partial.study.covered
        self._entering.begin(self._enter(now, fused))

    def finish(self) -> None:
        """Have all cells now, for who cannot wait."""
        self._entering.finish()

    def _enter(self, now: CompareState, fused: Image | None) -> Iterator[None]:
        """Make a layer at a step, then the grid, then the letters of its cells."""
        with _kept_as_drawn(find_canvas(self._panel)):
            for layer in self._viewer.layers:
                show_or_hide(layer, is_visible=fused is not None and layer.unique_id == fused.unique_id)
            cells: list[Image] = []
            titles: list[str] = []
            for layer, word in self._cells(now, fused):
                cells.append(layer)
                layer.name_overlay.visible = self._has_room_for(str(layer))
                titles.append("" if layer.name_overlay.visible else word)
                yield
            count = sum(layer in self._viewer.layers for layer in cells)  # the reader may have removed one
            with self._row.undivided_overlays() as overlays:
                self._row.enter(count)
                for overlay in overlays:
                    yield
                    overlay.gridded = True
            yield
        window = find_canvas(self._panel)
        there = [title for layer, title in zip(cells, titles, strict=True) if layer in self._viewer.layers]
        self.cross = None if window is None else CursorCross(window, count, there)
        yield
        if window is not None:  # Qt drops the drawing of a canvas that got another size while nothing was drawn
            window.update()

    def _has_room_for(self, name: str) -> bool:
        """Return whether a name fits into a cell: the next cell cuts it off, and covers what makes it understood."""
        canvas = find_canvas(self._panel)
        return canvas is None or _LARGER * canvas.fontMetrics().horizontalAdvance(name) < canvas.width() / _CELLS

    def update(self, now: CompareState) -> None:
        """Show other windows or other colours in the same cells, of which deleted ones stay away; or another pair."""
        if now.partial is not None and now.partial.study.covered is not self._mask:
            self.hide()
            self.hid.emit(bring_forward(self._viewer.layers, fused_layer(self._viewer, now.partial)))
            self.show(now)
            return
        self.finish()
        for mode in now.modes:
            if mode.name in self._pictures and self._pictures[mode.name].layer is not None:
                self._show_picture(mode, now, 0)

    def rebuild(self, now: CompareState) -> None:
        """Begin again: with another pair, or an image that came and would push the others out of their cells."""
        self.hide()
        self.show(now)

    def is_own(self, layer: Image) -> bool:
        """Return whether a layer is one of the cells that are made of sources."""
        return str(layer.unique_id) in {picture.key for picture in self._pictures.values()}

    def hide(self) -> None:
        """Give grid, layers, visibility, order and camera back as they were; a camera that was moved stays there."""
        before, self._before = self._before, None
        if before is None:
            return
        if self.cross is not None:
            self.cross.deleteLater()
            self.cross = None
        self._row.leave()
        self._entering.stop()  # letters that are still to come are in no cells any more
        for picture in self._pictures.values():
            picture.remove()
        self._pictures = {}
        for layer in self._viewer.layers:
            key = str(layer.unique_id)
            show_or_hide(layer, is_visible=before.visible.get(key, layer.visible))
            layer.name_overlay.visible = before.named.get(key, layer.name_overlay.visible)

    def _cells(self, now: CompareState, fused: Image | None) -> Iterator[tuple[Image, str]]:
        """Yield the layers of the cells from left to right, those made of sources around the fused image's own.

        With each a word for where its name has no room.
        """
        layers = self._viewer.layers
        first, *middle, second = now.cells()
        place = len(layers) if fused is None else layers.index(fused)
        yield self._show_picture(first, now, place), now.cell_word(first)
        if fused is not None:
            yield fused, "Fused"
        else:
            for mode in middle:
                place += 1
                yield self._show_picture(mode, now, place), now.cell_word(mode)
        yield self._show_picture(second, now, place + 2 if fused is not None else place + 1), now.cell_word(second)

    def _show_picture(self, mode: CompareMode, now: CompareState, index: int) -> Image:
        picture = self._pictures.setdefault(mode.name, PictureLayer(self._viewer))
        return picture.show(now.picture(mode), now.cell_name(mode), index)


@contextmanager
def _kept_as_drawn(canvas: QWidget | None) -> Iterator[None]:
    """Leave on the screen what is there until all of the next picture is made."""
    if canvas is None:
        yield
        return
    canvas.setUpdatesEnabled(False)
    try:
        yield
    finally:
        canvas.setUpdatesEnabled(True)
