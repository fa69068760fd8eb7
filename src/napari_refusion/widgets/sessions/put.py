"""From a saved session to a viewer and its Fuse widget: everything as it was left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from qtpy.QtCore import QObject, Signal

from napari_refusion.lesion.written import from_json
from napari_refusion.volume.finding import RefusedError
from napari_refusion.widgets.sessions.clearing import clear
from napari_refusion.widgets.sessions.layers_put import make_layers
from napari_refusion.widgets.sessions.pair_put import choose_pair, go_on, go_on_with_review
from napari_refusion.widgets.sessions.view_put import arrange, compare_as, go_to, show_planes, turn
from napari_refusion.widgets.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    from napari.layers import Layer
    from napari.viewer import Viewer

    from napari_refusion.session.saved.content import SavedPair, SavedSession
    from napari_refusion.widgets.fuse.widget import FuseWidget
    from napari_refusion.widgets.sessions.reopened import Reopened

_LOST: Final = "Open the session again: a layer of its pair was removed while it opened, so the pair is not shown."

_REFERENCES: Final = "Place the reference regions again: those of this session are of another reader or other images."

_FAILED: Final = "Open the images without the session: showing it failed on the way."


class SessionPut(QObject):
    """Puts one session into a viewer, a layer at a turn of the window; what is fused comes back a moment later.

    In between the viewer shows layers alone: what is said of a pair comes with the pair.
    """

    ended = Signal()
    """Emitted once, when everything is there."""
    refused = Signal(str)
    """Emitted in place of `ended` where a layer cannot be made, the viewer being as it was, or where showing fails."""

    def __init__(self, viewer: Viewer, widget: FuseWidget, folder: Path, saved: SavedSession) -> None:
        super().__init__(widget)
        self._viewer, self._widget, self._folder, self._saved = viewer, widget, folder, saved
        self._layers: tuple[Layer | None, ...] = ()
        self._turns = Turns(self)
        self._is_holding = self._is_pairing = False
        self.remarks: list[str] = []
        """What is not as it was, in sentences."""

    def put(self, opened: Reopened) -> None:
        """Begin to show the session in place of what the viewer holds."""
        self._turns.begin(self._guarded(self._show(opened)))

    def stop(self) -> None:
        """Put nothing more: the widget leaves the viewer, which keeps the layers that it has."""
        self._turns.stop()
        self._let_go()

    def _guarded(self, steps: Iterator[None]) -> Iterator[None]:
        """Take steps; where one fails the reader goes on, and napari says what failed."""
        try:
            yield from steps
        except Exception:
            self._let_go()
            self.refused.emit(_FAILED)
            raise

    def _show(self, opened: Reopened) -> Iterator[None]:
        """Make all layers, clear the viewer, show them, and pair the sources."""
        made: list[Layer | None] = []
        try:
            for layer in make_layers(self._folder, self._saved.layers, opened.layers):
                made.append(layer)
                yield
        except RefusedError as error:
            self.refused.emit(str(error))
            return
        self._layers = tuple(made)
        self._is_holding = True
        self._widget.layout_habit.hold(is_held=True)
        yield from clear(self._viewer, self._widget)
        for layer in made:
            if layer is not None:
                self._viewer.add_layer(layer)
                yield
        self._adopt_regions()
        turn(self._viewer, self._saved.view)
        pair = self._saved.pair
        if pair is None or not self._take_pair(pair, opened.fused):
            yield from self._finish()

    def _adopt_regions(self) -> None:
        """Let regions be measured with the images that they were drawn on; earlier versions did not save which."""
        pair = self._saved.pair
        chosen = () if pair is None else (pair.first, pair.second)
        for layer, saved in zip(self._layers, self._saved.layers, strict=True):
            drawing = saved.drawing
            if drawing is not None and drawing.is_regions and layer in self._viewer.layers:
                images = [self._layers[number] for number in drawing.drawn_on or chosen]
                keys = frozenset(str(one.unique_id) for one in images if one is not None)
                self._widget.panels.probe.take_regions(layer, keys)

    def _take_pair(self, pair: SavedPair, fused: np.ndarray | None) -> bool:
        """Choose the pair, and pair it where it was shown; return whether the session is finished with its end."""
        # the reader may have removed a layer between two turns
        if any(self._layers[number] not in self._viewer.layers for number in (pair.first, pair.second)):
            self.remarks.append(_LOST)
            return False
        self.remarks += choose_pair(self._widget, pair, self._layers)
        if not pair.was_shown:
            return False
        self._widget.clear()  # the reader may have begun something meanwhile, whose end would be taken for the pair's
        try:
            go_on(self._widget, self._saved, pair, self._layers, fused)
        except RefusedError as error:
            self.remarks.append(str(error))
            return False
        self._is_pairing = True
        self._widget.session.ended.connect(self._end_pairing)
        return True

    def _end_pairing(self, *_about: object) -> None:
        self._leave_session()
        self._turns.begin(self._guarded(self._finish()))

    def _finish(self) -> Iterator[None]:
        """Compare and draw the results as they were, a layer at a turn, and let the reader go on."""
        widget, view = self._widget, self._saved.view
        yield  # the second layer of a result has a turn of its own
        widget.finish_layers()
        yield
        self.remarks += compare_as(widget.panels.comparing, view)
        yield
        arrange(self._viewer, self._saved, self._layers)
        yield
        if view.side_by_side and not widget.panels.comparing.state.is_side_by_side:
            widget.panels.comparing.toggle_side_by_side()
            yield
        if self._saved.review is not None:
            self.remarks += go_on_with_review(widget, self._saved.review, self._folder)
            yield
        show_planes(self._viewer, widget, view)
        for index in range(widget.panels.count()):
            if widget.panels.tabText(index) == view.page:
                widget.panels.setCurrentIndex(index)
        go_to(self._viewer, view)
        if self._saved.lesions is not None:
            widget.panels.lesions.session.restore(from_json(self._saved.lesions))
        if (kept := self._saved.references) is not None:
            references = widget.panels.lesions.references.session
            if not references.restore(kept.reader, from_json(kept.regions)):
                self.remarks.append(_REFERENCES)
        self._let_go()
        self.ended.emit()

    def _leave_session(self) -> None:
        if self._is_pairing:
            self._is_pairing = False
            self._widget.session.ended.disconnect(self._end_pairing)

    def _let_go(self) -> None:
        """Let the reader go on with what is there."""
        self._leave_session()
        self._layers = ()
        if self._is_holding:
            self._is_holding = False
            self._widget.commands.history.adopt()
            self._widget.layout_habit.hold(is_held=False)
            self._widget.resume_live()
