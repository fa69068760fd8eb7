"""The Review page: a reader judges a fusion slice by slice, with its sources, its evidence and a record that stands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, Signal
from qtpy.QtWidgets import QFileDialog, QInputDialog, QMessageBox, QVBoxLayout, QWidget

from napari_refusion.session.reviewed_fusion import ReviewedFusion
from napari_refusion.volume.finding import RefusedError
from napari_refusion.widgets.review.commands import ReviewCommands
from napari_refusion.widgets.review.examining import Examining
from napari_refusion.widgets.review.form import ReviewForm
from napari_refusion.widgets.review.keys import ReviewKeys, keys_of_review
from napari_refusion.widgets.review.map_making import MapMaking
from napari_refusion.widgets.review.on_canvas import OnCanvas
from napari_refusion.widgets.review.output import ReviewOutput
from napari_refusion.widgets.review.pages import ReviewPages
from napari_refusion.widgets.review.slice_watch import SliceWatch
from napari_refusion.widgets.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari.viewer import Viewer

    from napari_refusion.evidence.missed_uptake import MissedUptake
    from napari_refusion.session.compare import CompareSession
    from napari_refusion.session.examined import Examined
    from napari_refusion.session.messages import Started
    from napari_refusion.session.reading import Reading
    from napari_refusion.session.review import ReviewSession


class ReviewPanel(QWidget):
    """Binds a `Reading` to controls and viewer; the rest of the Fuse widget stays as it is."""

    volume_wanted = Signal()
    """Emitted when all slices must be fused before the review can go on."""
    session_changed = Signal(object)
    """Emitted with the `ReviewSession` that is open from now on, None when the review is left."""
    refreshed = Signal()
    """Emitted when more may be recorded, or less stands."""

    def __init__(self, viewer: Viewer, compare: CompareSession) -> None:
        super().__init__()
        self._compare = compare
        self._fusion: ReviewedFusion | None = None
        self._next: tuple[Path, str, bool] | None = None
        self._asks_with_edges = False
        # what is shown at the beginning and napari's bar for the evidence are two pauses of the window, not one
        self._beginning, self._settling = Turns(self), Turns(self, is_patient=True)
        self.form, self.watch = ReviewForm(), SliceWatch(viewer, self)
        self.pages = ReviewPages(self.form)
        self._commands, self._examining = ReviewCommands(self.watch, self), Examining(self)
        self._map_making = MapMaking(self)
        self.output = ReviewOutput(self)
        self.on_canvas = OnCanvas(viewer, self)
        self.keys = ReviewKeys(self, keys_of_review(self._commands, compare, self.form, self._ask_verdict))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.addWidget(self.pages)
        self._connect_form()
        self._connect_parts()

    @property
    def reading(self) -> Reading | None:
        """What the page drives; None outside a review."""
        return self._commands.reading

    @property
    def session(self) -> ReviewSession | None:
        """The review of the fusion on the screen; None outside a review."""
        return self.reading.session if self.reading is not None else None

    def _connect_form(self) -> None:
        form, commands = self.form, self._commands
        form.pressed.connect(self.keys.press)
        form.answered.connect(commands.answer)
        form.reason_toggled.connect(commands.toggle_reason)
        form.commented.connect(commands.comment)
        form.slice_chosen.connect(self.watch.go_to)
        form.missed_chosen.connect(commands.choose_missed)
        form.map_chosen.connect(self._show_map)
        form.override_wanted.connect(self._override)
        form.output_wanted.connect(self.write)
        form.lock_wanted.connect(self._lock)
        form.leave_wanted.connect(self.end)

    def _connect_parts(self) -> None:
        self.pages.start_page.wanted.connect(self.begin)
        self.pages.verdict.given.connect(self.finish)
        self.pages.verdict.override_wanted.connect(self._override_to_finish)
        self.pages.verdict.closed.connect(self._return_keys)
        self._commands.message.connect(self.form.show_message)
        for done in (self._commands.stored, self.output.done):
            done.connect(lambda sentence: self.form.show_message(sentence, is_stored=True))
        self._commands.missed_shown.connect(self._show_missed)
        self.output.message.connect(self.form.show_message)
        self.output.written.connect(
            lambda kind, files: self._commands.attempt(lambda reading: reading.note_export([kind], files))
        )
        self.watch.moved.connect(self._follow_slider)
        self.watch.seen.connect(self._note_seen)
        self._examining.advanced.connect(self.form.evidence.progress.setValue)
        self._examining.found.connect(self._take)
        self._examining.ended.connect(lambda _end: self.form.evidence.progress.hide())
        self._map_making.made.connect(self.on_canvas.evidence.refresh)
        self._map_making.working.connect(self.form.evidence.show_making)
        self.on_canvas.evidence.seen.connect(self._make_map)

    def start(self) -> None:
        """Begin to follow the viewer."""
        self.watch.start()

    def stop(self) -> None:
        """Let go of the viewer; what was said is kept."""
        self.end()
        self.watch.stop()

    def event(self, event: QEvent | None) -> bool:
        """Count no time while the window is not in front."""
        if event is not None and hasattr(self, "keys") and self.session is not None:
            if event.type() == QEvent.Type.WindowDeactivate:
                self.watch.leave()
            elif event.type() == QEvent.Type.WindowActivate:
                self.watch.arrive()
        return bool(super().event(event))

    def show_pair(self, started: Started) -> None:
        """Review this fusion from now on."""
        self.watch.leave()
        self._fusion = ReviewedFusion(
            partial=started.partial,
            provenance=started.provenance,
            findings=started.findings,
            colouring=started.colouring,
            engine=started.kept.engine,
        )
        following, self._next = self._next, None
        if following is not None:
            self.begin(*following)
        elif self.reading is not None:
            self._attach(self.reading, self._fusion)

    def settle(self) -> None:
        """Notice that slices were fused meanwhile."""
        if self.reading is not None:
            self._examine(self.reading)
            self.refresh()

    def _settle_next(self) -> Iterator[None]:
        self.settle()
        yield

    def begin(self, folder: Path, reader: str, again: bool = False) -> None:
        """Open the review of a reader in a project's folder, and go on where it was left.

        With `again`, a case that has a verdict is read once more from the beginning.
        """
        from napari_refusion.session.reading import Reading

        if self._fusion is None:
            self.pages.show_start("Choose two sources and fuse them first: see the Fuse page.")
            return
        self.end()
        try:
            reading = Reading.open(folder, reader, self._fusion)
        except RefusedError as error:
            self.pages.show_start(str(error))
            return
        self._commands.reading = reading
        if again:
            self._commands.attempt(lambda reading: reading.begin_again())
        reading.changed.connect(self.refresh)
        self.pages.show_form()
        self.keys.switch(on=True)
        self._show_fusion(reading, is_other_case=True)
        self.form.take_keys()
        if not self._fusion.partial.is_complete:
            self.volume_wanted.emit()

    def begin_with_next(self, folder: Path, reader: str, again: bool = False) -> None:
        """Begin a review as soon as another pair is shown, see `begin`: the layers of this one are about to go."""
        self.end()
        self._next = folder, reader, again

    def end(self) -> None:
        """Leave the review; everything that was said is kept."""
        self._beginning.stop()
        self._leave_edges()
        self.watch.follow(None)
        self._examining.close()
        self.output.close()
        self.keys.switch(on=False)
        self.on_canvas.show_check("")
        self.on_canvas.clear()
        self.session_changed.emit(None)
        if self.reading is not None:
            self.reading.changed.disconnect()
            message = self.reading.close(self._ask_rescue)
            self._commands.reading = None
            self.pages.show_start(message)

    def _attach(self, reading: Reading, fusion: ReviewedFusion) -> None:
        """Go over to another fusion, perhaps of another case."""
        case_id = reading.session.run.case_id
        try:
            is_other_fusion = reading.attach(fusion)
        except RefusedError as error:
            self.end()
            self.pages.show_start(str(error))
            return
        if is_other_fusion:
            self._show_fusion(reading, is_other_case=reading.session.run.case_id != case_id)
        else:
            self.refresh()

    def _show_fusion(self, reading: Reading, *, is_other_case: bool) -> None:
        """Show a fusion that was not shown before, and examine it."""
        self._examining.close()
        self.on_canvas.clear()
        self.watch.follow(reading.fusion.partial)
        self.session_changed.emit(reading.session)
        if is_other_case:
            self._begin_case(reading)
        self.refresh()
        self._settling.begin_soon(self._settle_next())

    def _begin_case(self, reading: Reading) -> None:
        """Go to the slice where this case was left, and begin a new one with the edges of the sources."""
        self._commands.attempt(lambda reading: reading.begin())
        self._show_others(reading)
        if (index := reading.left_at()) is not None:
            self.watch.go_to(index)
        self._leave_edges()
        self._asks_with_edges = not reading.session.review.registration
        if self._asks_with_edges:
            self._beginning.begin(self._show_edges())

    def _show_edges(self) -> Iterator[None]:
        """Show the edges of the sources a turn later, which is a layer of napari's, unless the reader was quicker."""
        mode = self._compare.state.mode
        yield
        if self._asks_with_edges and self._compare.state.mode is mode:
            self._compare.show_edges()

    def _leave_edges(self) -> None:
        """Take the edges away that the question was asked with: the way to compare is the reader's own."""
        if self._asks_with_edges:
            self._asks_with_edges = False
            self._compare.choose(None)

    def _show_others(self, reading: Reading) -> None:
        from napari_refusion.cohort.others import words_of_others

        words, readers = words_of_others(reading.project, reading.session.run.case_id, reading.store.reader)
        self.form.case.show_others(words)
        if readers:
            self._commands.attempt(lambda reading: reading.note_others(readers))

    def _examine(self, reading: Reading) -> None:
        """Compute the evidence as soon as all slices are there."""
        work = None if self._examining.is_running else reading.examine(self.watch.index())
        if work is not None:
            self.form.evidence.begin_progress(reading.session.count)
            self._examining.start(work, reading.session.count)

    def _take(self, found: Examined) -> None:
        self._commands.attempt(lambda reading: reading.take(found))

    def _show_map(self, name: str) -> None:
        if self.session is not None:
            title = self.on_canvas.show_map(self.session, name)
            self.form.show_message(f"Evidence: {title or 'none'}", is_stored=True)

    def _make_map(self, name: str, _title: str) -> None:
        """Make the map that is seen from now on, where it is made on request."""
        maps = self.session.maps if self.session is not None else None
        self._map_making.show(maps.slow(name) if maps is not None and name else None, self.watch.index())

    def _show_missed(self, rank: int, peak: MissedUptake) -> None:
        if self.reading is not None:
            self.form.missed.mark(rank)
            self.on_canvas.show_missed(peak, self.reading.fusion.partial.study.fixed.grid, f"missed {rank + 1}")

    def refresh(self) -> None:
        """Show the review as it stands."""
        reading = self.reading
        if reading is None:
            return
        if reading.session.review.registration:
            self._leave_edges()
        self.on_canvas.show_check(reading.session.check_failed())
        self.form.show_review(reading, self.watch.index())
        self.refreshed.emit()

    def _follow_slider(self) -> None:
        self.form.slice.leave_comment()
        self.form.show_message("")
        self._map_making.follow(self.watch.index())
        if self.reading is not None:
            self.reading.drop_pending()
            self.form.show_slice(self.reading, self.watch.index())

    def _note_seen(self, index: int, seconds: float) -> None:
        if self.reading is not None:
            try:
                self.reading.look(index, seconds)
            except RefusedError as error:
                self.form.show_message(str(error))

    def _override(self, check: str) -> None:
        reason, is_given = QInputDialog.getText(self, f"{check} failed", "Why is this check overridden?")
        if is_given:
            self._commands.attempt(lambda reading: reading.override(check, reason))

    def _ask_verdict(self) -> None:
        session = self.session
        self.watch.leave()  # the time that this slice was on the screen counts
        if session is not None and self.pages.ask_verdict(*_verdict(session)):
            self.keys.switch(on=False)

    def _override_to_finish(self, check: str) -> None:
        """Override a check in front of the verdict, which may be possible then."""
        self._override(check)
        if self.session is not None:
            self.pages.verdict.ask(*_verdict(self.session))

    def _return_keys(self) -> None:
        self.keys.switch(on=self.reading is not None)
        self.pages.show_form()
        self.form.take_keys()
        self.watch.arrive()
        self.refresh()

    def finish(self, value: str, confidence: float, comment: str) -> None:
        """Give the verdict on the case, see `Reading.finish`."""
        message: list[str] = []
        is_done = self._commands.attempt(lambda reading: message.append(reading.finish(value, confidence, comment)))
        if is_done and self.reading is not None:
            self.form.show_message(message[0], is_stored=True)
            self._show_others(self.reading)

    def _lock(self) -> None:
        question = "Lock this case for good? It can no longer be changed."
        if QMessageBox.question(self, "Lock the case", question) == QMessageBox.StandardButton.Yes:
            self._commands.attempt(lambda reading: reading.lock())

    def write(self, kind: str) -> None:
        """Write one of `report.output.OUTPUTS`: a report, or the fused volume."""
        if self.reading is not None:
            self.output.write(kind, self.reading)

    def _ask_rescue(self, count: int) -> Path | None:
        """Return where the review is kept whose newest events are not on the disk; None to lose them."""
        title = f"{count} entries are not on the disk: save them elsewhere"
        assert self.reading is not None
        chosen, _ = QFileDialog.getSaveFileName(self, title, f"{self.reading.store.reader}.sqlite")
        return Path(chosen) if chosen else None


def _verdict(session: ReviewSession) -> tuple[tuple[str, ...], list[str], list[str]]:
    """Return the verdicts that are possible, what is lacking, and the checks that failed."""
    return session.possible_verdicts(), session.missing(), session.failed_checks()
