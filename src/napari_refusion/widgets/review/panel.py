"""The Review page: a reader judges a fusion slice by slice, with its sources, its evidence and a record that stands."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, Qt, Signal
from qtpy.QtWidgets import QInputDialog, QMessageBox, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from napari_refusion.volume.finding import RefusedError
from napari_refusion.widgets.review.check_banner import CheckBanner
from napari_refusion.widgets.review.evidence_layer import EvidenceLayer
from napari_refusion.widgets.review.examining import Examining
from napari_refusion.widgets.review.form import ReviewForm, say
from napari_refusion.widgets.review.judging import BOTH, Judging
from napari_refusion.widgets.review.keys import ReviewKeys, keys_of_review
from napari_refusion.widgets.review.output import ReviewOutput
from napari_refusion.widgets.review.slice_watch import SliceWatch
from napari_refusion.widgets.review.start import ReviewStart
from napari_refusion.widgets.review.words import (
    cells_of,
    evidence_titles,
    here_in_words,
    next_step,
    numbers_in_words,
    title_of,
)

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_refusion.evidence.examination import Examination
    from napari_refusion.evidence.limits import Limits
    from napari_refusion.session.compare import CompareSession
    from napari_refusion.session.review import Session
    from napari_refusion.volume.volume import Volume
    from napari_refusion.widgets.fuse.messages import Started
    from napari_refusion.widgets.review.opened_review import OpenedReview


class ReviewPanel(QWidget):
    """Reviews what is fused; the rest of the Fuse widget stays as it is."""

    volume_wanted = Signal()
    """Emitted when all slices must be fused before the review can go on."""

    def __init__(self, viewer: Viewer, compare: CompareSession) -> None:
        super().__init__()
        self._viewer, self._compare = viewer, compare
        self.started: Started | None = None
        """The fusion on the screen."""
        self.opened_from: Mapping[str, Path] = {}
        """Id of a layer -> its file or folder, for layers of which napari does not know it."""
        self._next: tuple[Path, str] | None = None
        self._asks_with_edges = False
        self._volumes: tuple[Volume, Volume] | None = None
        self._opened: OpenedReview | None = None
        self.start_page, self.form = ReviewStart(), ReviewForm()
        self.watch = SliceWatch(viewer, self)
        self.judging, self.examining = Judging(self.watch, self), Examining(self)
        self.output = ReviewOutput(self)
        self._banner, self._evidence = CheckBanner(viewer), EvidenceLayer(viewer)
        self._lay_out()
        self.keys = ReviewKeys(self, keys_of_review(self.judging, compare, self.form, self._ask_verdict))
        self._connect()

    @property
    def session(self) -> Session | None:
        """What is going on; None while nobody reviews."""
        return self.judging.session

    def _lay_out(self) -> None:
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(self._scroll.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self.form)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.start_page)
        self.pages.addWidget(self._scroll)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.addWidget(self.pages)

    def _connect(self) -> None:
        form, judging = self.form, self.judging
        self.start_page.wanted.connect(self.begin)
        form.answered.connect(judging.answer)
        form.reason_toggled.connect(judging.give_reason)
        form.commented.connect(self._comment)
        form.evidence_chosen.connect(self._show_evidence)
        form.strip.chosen.connect(self.watch.go_to)
        form.trust.override_wanted.connect(self._override)
        form.verdict.given.connect(self._finish)
        form.verdict.closed.connect(self._return_keys)
        form.pressed.connect(self.keys.press)
        form.output_wanted.connect(self._write)
        self.output.told.connect(form.tell)
        self.output.written.connect(self._note_written)
        form.leave.clicked.connect(self.end)
        form.lock.clicked.connect(self._lock)
        judging.changed.connect(self._show_change)
        judging.told.connect(form.tell)
        self.watch.moved.connect(self._follow_slider)
        self.watch.seen.connect(self._note_seen)
        self.examining.advanced.connect(form.progress.setValue)
        self.examining.found.connect(self._take)
        self.examining.ended.connect(lambda _end: form.progress.hide())

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

    def show_pair(self, started: Started, volumes: tuple[Volume, Volume]) -> None:
        """Review this fusion from now on; `volumes` are its sources in its pair's order, as they were opened."""
        self.watch.leave()
        self.started, self._volumes = started, volumes
        following, self._next = self._next, None
        if following is not None:
            self.begin(*following)
        elif self._opened is not None:
            self._open_session()

    def settle(self) -> None:
        """Notice that slices were fused meanwhile."""
        if self.session is not None:
            self._examine()
            self.refresh()

    def begin(self, folder: Path, reader: str) -> None:
        """Open the review of a reader in a project's folder, and go on where it was left."""
        from napari_refusion.widgets.review.opened_review import OpenedReview

        if self.started is None:
            self.start_page.told.setText("Choose two sources and fuse them first: see the Fuse page.")
            return
        self.end()
        try:
            self._opened = OpenedReview(folder, reader)
        except RefusedError as error:
            self.start_page.told.setText(str(error))
            return
        self.pages.setCurrentIndex(1)
        self.keys.switch(on=True)
        self._open_session()
        self.form.strip.setFocus()
        if not self.started.canvas.is_complete:
            self.volume_wanted.emit()

    def begin_with_next(self, folder: Path, reader: str) -> None:
        """Begin a review as soon as another pair is shown: the layers of this one are about to go."""
        self.end()
        self._next = folder, reader

    def end(self) -> None:
        """Leave the review; everything that was said is kept."""
        self.watch.follow(None)
        self.examining.close()
        self.output.close()
        self.keys.switch(on=False)
        self._banner.show("")
        self._evidence.show(None, "", "")
        self.judging.speak_to(None)
        if self._opened is not None:
            self.start_page.told.setText(self._opened.close(self))
            self._opened = None
        self.pages.setCurrentIndex(0)

    def _open_session(self) -> None:
        assert self.started is not None
        assert self._volumes is not None
        assert self._opened is not None
        before, canvas = self.session, self.started.canvas
        session = self._opened.session(self.started, self._volumes, self.source_paths() or ())
        if before is not None and before.canvas is canvas and before.run == session.run:
            self.refresh()
            return
        self.examining.close()
        self.judging.speak_to(session)
        self._evidence.show(None, "", "")
        self.form.offer_evidence({})
        self.watch.follow(canvas)
        if before is None or before.run.case_id != session.run.case_id:
            self._resume(session)
        self._examine()
        self.refresh()

    def source_paths(self) -> tuple[Path, Path] | None:
        """Return what the sources were opened from, see `opened_review.source_paths`."""
        from napari_refusion.widgets.review.opened_review import source_paths

        return None if self.started is None else source_paths(self._viewer, self.started, self.opened_from)

    def _resume(self, session: Session) -> None:
        """Go to the slice where this case was left, and begin a new one with the edges of the sources."""
        assert self._opened is not None
        if not session.store.is_read_only:
            self.judging.said(lambda session: session.begin())
        say(self.form.others, self._opened.said_by_others(session.run.case_id))
        view = session.store.view(session.run.case_id) or {}
        if view.get("axis") == session.run.axis and 0 <= view.get("index", -1) < session.count:
            self.watch.go_to(view["index"])
        if not session.review.registration:
            self._asks_with_edges = True
            self._compare.show_edges()

    def _examine(self) -> None:
        """Compute the evidence as soon as all slices are there."""
        session, started = self.session, self.started
        if session is None or started is None or session.examination is not None or self.examining.is_running:
            return
        engine = started.kept.engine
        if started.canvas.is_complete and engine is not None:
            self.form.begin_progress(session.count)
            self.examining.start(engine, started.canvas, max(self.watch.index(), 0))

    def _take(self, examination: Examination, limits: Limits | None) -> None:
        session = self.session
        if session is not None and examination.canvas is session.canvas:
            self.judging.said(lambda session: session.take(examination, limits))
            self.form.offer_evidence(evidence_titles(session))

    def _show_evidence(self, name: str) -> None:
        session = self.session
        if session is not None:
            self._evidence.show(session.examination, name, evidence_titles(session).get(name, ("", ""))[0])

    def refresh(self) -> None:
        """Show the review as it stands."""
        session = self.session
        if session is None:
            return
        form = self.form
        form.title.setText(title_of(session))
        form.trust.show_lights(session.lights(), session.review.overrides)
        self._banner.show(session.check_failed())
        form.show_answer(session.review.registration, is_locked=session.review.is_locked)
        form.strip.show_cells(cells_of(session), self.watch.index())
        form.lock.setEnabled(session.review.verdict is not None and not session.review.is_locked)
        form.show_missed(len(session.examination.missed) if session.examination is not None else 0)
        self._show_slice(session)

    def _show_slice(self, session: Session) -> None:
        """Show what there is about the slice on the screen."""
        review, index, form = session.review, self.watch.index(), self.form
        form.strip.look_at(index)
        form.here.setText(here_in_words(session, index))
        form.numbers.setText(numbers_in_words(session, index))
        say(form.told, next_step(session, self.judging.pending))
        is_open = index >= 0 and not review.is_locked and not session.store.is_read_only
        here = review.slice(index)
        can_reason = is_open and (self.judging.pending or here.verdict) in BOTH
        can_judge = is_open and review.registration not in ("", "unacceptable")
        form.show_slice(index, here, can_judge=can_judge, can_reason=can_reason)

    def _show_change(self) -> None:
        self.form.tell("")
        if self._asks_with_edges and self.session is not None and self.session.review.registration:
            self._asks_with_edges = False
            self._compare.choose(None)
        self.refresh()

    def _follow_slider(self) -> None:
        self.judging.pending = ""
        self.form.leave_comment()
        self.form.tell("")
        if self.session is not None:
            self._show_slice(self.session)

    def _note_seen(self, index: int, seconds: float) -> None:
        session = self.session
        if session is None or session.store.is_read_only or session.review.is_locked or not session.canvas.done[index]:
            return
        view = {"axis": session.run.axis, "index": index}
        try:
            session.look(index, seconds)
            session.store.remember_view(session.run.case_id, view)
        except RefusedError as error:
            self.form.tell(str(error))
        self.refresh()

    def _comment(self, index: int, text: str) -> None:
        if self.session is not None and not self.session.store.is_read_only:
            self.judging.said(lambda session: session.comment(index, text))

    def _override(self, check: str) -> None:
        reason, is_given = QInputDialog.getText(self, f"{check} failed", "Why is this check passed over?")
        if is_given:
            self.judging.said(lambda session: session.override(check, reason))

    def _ask_verdict(self) -> None:
        session = self.session
        if session is not None and not self.form.verdict.isVisible():
            self.watch.leave()
            self.keys.switch(on=False)
            self.form.verdict.ask(session.possible_verdicts(), session.missing())
            self._scroll.ensureWidgetVisible(self.form.verdict)

    def _return_keys(self) -> None:
        self.keys.switch(on=self.session is not None)
        self.form.strip.setFocus()
        self.watch.arrive()
        self.refresh()

    def _finish(self, value: str, confidence: float, comment: str) -> None:
        session = self.session
        if session is not None and self.judging.said(lambda session: session.finish(value, confidence, comment)):
            assert self._opened is not None
            self.output.mirror(session)
            say(self.form.others, self._opened.said_by_others(session.run.case_id))

    def _lock(self) -> None:
        question = "Close this case for good? Nothing in it can be changed any more."
        if QMessageBox.question(self, "Lock the case", question) == QMessageBox.StandardButton.Yes:
            self.judging.said(lambda session: session.lock())

    def _write(self, kind: str) -> None:
        """Write a report, or the fused volume as NIfTI or DICOM."""
        if self.session is not None and self.started is not None:
            self.output.write(kind, self.session, self.started, self.source_paths())

    def _note_written(self, kind: str) -> None:
        if self.session is not None and not self.session.store.is_read_only:
            self.judging.said(lambda session: session.note_export([kind]))
