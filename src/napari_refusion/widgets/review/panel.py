"""The Review page: a reader judges a fusion slice by slice, with its sources, its evidence and a record that stands.

Read it from here: `OpenReview` begins and leaves a review, `ReviewCommands` says what is said of a slice, `WholeCase`
what is done with a case, `ReviewEvidence` what speaks for and against a fusion; `ReviewForm` has the controls,
`SliceWatch` knows the slice on the screen.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, Signal
from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_refusion.volume.finding import RefusedError
from napari_refusion.widgets.review.asked_edges import AskedEdges
from napari_refusion.widgets.review.commands import ReviewCommands
from napari_refusion.widgets.review.evidence import ReviewEvidence
from napari_refusion.widgets.review.form import ReviewForm
from napari_refusion.widgets.review.keys import ReviewKeys, keys_of_review, keys_while_lacking
from napari_refusion.widgets.review.on_canvas import OnCanvas
from napari_refusion.widgets.review.open_review import OpenReview
from napari_refusion.widgets.review.output import ReviewOutput
from napari_refusion.widgets.review.pages import ReviewPages
from napari_refusion.widgets.review.slice_watch import SliceWatch
from napari_refusion.widgets.review.whole_case import WholeCase
from napari_refusion.widgets.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari.viewer import Viewer

    from napari_refusion.session.compare import CompareSession
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
        self._settling = Turns(self, is_patient=True)  # napari's bar for the evidence is a pause of its own
        self.form, self.watch = ReviewForm(), SliceWatch(viewer, self)
        self.pages = ReviewPages(self.form)
        self._commands, self._edges = ReviewCommands(self.watch, self), AskedEdges(compare, self)
        self.output = ReviewOutput(self)
        self.on_canvas = OnCanvas(viewer, self)
        self._evidence = ReviewEvidence(self._commands, self.form, self.watch, self.on_canvas, self)
        self.opened = OpenReview(self._commands, self.form, self.pages, self.watch, self)
        """Begins a review, waits for the pair of the next one, and leaves it."""
        self.case = WholeCase(self._commands, self.form, self.pages, self.watch, self)
        self.keys = ReviewKeys(self, keys_of_review(self._commands, compare, self.form, self.case))
        self._lacking_keys = ReviewKeys(self, keys_while_lacking(compare, self.pages.verdict))
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
        form.output_wanted.connect(self.write)
        form.leave_wanted.connect(self.opened.end)

    def _connect_parts(self) -> None:
        self.opened.shown.connect(self._show_fusion)
        self.opened.changed.connect(self.refresh)
        self.opened.leaving.connect(self._clear)
        self.opened.volume_wanted.connect(self.volume_wanted)
        self.pages.verdict.closed.connect(self._return_keys)
        self.case.verdict_asked.connect(self._leave_keys)
        self._commands.message.connect(self.form.show_message)
        for done in (self._commands.stored, self.output.done):
            done.connect(lambda sentence: self.form.show_message(sentence, is_stored=True))
        self.output.message.connect(self.form.show_message)
        self.output.written.connect(self._note_written)
        self.watch.moved.connect(self._follow_slider)
        self.watch.seen.connect(self._note_seen)
        self.watch.hidden.connect(self._say_hidden)

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

    def settle(self) -> None:
        """Notice that slices were fused meanwhile."""
        if self.reading is not None:
            self._evidence.examine(self.reading)
            self.refresh()

    def _settle_next(self) -> Iterator[None]:
        self.settle()
        yield

    def begin(self, folder: Path, reader: str, again: bool = False) -> None:
        """Open the review of a reader in a project's folder, see `OpenReview.begin`."""
        self.opened.begin(folder, reader, again)

    def holds(self, action: str) -> bool:
        """Return whether an action of `keys.KEYS` would lose a verdict that was not given yet, and say that there."""
        is_held = self.reading is not None and self.pages.is_verdict_open()
        if is_held:
            self.pages.verdict.say_first(action)
        return is_held

    def end(self) -> None:
        """Leave the review, see `OpenReview.end`."""
        self.opened.end()

    def _clear(self) -> None:
        """Show nothing of a review that is being left."""
        self._edges.leave()
        self.watch.follow(None)
        self._evidence.clear()
        self.output.close()
        for keys in (self.keys, self._lacking_keys):
            keys.switch(on=False)
        self.on_canvas.show_check("", None if self.session is None else self.session.partial)
        self.session_changed.emit(None)

    def _show_fusion(self, reading: Reading, is_other_case: bool) -> None:
        """Show a fusion that was not shown before, and examine it."""
        self._evidence.clear()
        self.watch.follow(reading.fusion.partial)
        self.session_changed.emit(reading.session)
        if is_other_case:
            self._begin_case(reading)
        self.refresh()
        self._settling.begin_soon(self._settle_next())

    def _begin_case(self, reading: Reading) -> None:
        """Go to where this case was left, and begin a new one with the edges of the sources."""
        self.pages.show_form()  # the verdict on the case before may have been in front
        self._lacking_keys.switch(on=False)
        self.keys.switch(on=True)
        self.case.begin(reading)
        self._edges.leave()
        if not reading.session.review.registration:
            self._edges.show()

    def refresh(self) -> None:
        """Show the review as it stands."""
        reading = self.reading
        if reading is None:
            return
        if reading.session.review.registration:
            self._edges.leave()
        self.on_canvas.show_check(reading.session.check_failed(), reading.session.partial)
        self.form.show_review(reading, self.watch.index())
        self.refreshed.emit()

    def _follow_slider(self) -> None:
        self.form.slice.leave_comment()
        self.form.show_message("")
        self._evidence.follow()
        if self.reading is not None:
            self.reading.drop_pending()
            self.form.show_slice(self.reading, self.watch.index())

    def _note_seen(self, index: int, seconds: float) -> None:
        if self.reading is not None:
            try:
                self.reading.look(index, seconds)
            except RefusedError as error:
                self.form.show_message(str(error))

    def _say_hidden(self, name: str) -> None:
        self.form.show_message(f"Hide {name}: it lies over the fused image, and no slice counts as seen under it.")

    def _leave_keys(self) -> None:
        """Leave the keys to what is typed in front of the verdict; where that lacks something, they say so."""
        self.keys.switch(on=False)
        self._lacking_keys.switch(on=not self.pages.is_verdict_open())

    def _return_keys(self) -> None:
        self._lacking_keys.switch(on=False)
        self.keys.switch(on=self.reading is not None)
        self.pages.show_form()
        self.form.take_keys()
        self.watch.arrive()
        self.refresh()

    def write(self, kind: str) -> None:
        """Write one of `report.output.OUTPUTS`: a report, or the fused volume."""
        if self.reading is not None:
            self.output.write(kind, self.reading)

    def _note_written(self, kind: str, files: tuple[Path, ...], written_of: ReviewSession) -> None:
        """Record what was written in the case that it was written of: another one may have come meanwhile."""
        self._commands.attempt(lambda reading: reading.note_export([kind], files, written_of))
