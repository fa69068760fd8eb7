"""The Fuse widget: two layers in, one fused layer out, and what was noticed about the pair."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from napari.utils.notifications import show_warning
from napari.viewer import Viewer
from qtpy.QtCore import QEvent, Qt
from qtpy.QtGui import QKeySequence, QShowEvent
from qtpy.QtWidgets import QHBoxLayout, QLabel, QPushButton, QShortcut, QVBoxLayout, QWidget

from napari_refusion.fusion.filling import FusedSlice
from napari_refusion.notice import NOT_FOR_DIAGNOSIS
from napari_refusion.session.fusion import FusionSession
from napari_refusion.session.messages import Compared, Started
from napari_refusion.session.moves import Moves, move_of
from napari_refusion.session.source import nearest_done
from napari_refusion.session.statements import PairStatements
from napari_refusion.volume.chosen_window import DEFAULT_SCALES, UptakeScales
from napari_refusion.volume.finding import Finding, RefusedError, blocking
from napari_refusion.volume.rigid import RigidMove
from napari_refusion.widgets.common_units import CommonUnits
from napari_refusion.widgets.docks import lie_as_tab
from napari_refusion.widgets.fuse.choice_history import ChoiceHistory
from napari_refusion.widgets.fuse.chosen_pair import ChosenPair
from napari_refusion.widgets.fuse.findings_view import FindingsView
from napari_refusion.widgets.fuse.legend_bar import LegendBar
from napari_refusion.widgets.fuse.live import Live, viewed_direction
from napari_refusion.widgets.fuse.overlay_row import OverlayRow
from napari_refusion.widgets.fuse.panels import Panels
from napari_refusion.widgets.fuse.picture_watch import PictureWatch
from napari_refusion.widgets.fuse.result_display import ResultDisplay
from napari_refusion.widgets.fuse.source_row import choose
from napari_refusion.widgets.fuse.uptake_watch import UptakeWatch
from napari_refusion.widgets.fuse.window_drag import WindowDrag
from napari_refusion.widgets.keys import Key, Keys, key_for
from napari_refusion.widgets.layers import oblique_notice
from napari_refusion.widgets.orientation_letters import keep_letters
from napari_refusion.widgets.place_in_view import centre_on
from napari_refusion.widgets.planes.bar import PlaneBar
from napari_refusion.widgets.sessions.desk import SessionDesk
from napari_refusion.widgets.sessions.layout_habit import LayoutHabit
from napari_refusion.widgets.sessions.menu import session_button
from napari_refusion.widgets.warming import warm_up
from napari_refusion.widgets.wheel import WheelNeedsFocus
from napari_refusion.widgets.worker import in_worker

if TYPE_CHECKING:
    from napari_refusion.fusion.partial import Extent, FinishedSlices, PartialFusion
    from napari_refusion.session.preparing import FusionCache
    from napari_refusion.session.result import Shown
    from napari_refusion.session.source import Request


_ENDS: Final = {"cancelled": "Stopped", "failed": "Failed: see the notification"}

_NO_DEVICE: Final = "Device: chosen at the first fusion"

_PRESETS: Final = {"soft tissue": "soft", "lung": "lung", "bone": "bone", "brain": "brain"}
"""Action of `KEYS` -> preset of a CT."""


class _Part(Protocol):
    """Something that follows the viewer."""

    def start(self) -> None:
        """Begin."""

    def stop(self) -> None:
        """Let go."""


class FuseWidget(QWidget):
    """Controls to fuse two image layers; reading, aligning and the network run in a worker thread."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__()
        self._viewer = viewer
        self.panels = Panels(viewer)
        self.planes = PlaneBar(viewer, lambda sentence: self.status.setText(sentence))
        self.page = self.panels.page
        self.status = QLabel(_NO_DEVICE)
        self.findings = FindingsView()
        self.overlay = OverlayRow(self.panels.comparing)
        self.legend = LegendBar(self.panels.comparing)
        self._lay_out()
        self.session = FusionSession(in_worker(self))
        self.session.set_live(self.page.live.isChecked())
        self.session.result.set_coloured(self.page.form.coloured.isChecked())
        self.statements = PairStatements(self.session)
        self._display = ResultDisplay(viewer, self.session, self.statements, self.panels, self)
        self._live = Live(viewer, self)
        self._watch = PictureWatch(viewer, self.session, self)
        self._units = CommonUnits(viewer)
        self._uptake = UptakeWatch(self.session, self)
        self._pair = ChosenPair(viewer, self.page, self)
        self._history = ChoiceHistory(self.page, self.session, self)
        self.sessions = SessionDesk(viewer, self)
        self.layout_habit = LayoutHabit(viewer, self)
        self._drag = WindowDrag(viewer, self._pair.dragged_layer, self)
        self._keys = Keys(viewer, (*self.planes.keys(), *self.panels.keys(), *self._own_keys()))
        # napari has no name for the question mark: which key it is, with Shift or without, depends on the keyboard
        for sequence in ("?", "Shift+?"):
            QShortcut(QKeySequence(sequence), self).activated.connect(self.show_keys)
        WheelNeedsFocus(self)
        self._connect()
        self._connect_statements()
        self._open()
        self._warming = warm_up(self)

    def _lay_out(self) -> None:
        notice = QLabel(NOT_FOR_DIAGNOSIS)
        notice.setStyleSheet("font-weight: bold;")
        notice.setWordWrap(True)
        notice.setAlignment(Qt.AlignmentFlag.AlignCenter)
        help_button = QPushButton("?")
        help_button.setFixedWidth(24)
        help_button.setToolTip("The keys")
        help_button.clicked.connect(self.show_keys)
        footer = QHBoxLayout()
        footer.setSpacing(4)
        footer.addWidget(notice, stretch=1)
        footer.addWidget(session_button(self))
        footer.addWidget(help_button)
        self.status.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.setSpacing(4)
        layout.addWidget(self.planes)
        layout.addWidget(self.panels)
        layout.addWidget(self.status)
        layout.addWidget(self.findings, stretch=1)
        layout.addWidget(self.overlay)
        layout.addWidget(self.legend)
        layout.addLayout(footer)

    def _connect(self) -> None:
        page, session = self.page, self.session
        self.panels.currentChanged.connect(self._make_room)
        page.fuse_slice.clicked.connect(lambda: self.fuse(is_slice=True))
        page.fuse_volume.clicked.connect(lambda: self.fuse(is_slice=False))
        page.cancel.clicked.connect(self._cancel)
        page.undo.clicked.connect(self.undo)
        # before the page says that something was chosen anew, which Live then follows
        page.live_toggled.connect(session.set_live)
        page.changed.connect(self._follow_choice)
        self._pair.offering.connect(self._history.settle)
        self._pair.offered.connect(self._follow_layers)
        page.form.coloured_changed.connect(session.result.set_coloured)
        # Qt's own methods have no signature that psygnal could read; without this it warns in napari's window
        session.stage.connect(self.status.setText, check_nargs=False)
        session.compared.connect(self._compare)
        session.started.connect(self._begin)
        session.arrived.connect(self._receive)
        session.noticed.connect(self._notice)
        session.refused.connect(lambda findings, is_live: self._show_refusal(findings, is_live, session.request))
        session.ended.connect(self._end)
        session.live_changed.connect(page.show_live)
        registration = self.panels.register.session
        registration.accepted.connect(self._move)
        registration.undone.connect(lambda: self._move(None))
        self.panels.review.volume_wanted.connect(self._fill)
        self.findings.compare_wanted.connect(self.panels.compare_side_by_side)
        self.findings.reason_given.connect(self._pair_two_patients)
        self._live.wanted.connect(self._fuse_live)
        self._live.rested.connect(self._fuse_ahead)
        self._watch.judged.connect(self._show_picture_state)
        self._watch.looked_at.connect(self._uptake.look_at)
        self._uptake.found.connect(page.picture.show_uptake)
        self.findings.changed.connect(page.picture.show_findings)
        page.picture.wanted.connect(self._centre_on)

    def _connect_statements(self) -> None:
        """Let what is said come and go with the pair that is chosen, and every choice be undone."""
        said = self.statements
        said.changed.connect(self._show_statements)
        said.left.connect(self._leave_pair)
        said.replaced.connect(self.panels.forget_pair)
        said.returned.connect(self._return_to_pair)
        self._history.changed.connect(lambda: self.page.undo.setEnabled(self.session.can_undo))
        self.session.live_changed.connect(lambda _on: self._history.adopt())
        # after the display, which shows the pages a pair
        self.session.result.changed.connect(lambda _shown: self._show_decision())

    def _show_statements(self) -> None:
        self.findings.show_findings(self.statements.findings)
        self.legend.show_legend(self.statements.legend)

    def _say_of(self, shown: "Shown | None") -> None:
        """Say what there is to say about what is shown of the chosen pair; nothing where nothing is."""
        if shown is None:
            self.statements.say(())
        else:
            self.statements.say(self._findings_of(shown.started), shown.started.kept.request)

    def _return_to_pair(self, shown: "Shown") -> None:
        self._say_of(shown)
        self.panels.show_pair(shown.started)
        self._show_decision()
        self._watch.touch()

    def _show_decision(self) -> None:
        """Say on the page Register which move the chosen pair is fused with."""
        self.panels.register.session.take(move_of(self.session.moves, self.statements.keys))

    def _leave_pair(self) -> None:
        self.status.setText("")
        self.panels.forget_registration()

    def _make_room(self) -> None:
        """Leave the height to the pages that say themselves what was found: Register, and Review by its trust block."""
        page = self.panels.currentWidget()
        self.findings.setVisible(page not in (self.panels.register, self.panels.review))
        self.status.setVisible(page is not self.panels.review)
        self.overlay.setVisible(page is self.page)
        self.legend.leave_compared(is_said=page is self.panels.compare)

    def _open(self) -> None:
        """Take hold of the viewer."""
        keep_letters(self._viewer)
        for part in self._parts():
            part.start()

    def close_job(self) -> None:
        """Stop what is running; its thread ends by itself after the slice it is at."""
        self._uptake.stop()
        self.session.close()

    def _disconnect(self) -> None:
        """Let go of the viewer."""
        self.close_job()
        for part in self._parts():
            part.stop()

    def _parts(self) -> tuple[_Part, ...]:
        """Return everything that follows the viewer."""
        shown = self._watch, self._live, self._display
        # the habit lets go before planes and comparison do: their going is no wish of the reader's
        return self.layout_habit, *shown, self._drag, self._keys, self.panels, self.planes, self._units, self._pair

    def event(self, event: QEvent | None) -> bool:
        """Let go of the viewer when napari takes the widget out of its dock, and come back when it is docked again."""
        if event is not None and event.type() == QEvent.Type.ParentChange and hasattr(self, "_keys"):
            if self.parent() is None:
                self._disconnect()
            elif not self._pair.is_running:
                self._open()
        return bool(super().event(event))

    def showEvent(self, event: QShowEvent | None) -> None:  # noqa: N802 - Qt's name
        """Lie on the worklist, not below it."""
        super().showEvent(event)
        lie_as_tab(self)

    def fuse(self, is_slice: bool) -> None:
        """Fuse the slice shown in the viewer, or all slices of the volume."""
        try:
            request = self._pair.request("slice" if is_slice else "volume")
        except RefusedError as error:
            self._show_refusal(error.findings)
            return
        self._history.note()
        self.session.fuse(request, self.page.choices())
        self.page.undo.setEnabled(True)
        self._show_running()

    def _fill(self) -> None:
        if not self.session.is_filling:
            self.fuse(is_slice=False)

    def undo(self) -> None:
        """Go back to what was chosen before the last choice, or shown before the last fusion."""
        moves = self.session.moves
        if (snapshot := self._history.undo()) is None:
            return
        if not snapshot.is_choice:
            self._say_of(self.statements.shown)
        self._show_decision()
        if snapshot.is_choice and self.session.moves != moves:
            self._ask_again()

    def clear(self) -> None:
        """Stop, and take the result layers away: another pair comes."""
        self.session.clear()
        self._history.adopt()
        self.page.undo.setEnabled(False)

    def reopen(
        self,
        moves: Moves,
        finished: "FinishedSlices | None",
        two_patients: str = "",
        scales: UptakeScales = DEFAULT_SCALES,
    ) -> None:
        """Go on with the chosen pair where a saved session left it; nothing is fused that was not.

        Raises
        ------
        RefusedError
            If no pair is chosen.
        """
        request = replace(self._pair.request("slice", is_live=True), finished=finished, scales=scales)
        if finished is not None:
            request = request.with_axis(finished.axis)
            request = replace(request, place=nearest_done(request.place, finished.done))
        self.session.reopen(request, moves, two_patients)
        self._history.adopt()
        self._show_running()

    def pause_live(self) -> None:
        """Switch Live off for now, without making that the user's habit."""
        self.session.pause_live()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being fused."""
        return self.session.request is None

    @property
    def partial(self) -> "PartialFusion | None":
        """What the result layers show."""
        return self.session.partial

    def show_keys(self) -> None:
        """Show the list of keys; napari stays usable meanwhile."""
        review = self.panels.review
        self._keys.show_list(self, review.keys.keys if review.session is not None else ())

    def _own_keys(self) -> tuple[Key, ...]:
        return (
            key_for("fuse", lambda: self.fuse(is_slice=False)),
            key_for("live", self.page.live.toggle),
            key_for("undo fusion", self.undo),
            *(key_for(action, partial(self._choose_window, preset)) for action, preset in _PRESETS.items()),
        )

    def _choose_window(self, preset: str) -> None:
        if not self._pair.choose_window(preset):
            self.status.setText(f"No source is a CT in HU: the window {preset} fits none.")

    def show_findings(self, findings: Sequence[Finding], status: str = "", about: "Request | None" = None) -> None:
        """Show what was noticed about the chosen pair."""
        self.statements.say(findings, about)
        self.status.setText(status)

    def _fuse_live(self, extent: "Extent" = "slice") -> None:
        """Fuse the current slice, if that is wanted and there is one."""
        direction = viewed_direction(self._viewer)
        if not self._pair.is_running or direction is None:
            return
        if not self.session.is_live:
            self._notice_change()
            return
        try:
            request = self._pair.request(extent, is_live=True)
        except RefusedError as error:
            if self.page.first.layer.count() > 1:
                self.show_findings(error.findings, "Not fused")
            return
        self.session.fuse_live(request, direction)

    def _notice_change(self) -> None:
        """Say what the reader did to sources or choices since they were fused, where Live does not fuse them anew."""
        try:
            words = self.statements.follow(self._pair.request("slice"))
        except RefusedError:
            return  # said when it is asked for
        if words and self.is_idle:
            self.status.setText(words)

    def _fuse_ahead(self) -> None:
        if self.is_idle:
            self._fuse_live("near")

    def _pair_two_patients(self, reason: str) -> None:
        self.session.pair_two_patients(reason)
        self._show_running()

    def _compare(self, compared: Compared) -> None:
        self._show_windows(compared.kept)
        self.panels.show_comparison(compared.partial)
        self._show_decision()

    def _show_windows(self, kept: "FusionCache") -> None:
        for row, key in zip((self.page.first, self.page.second), kept.request.keys, strict=True):
            side = kept.study.side(key)
            row.show_fused_window(side.window, side.source.unit, side.window_source)

    def _begin(self, started: Started) -> None:
        self.show_findings(self._findings_of(started), f"Device: {started.device}", started.kept.request)
        self._show_windows(started.kept)
        self._history.refresh()
        self._watch.touch()
        self.page.begin_progress(int(started.partial.done.sum()), len(started.partial.done))

    @staticmethod
    def _findings_of(started: Started) -> tuple[Finding, ...]:
        """Return what is to be said about a fusion, and about how it is drawn."""
        oblique = oblique_notice(started.partial.study.fixed)
        return (*started.findings, Finding("ok", "display", oblique)) if oblique else started.findings

    def _show_picture_state(self, state: Finding | None) -> None:
        """Say what was found about the fused slice on the screen, in place of what was said about the one before."""
        if self.statements.shown is None:
            return
        others = [finding for finding in self.statements.findings if finding.rule != "fused picture"]
        self.statements.add((*others, state) if state is not None else others)

    def _centre_on(self, voxel: tuple[int, int, int]) -> None:
        if self.session.partial is not None:
            centre_on(self._viewer, self.session.partial, voxel)

    def _receive(self, message: FusedSlice) -> None:
        if self._display.redraw(message) and self.session.is_filling:
            self.page.progress.setValue(int(message.partial.done.sum()))

    def _move(self, move: RigidMove | None) -> None:
        """Fuse the pair with a registration that was accepted; None takes it back."""
        # also where the result was deleted meanwhile
        registered = self.panels.register.session.partial
        self._history.note()
        self.session.note(self.page.choices(), self.statements.keys)
        self.page.undo.setEnabled(True)
        self.session.move(move, None if registered is None else registered.study)
        self._ask_again()

    def _ask_again(self) -> None:
        """Fuse the current slice of the chosen pair as it is decided now."""
        try:
            self.session.ask(self._pair.request("slice"))
        except RefusedError as error:
            self._show_refusal(error.findings)

    def _end(self, end: str, was_ahead: bool) -> None:
        self._display.settle()
        self._watch.touch()
        self.panels.review.settle()
        if end in _ENDS:
            self.status.setText(_ENDS[end])
        self._show_running()
        if end == "finished" and not was_ahead:
            self._live.rest()

    def _notice(self, finding: Finding) -> None:
        self.statements.add((*self.statements.findings, finding))
        self.status.setText("Device: CPU")

    def _cancel(self) -> None:
        self.page.cancel.setEnabled(False)
        self.status.setText("Stopping after this slice ...")
        self.session.cancel()

    def _show_refusal(
        self, findings: tuple[Finding, ...], is_live: bool = False, about: "Request | None" = None
    ) -> None:
        self.show_findings(findings, "Not fused", about)
        if not is_live:
            for finding in blocking(findings):
                show_warning(finding.sentence)

    def _follow_layers(self) -> None:
        """Stop when a source was deleted, and forget a pair of which nothing is left, and what led back to it."""
        self._history.adopt()
        self.session.prune(self._pair.there)
        self.page.undo.setEnabled(self.session.can_undo)
        partial = self.panels.comparing.state.partial
        if partial is not None and self._pair.is_gone(partial):
            self.panels.forget_pair()
        request = self.session.request
        if request is not None and (gone := self._pair.missing(request)):
            self.session.close(f"{' and '.join(gone)} was deleted: fusing stops")

    def _follow_choice(self) -> None:
        # what was noticed about one pair must not stand below another one
        if self.statements.choose(chosen := self._pair.keys()):
            if not chosen:
                self.status.setText(_NO_DEVICE)
            if (task := self._pair.task()) is not None:
                choose(self.page.form.task, task)
        self._live.follow(*self._pair.follow())
        self._show_running()
        self._live.touch()

    def _show_running(self) -> None:
        self.page.allow(ready=self.page.first.layer.count() > 1, filling=self.session.is_filling)
