"""From a saved session to a viewer and its Fuse widget: everything as it was left."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from qtpy.QtCore import QObject, QSignalBlocker, Signal

from napari_refusion.fusion.partial import FinishedSlices
from napari_refusion.lesion.written import from_json
from napari_refusion.numerics.intensity import Window
from napari_refusion.record.project import SETTINGS
from napari_refusion.session.saved.places import candidates
from napari_refusion.volume.chosen_window import UptakeScales
from napari_refusion.volume.finding import RefusedError
from napari_refusion.widgets.fuse.page import Choices
from napari_refusion.widgets.fuse.window_menu import AS_SHOWN, AUTOMATIC
from napari_refusion.widgets.layers import KEY, shown_volume
from napari_refusion.widgets.preferences import preferred_scales
from napari_refusion.widgets.removing import nothing_collected
from napari_refusion.widgets.sessions.layers_put import draw_as, make_layers
from napari_refusion.widgets.sessions.layers_taken import result_kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari.layers import Layer
    from napari.viewer import Viewer

    from napari_refusion.session.saved.content import SavedPair, SavedSession
    from napari_refusion.widgets.fuse.widget import FuseWidget
    from napari_refusion.widgets.sessions.reopened import Reopened

_ANOTHER: Final = "The review that opened is of another examination than the one that this session was saved in."


class SessionPut(QObject):
    """Puts one session into a viewer; what is fused of it comes back a moment later."""

    ended = Signal()
    """Emitted once, when everything is there."""

    def __init__(self, viewer: Viewer, widget: FuseWidget, folder: Path, saved: SavedSession) -> None:
        super().__init__(widget)
        self._viewer, self._widget, self._folder, self._saved = viewer, widget, folder, saved
        self._layers: tuple[Layer | None, ...] = ()
        self._is_live = widget.page.live.isChecked()
        self.remarks: list[str] = []
        """What is not as it was, in sentences."""

    def put(self, opened: Reopened) -> None:
        """Show the session in place of what the viewer holds.

        Raises
        ------
        RefusedError
            If a layer cannot be made; the viewer is then as it was.
        """
        layers = make_layers(self._folder, self._saved.layers, opened.layers)
        self._widget.layout_habit.hold(is_held=True)
        self._clear()
        self._layers = layers
        for layer in layers:
            if layer is not None:
                self._viewer.add_layer(layer)
        self._adopt_regions()
        if (pair := self._saved.pair) is not None:
            self._choose(pair)
        self._turn()
        self._compare()
        if pair is not None and pair.was_shown:
            self._begin_review()
            self._go_on(pair, opened.fused)
        else:
            self._end()

    def _clear(self) -> None:
        widget = self._widget
        # held until the slices that are there are in their places, else it would fuse them anew
        widget.session.set_live(False)
        widget.panels.review.end()
        widget.planes.three.hide()
        if widget.panels.comparing.state.is_side_by_side:
            widget.panels.comparing.toggle_side_by_side()
        widget.clear()
        with nothing_collected():
            self._viewer.layers.clear()

    def _adopt_regions(self) -> None:
        for layer in self._layers:
            if layer is not None and layer.metadata.get(KEY, {}).get("regions"):
                self._widget.panels.probe.take_regions(layer)

    def _choose(self, pair: SavedPair) -> None:
        """Choose on the page Fuse what was chosen."""
        page, form = self._widget.page, self._widget.page.form
        settings = {**form.state(), **{name: value for name, value in pair.settings.items() if name in form.state()}}
        weights = Path(settings["weights"])
        if form.weights.findData(str(settings["weights"])) < 0:
            if weights.is_file():
                form.add_weights(weights)
            else:
                self.remarks.append(f"Choose the weights again: those of this session are not here: {weights}")
                settings["weights"] = ""
        with QSignalBlocker(form.coloured):
            form.coloured.setChecked(pair.is_coloured)
        form.palette_name.setEnabled(pair.is_coloured)
        self._widget.session.result.set_coloured(pair.is_coloured)
        rows = [self._row(pair, number) for number in (0, 1)]
        page.restore(Choices(rows[0], rows[1], settings, pair.is_coloured, page.live.isChecked()))

    def _row(self, pair: SavedPair, number: int) -> dict[str, str]:
        """Return what was chosen for a source, as `SourceRow.restore` takes it."""
        layer = self._layers[(pair.first, pair.second)[number]]
        assert layer is not None
        choice, volume = pair.choices[number], shown_volume(layer)
        window = choice.window
        in_suv = volume is not None and volume.unit.startswith("SUV")
        if window == AUTOMATIC and in_suv and UptakeScales(*pair.scales) != preferred_scales():
            window = AS_SHOWN  # the scale that is preferred here is another one
        key = str(layer.unique_id)
        # the layer has its unit and its limits already
        drawn = {"shown": "", "limits": "", "unit": ""}
        return drawn | {"layer": key, "modality": choice.modality, "window": window, "custom": choice.custom}

    def _turn(self) -> None:
        """Show the plane and the place that were shown."""
        view, dims, widget = self._saved.view, self._viewer.dims, self._widget
        if sorted(view.order) == list(range(dims.ndim)):
            dims.ndisplay = 2
            dims.order = view.order
        self._viewer.fit_to_view()
        if view.planes and dims.ndim >= 3:
            widget.planes.show_all()
        dims.ndisplay = view.ndisplay if dims.ndim >= 3 else 2
        self._return()

    def _return(self) -> None:
        point = self._saved.view.point
        if len(point) == self._viewer.dims.ndim:
            self._viewer.dims.point = point

    def _compare(self) -> None:
        view = self._saved.view
        unknown = self._widget.panels.comparing.restore(view.mode, view.last_mode, view.amounts, view.colour_map)
        if unknown:
            self.remarks.append(f"Choose another way to compare: this version has none called {unknown}.")

    def _begin_review(self) -> None:
        """Go on with the review as soon as the pair is shown; no project is made where there is none."""
        review = self._saved.review
        if review is None:
            return
        for (folder,) in candidates(replace(review.place, names=review.place.names[:1]), self._folder):
            if (folder / SETTINGS).is_file():
                self._widget.panels.review.begin_with_next(folder, review.reader)
                return
        where = Path(review.place.folder, *review.place.names[:1])
        self.remarks.append(f"Choose the review's project on the page Review: it is no longer here: {where}")

    def _go_on(self, pair: SavedPair, fused: np.ndarray | None) -> None:
        """Pair the sources again, with the slices that are fused."""
        keys = [None if layer is None else str(layer.unique_id) for layer in self._layers]
        moves = {(str(keys[one.moving]), str(keys[one.fixed])): one.move for one in self._saved.moves}
        session = self._widget.session
        session.ended.connect(self._end)
        saved, finished = self._saved.fusion, None
        if saved is not None and fused is not None:
            windows = Window(*saved.windows[0]), Window(*saved.windows[1])
            done = np.array(saved.done)
            finished = FinishedSlices(
                fused, done, saved.axis, np.array(saved.affine), windows, saved.weights_sha256, saved.made_with
            )
        try:
            self._widget.commands.reopen(moves, finished, pair.two_patients, UptakeScales(*pair.scales))
        except RefusedError as error:
            self.remarks.append(str(error))
            self._end()

    def _end(self, *_about: object) -> None:
        """Draw the results as they were drawn, and let the reader go on."""
        widget = self._widget
        if self._saved.pair is not None and self._saved.pair.was_shown:
            widget.session.ended.disconnect(self._end)
        self._finish_results()
        view = self._saved.view
        if widget.panels.comparing.state.partial is not None and view.threshold is not None:
            widget.panels.comparing.set_threshold(view.threshold)
        if view.side_by_side and not widget.panels.comparing.state.is_side_by_side:
            widget.panels.comparing.toggle_side_by_side()
        for index in range(widget.panels.count()):
            if widget.panels.tabText(index) == view.page:
                widget.panels.setCurrentIndex(index)
        self._return()
        if self._saved.lesions is not None:
            widget.panels.lesions.session.restore(from_json(self._saved.lesions))
        reading, review = widget.panels.review.reading, self._saved.review
        if reading is not None and review is not None and reading.session.run.case_id != review.case_id:
            self.remarks.append(_ANOTHER)
        widget.commands.history.adopt()
        widget.layout_habit.hold(is_held=False)
        widget.session.set_live(self._is_live)
        self.ended.emit()

    def _finish_results(self) -> None:
        """Give results their looks and all layers their order."""
        self._widget.finish_layers()
        mode = self._saved.view.mode
        kinds = {kind: layer for layer in self._viewer.layers if (kind := result_kind(layer, mode))}
        order: Sequence[Layer | None] = [
            kinds.get(one.result) if one.result else layer
            for one, layer in zip(self._saved.layers, self._layers, strict=True)
        ]
        for one, layer in zip(self._saved.layers, order, strict=True):
            if one.result and layer is not None:
                draw_as(layer, one.look)
        wanted = [layer for layer in order if layer is not None and layer in self._viewer.layers]
        for place, layer in enumerate(wanted):
            now = self._viewer.layers.index(layer)
            if now != place:
                self._viewer.layers.move(now, place)
