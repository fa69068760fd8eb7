"""The Lesions page: a reader's list of lesions, drawn in every plane, measured in the sources and never in the fusion.

Read it from here: `LesionSession` holds the list, `LesionForm` the controls, `ListView` shows the list on them,
`ListCommands` binds them to it, `Outlines` is what is seen of it in the viewer, `Clicking` the mouse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari.utils.notifications import show_info
from qtpy.QtCore import QTimer, Signal
from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_refusion.session.lesions.session import NO_SOURCE, LesionSession
from napari_refusion.volume.finding import Finding, RefusedError
from napari_refusion.widgets.keys import Key, key_for
from napari_refusion.widgets.lesions.clicking import Clicking
from napari_refusion.widgets.lesions.form import LesionForm, show_spots
from napari_refusion.widgets.lesions.list_commands import ListCommands
from napari_refusion.widgets.lesions.list_view import ListView
from napari_refusion.widgets.lesions.opening import OverlayOpening
from napari_refusion.widgets.lesions.outlines import Outlines
from napari_refusion.widgets.lesions.places import clicked_place, go_to_place
from napari_refusion.widgets.lesions.references import References
from napari_refusion.widgets.lesions.sentences import spot_words, stale_words
from napari_refusion.widgets.lesions.writing import LesionOutput
from napari_refusion.widgets.scrolled import Scrolled
from napari_refusion.widgets.worker import in_worker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari.viewer import Viewer

    from napari_refusion.evidence.missed_uptake import MissedUptake
    from napari_refusion.fusion.engine import Engine
    from napari_refusion.fusion.partial import PartialFusion
    from napari_refusion.io.overlays.overlay import Overlay
    from napari_refusion.lesion.lesion import Lesion
    from napari_refusion.session.messages import Started
    from napari_refusion.session.review import ReviewSession
    from napari_refusion.widgets.lesions.edits import Edits
    from napari_refusion.widgets.planes.click import Click

_REST = 1000
"""Milliseconds without a change after which it is computed how much of the lesions the fused image shows."""


class LesionPanel(QWidget):
    """Binds a `LesionSession` to controls and viewer, from `start` to `stop`."""

    recorded = Signal()
    """Emitted when the list was changed in the record of a review."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__()
        self._viewer = viewer
        self.session = LesionSession(in_worker(self))
        self.form = LesionForm()
        self.outlines = Outlines(viewer, self)
        self.clicking = Clicking(viewer, self)
        self.references = References(viewer)
        self.form.add_references(self.references)
        self.opening = OverlayOpening(viewer, self)
        self.output = LesionOutput(self)
        self.view = ListView(self.session, self.form, self.references)
        self.commands = ListCommands(self.session, self.form, self.outlines, self)
        self.spots: Callable[[], Sequence[MissedUptake]] = tuple
        """Returns the places of missed uptake that are known now."""
        self.is_free: Callable[[], bool] = lambda: True
        """Returns whether nothing is being fused."""
        self._engine: Engine | None = None
        self._review: ReviewSession | None = None
        self._steps = 0
        self._drawn: tuple[object, ...] = ()
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST)
        self._rest.timeout.connect(self.settle)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.addWidget(Scrolled(self.form))
        self._connect()
        self._show()

    def _connect(self) -> None:
        form, session = self.form, self.session
        session.changed.connect(self._show)
        session.said.connect(self._say)
        form.click.toggled.connect(lambda on: self.clicking.switch(on=on))
        self.clicking.switched.connect(self._show_clicking)
        self.clicking.clicked.connect(self._add_at)
        self.outlines.edited.connect(self._take_edits)
        form.spots.aboutToShow.connect(self._offer_spots)
        form.open.clicked.connect(self._open)
        self.opening.said.connect(form.say)
        self.opening.layers.changed.connect(lambda: form.overlays.show_overlays(self.opening.layers.shown))
        form.overlays.wanted.connect(self._take_overlay)
        form.overlays.closed.connect(self.opening.layers.remove)
        self.output.message.connect(form.say)
        form.table.chosen.connect(self.go_to)
        form.write_wanted.connect(lambda kind: self.output.ask(kind, session))
        self._connect_references()

    def _connect_references(self) -> None:
        references = self.references
        references.session.changed.connect(self._show)
        references.taking.connect(lambda: self.clicking.switch(on=False))
        self.clicking.switched.connect(lambda on: references.clicking.switch(on=False) if on else None)

    def take_click(self, click: Click) -> None:
        """Tell of a click on a canvas beside the viewer's own."""
        self.clicking.take(click)
        self.references.clicking.take(click)

    def keys(self) -> tuple[Key, ...]:
        """Return the key with which clicks add lesions."""
        return (key_for("lesion", self.toggle_clicking),)

    def toggle_clicking(self) -> None:
        """Add lesions by clicks, or no longer; say why there is nothing to click on: the key works on every page."""
        if self.form.click.isEnabled():
            self.form.click.toggle()
        else:
            show_info(NO_SOURCE)

    def start(self) -> None:
        """Begin to follow the viewer."""
        self.outlines.start()
        self.references.start()
        self.opening.layers.start()
        self._drawn = ()
        self._show()

    def stop(self) -> None:
        """Let go of the viewer; the list is kept."""
        self.clicking.switch(on=False)
        self.references.stop()
        self._rest.stop()
        self.session.shares.cancel()
        self.output.close()
        self.opening.stop()
        self.outlines.stop()

    def show_pair(self, started: Started) -> None:
        """Show the lesions of a pair that is fused."""
        self._engine = started.kept.engine
        self._show_partial(started.partial)

    def show_comparison(self, partial: PartialFusion | None) -> None:
        """Show the lesions of a pair that is compared and not fused; None for no pair."""
        self._engine = None
        self._show_partial(partial)

    def _show_partial(self, partial: PartialFusion | None) -> None:
        self.form.table.finish_typing()
        self.outlines.take_edits()
        before = {one.content for one in self.session.now.sources}
        self.session.show_pair(partial)
        if before and before != {one.content for one in self.session.now.sources}:
            self.form.say("")
            self.opening.forget()
        self.form.method.offer_sources([one.volume for one in self.session.now.sources])
        self.references.show_partial(partial)
        self.references.session.show_sources(self.session.now.sources)
        self._show()
        self._rest.start()

    def open_review(self, review: ReviewSession | None) -> None:
        """Keep the list in the record of a review from now on; None when it is left."""
        if review is not self._review:
            self.form.table.finish_typing()
            self.outlines.take_edits()
            self._review, self._steps = review, 0 if review is None else _steps(review)
            if review is not None:
                self.references.session.take_reader(review.store.reader)
            self.session.open_review(review)

    def read_again(self) -> None:
        """Show what the review holds now, where something was taken back or said again there."""
        if self._review is not None and (steps := _steps(self._review)) != self._steps:
            self._steps = steps
            self.session.read_again()

    def settle(self) -> None:
        """Compute how much of the lesions the fused image shows; what fuses slices or was asked before goes first."""
        if not self.is_free() or self.session.shares.is_computing:
            self._rest.start()
        elif self._engine is not None and self.session.now.sources:
            self.session.shares.compute(self._engine)

    def go_to(self, number: int) -> None:
        """Take all planes to the maximum of a lesion."""
        session = self.session
        session.select(number)
        measured = session.now.measured.get(number)
        source = session.now.source_of(session.now.lesions.numbered(number))
        if source is None or session.now.partial is None:
            self.form.say(stale_words(session.now.lesions.numbered(number)))
        elif measured is not None and measured.place is not None:
            self.outlines.show(self.view.placed(), session.now.sources)  # also where its layer was deleted
            go_to_place(self._viewer, session.now.partial, source.point_in_pair(measured.place))

    def _add_at(self, click: Click) -> None:
        if self.session.now.partial is None:
            return
        try:
            amount = self.form.method.number()
        except RefusedError as error:
            self.form.say(str(error))
            return
        point, method = clicked_place(click, self.session.now.partial), self.form.method
        self.commands.attempt(lambda: self.session.add_at(point, method.key, amount, method.index))

    def _take_edits(self, found: Edits, lesions: Sequence[Lesion]) -> None:
        """Take over what a brush did; what was erased wholly is gone, and Undo brings it back."""
        numbers = [one.number for one in lesions]
        found_on = {self.session.now.source_of(one) for one in self.session.now.lesions if one.number in numbers}
        places = [place for place, one in enumerate(self.session.now.sources) if one in found_on]
        self._drawn = ()  # what the layer shows now is the reader's, until it is drawn anew
        self.form.say("")
        for number, voi in found.changed.items():
            self.session.replace_voi(number, voi)
        for number in found.erased:
            self.session.remove(number)
            self.form.say(f"Lesion {number} was erased: Undo brings it back.")
        for voi in found.painted:
            self.session.add_voi(voi, next(iter(places), 0))
        self._show()

    def _offer_spots(self) -> None:
        spots, menu = tuple(self.spots()), self.form.spots
        show_spots(menu, tuple(spot_words(one) for one in spots))
        for action, spot in zip(menu.actions(), spots, strict=False):
            action.triggered.connect(lambda _checked=False, spot=spot: self._add_spot(spot))

    def _add_spot(self, spot: MissedUptake) -> None:
        self.commands.attempt(lambda: self.session.add_from_missed(spot))
        if self.session.selected is not None:
            self.go_to(self.session.selected)

    def _open(self) -> None:
        index = self.form.method.index
        if 0 <= index < len(self.session.now.sources):
            self.opening.ask(self.session.now.sources[index])

    def _take_overlay(self, overlay: Overlay) -> None:
        self.commands.attempt(lambda: self.opening.take(overlay, self.session))

    def _say(self, finding: Finding) -> None:
        self.form.say(finding.sentence)

    def _show_clicking(self, on: bool) -> None:
        self.form.click.setChecked(on)
        self.form.say("Click on uptake in any plane; Escape ends it." if on else "")

    def _show(self) -> None:
        """Show the list as it stands."""
        session, form = self.session, self.form
        lesions = session.now.lesions
        now = (lesions, *((one.content, one.side.move) for one in session.now.sources))
        if self._drawn != now and self.outlines.is_running:
            self._drawn = now
            self.outlines.show(self.view.placed(), self.session.now.sources)
            self._rest.start()
            if self._review is not None:
                self._steps = _steps(self._review)
                self.recorded.emit()
        is_coming = session.shares.is_computing or self._rest.isActive()
        self.view.show(is_fused=self._engine is not None, is_coming=is_coming)
        form.allow(pair=bool(session.now.sources), lesions=len(lesions) > 0, selected=session.selected is not None)
        if not session.now.sources:
            self.clicking.switch(on=False)


def _steps(review: ReviewSession) -> int:
    """Return how often something was taken back, said again or begun anew in a record."""
    return sum(one.kind in ("undo", "redo", "again") for one in review.events)
