"""The Fuse widget: two layers in, one fused layer out, and what was noticed about the pair."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from napari.utils.notifications import show_warning
from napari.viewer import Viewer
from qtpy.QtCore import QEvent, Qt
from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import QHBoxLayout, QLabel, QPushButton, QShortcut, QVBoxLayout, QWidget

from napari_refusion.fusion.filling import FusedSlice
from napari_refusion.notice import NOT_FOR_DIAGNOSIS
from napari_refusion.session.fusion import FusionSession
from napari_refusion.session.messages import Compared, Started
from napari_refusion.volume.finding import Finding, RefusedError, blocking
from napari_refusion.volume.rigid import RigidMove
from napari_refusion.widgets.common_units import CommonUnits
from napari_refusion.widgets.fuse.chosen_pair import ChosenPair
from napari_refusion.widgets.fuse.findings_view import FindingsView
from napari_refusion.widgets.fuse.legend_bar import LegendBar
from napari_refusion.widgets.fuse.live import Live, viewed_direction
from napari_refusion.widgets.fuse.panels import Panels
from napari_refusion.widgets.fuse.picture_watch import PictureWatch
from napari_refusion.widgets.fuse.result_display import ResultDisplay
from napari_refusion.widgets.fuse.source_row import choose
from napari_refusion.widgets.fuse.window_drag import WindowDrag
from napari_refusion.widgets.keys import Key, Keys, key_for
from napari_refusion.widgets.layers import oblique_notice
from napari_refusion.widgets.orientation_letters import OrientationLetters
from napari_refusion.widgets.planes.bar import PlaneBar
from napari_refusion.widgets.wheel import WheelNeedsFocus
from napari_refusion.widgets.worker import in_worker

if TYPE_CHECKING:
    from napari_refusion.fusion.partial import Extent, PartialFusion
    from napari_refusion.session.preparing import FusionCache


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
        self.setMinimumWidth(320)
        self.panels = Panels(viewer)
        self.planes = PlaneBar(viewer, lambda sentence: self.status.setText(sentence))
        self.page = self.panels.page
        self.status = QLabel(_NO_DEVICE)
        self.findings = FindingsView()
        self.legend = LegendBar()
        self._lay_out()
        self.session = FusionSession(in_worker(self))
        self.session.set_live(self.page.live.isChecked())
        self.session.result.set_coloured(self.page.form.coloured.isChecked())
        self._display = ResultDisplay(viewer, self.session, self.panels, self.legend, self)
        self._live = Live(viewer, self)
        self._watch = PictureWatch(viewer, self.session, self)
        self._letters, self._units = OrientationLetters(viewer), CommonUnits(viewer)
        self._pair = ChosenPair(viewer, self.page, self)
        self._chosen: frozenset[str] = frozenset()
        self._drag = WindowDrag(viewer, self._pair.dragged_layer, self)
        self._keys = Keys(viewer, (*self.planes.keys(), *self.panels.keys(), *self._own_keys()))
        # napari has no name for the question mark: which key it is, with Shift or without, depends on the keyboard
        for sequence in ("?", "Shift+?"):
            QShortcut(QKeySequence(sequence), self).activated.connect(self.show_keys)
        WheelNeedsFocus(self)
        self._connect()
        self._open()

    def _lay_out(self) -> None:
        notice = QLabel(NOT_FOR_DIAGNOSIS)
        notice.setStyleSheet("font-weight: bold;")
        notice.setAlignment(Qt.AlignmentFlag.AlignCenter)
        help_button = QPushButton("?")
        help_button.setFixedWidth(28)
        help_button.setToolTip("The keys")
        help_button.clicked.connect(self.show_keys)
        footer = QHBoxLayout()
        footer.addWidget(notice, stretch=1)
        footer.addWidget(help_button)
        self.status.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.addWidget(self.planes)
        layout.addWidget(self.panels)
        layout.addWidget(self.status)
        layout.addWidget(self.findings, stretch=1)
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
        self._pair.offered.connect(self._follow_layers)
        page.form.coloured_changed.connect(session.result.set_coloured)
        # Qt's own methods have no signature that psygnal could read; without this it warns in napari's window
        session.stage.connect(self.status.setText, check_nargs=False)
        session.compared.connect(self._compare)
        session.started.connect(self._begin)
        session.arrived.connect(self._receive)
        session.noticed.connect(self._notice)
        session.refused.connect(self._show_refusal)
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

    def _make_room(self) -> None:
        """Leave the height to the pages that say themselves what was found: Register, and Review by its trust block."""
        self.findings.setVisible(self.panels.currentWidget() not in (self.panels.register, self.panels.review))

    def _open(self) -> None:
        """Take hold of the viewer."""
        for part in self._parts():
            part.start()

    def close_job(self) -> None:
        """Stop what is running; its thread ends by itself after the slice it is at."""
        self.session.close()

    def _disconnect(self) -> None:
        """Let go of the viewer."""
        self.close_job()
        for part in self._parts():
            part.stop()

    def _parts(self) -> tuple[_Part, ...]:
        """Return everything that follows the viewer."""
        shown = self._watch, self._live, self._letters, self._display
        return *shown, self._drag, self._keys, self.panels, self.planes, self._units, self._pair

    def event(self, event: QEvent | None) -> bool:
        """Let go of the viewer when napari takes the widget out of its dock, and come back when it is docked again."""
        if event is not None and event.type() == QEvent.Type.ParentChange and hasattr(self, "_keys"):
            if self.parent() is None:
                self._disconnect()
            elif not self._pair.is_running:
                self._open()
        return bool(super().event(event))

    def fuse(self, is_slice: bool) -> None:
        """Fuse the slice shown in the viewer, or all slices of the volume."""
        try:
            request = self._pair.request("slice" if is_slice else "volume")
        except RefusedError as error:
            self._show_refusal(error.findings)
            return
        self.session.fuse(request, self.page.choices())
        self.page.undo.setEnabled(True)
        self._show_running()

    def _fill(self) -> None:
        if not self.session.is_filling:
            self.fuse(is_slice=False)

    def undo(self) -> None:
        """Go back to what was shown and chosen before the last fusion that was asked for."""
        if (snapshot := self.session.undo()) is None:
            return
        self.page.undo.setEnabled(self.session.can_undo)
        self.page.restore(snapshot.choices)
        if snapshot.shown is not None:
            # those on the page may be of another pair
            self.show_findings(self._findings_of(snapshot.shown.started), self.status.text())

    def clear(self) -> None:
        """Stop, and take the result layers away: another pair comes."""
        self.session.clear()
        self.page.undo.setEnabled(False)

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

    def show_findings(self, findings: Sequence[Finding], status: str = "") -> None:
        """Show what was noticed about a pair."""
        self.findings.show_findings(findings)
        self.status.setText(status)

    def _fuse_live(self, extent: "Extent" = "slice") -> None:
        """Fuse the current slice, if that is wanted and there is one."""
        direction = viewed_direction(self._viewer)
        if not self.session.is_live or not self._pair.is_running or direction is None:
            return
        try:
            request = self._pair.request(extent, is_live=True)
        except RefusedError as error:
            if self.page.first.layer.count() > 1:
                self.show_findings(error.findings, "Not fused")
            return
        self.session.fuse_live(request, direction)

    def _fuse_ahead(self) -> None:
        if self.is_idle:
            self._fuse_live("near")

    def _pair_two_patients(self, reason: str) -> None:
        self.session.pair_two_patients(reason)
        self._show_running()

    def _compare(self, compared: Compared) -> None:
        self._show_windows(compared.kept)
        self.panels.show_comparison(compared.partial)

    def _show_windows(self, kept: "FusionCache") -> None:
        for row, key in zip((self.page.first, self.page.second), kept.request.keys, strict=True):
            side = kept.study.side(key)
            row.show_fused_window(side.window, side.source.unit, side.window_source)

    def _begin(self, started: Started) -> None:
        self.show_findings(self._findings_of(started), f"Device: {started.device}")
        self._show_windows(started.kept)
        self._watch.touch()
        self.page.begin_progress(int(started.partial.done.sum()), len(started.partial.done))

    @staticmethod
    def _findings_of(started: Started) -> tuple[Finding, ...]:
        """Return what is to be said about a fusion, and about how it is drawn."""
        oblique = oblique_notice(started.partial.study.fixed)
        return (*started.findings, Finding("ok", "display", oblique)) if oblique else started.findings

    def _show_picture_state(self, state: Finding | None) -> None:
        """Say what was found about the fused slice on the screen, in place of what was said about the one before."""
        if self.session.partial is None and state is None:
            return
        others = [finding for finding in self.findings.shown if finding.rule != "fused picture"]
        self.findings.show_findings((*others, state) if state is not None else others)

    def _receive(self, message: FusedSlice) -> None:
        if self._display.redraw(message) and self.session.is_filling:
            self.page.progress.setValue(int(message.partial.done.sum()))

    def _move(self, move: RigidMove | None) -> None:
        """Fuse the pair with a registration that was accepted; None takes it back."""
        if self.session.shown is None and self.session.comparing is None:
            return
        self.session.move(move)
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
        self.show_findings((*self.findings.shown, finding), "Device: CPU")

    def _cancel(self) -> None:
        self.page.cancel.setEnabled(False)
        self.status.setText("Stopping after this slice ...")
        self.session.cancel()

    def _show_refusal(self, findings: tuple[Finding, ...], is_live: bool = False) -> None:
        self.show_findings(findings, status="Not fused")
        if not is_live:
            for finding in blocking(findings):
                show_warning(finding.sentence)

    def _follow_layers(self) -> None:
        """Stop when a source was deleted, and forget a pair of which nothing is left."""
        partial = self.panels.comparing.state.partial
        if partial is not None and self._pair.is_gone(partial):
            self.panels.forget_pair()
        request = self.session.request
        if request is not None and (gone := self._pair.missing(request)):
            self.session.close(f"{' and '.join(gone)} was deleted: fusing stops")

    def _follow_choice(self) -> None:
        if (chosen := self._pair.keys()) != self._chosen:
            # what was noticed about one pair must not stand below another one
            self._chosen = chosen
            self.findings.show_findings(())
            if not chosen:
                self.status.setText(_NO_DEVICE)
            if (task := self._pair.task()) is not None:
                choose(self.page.form.task, task)
        self._live.follow(*self._pair.follow())
        self._show_running()
        self._live.touch()

    def _show_running(self) -> None:
        self.page.allow(ready=self.page.first.layer.count() > 1, filling=self.session.is_filling)
