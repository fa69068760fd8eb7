"""The Fuse widget: two layers in, one fused layer out, and what was noticed about the pair.

Read it from here: `Commands` is what the reader asks for by hand, `Following` what happens by itself while they move on
and choose, `Answers` what comes back from the session and is shown.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from napari.viewer import Viewer
from qtpy.QtCore import QEvent, Qt, QTimer
from qtpy.QtGui import QKeySequence, QShowEvent
from qtpy.QtWidgets import QHBoxLayout, QLabel, QPushButton, QShortcut, QVBoxLayout, QWidget

from napari_refusion.notice import NOT_FOR_DIAGNOSIS
from napari_refusion.session.fusion import FusionSession
from napari_refusion.volume.finding import Finding
from napari_refusion.widgets.collecting import LongLived
from napari_refusion.widgets.common_units import CommonUnits
from napari_refusion.widgets.docks import lie_as_tab, make_room_for_view
from napari_refusion.widgets.follow_up.opening import FollowUpOpening
from napari_refusion.widgets.fuse.answers import Answers
from napari_refusion.widgets.fuse.commands import Commands
from napari_refusion.widgets.fuse.following import Following
from napari_refusion.widgets.fuse.overlay_row import OverlayRow
from napari_refusion.widgets.fuse.panels import Panels
from napari_refusion.widgets.fuse.uptake_row import UptakeRow
from napari_refusion.widgets.fuse.view_legends import ViewLegends
from napari_refusion.widgets.fuse.window_drag import WindowDrag
from napari_refusion.widgets.growing_window import GrowsUpwards
from napari_refusion.widgets.keys import Keys
from napari_refusion.widgets.mip.dock import ProjectionDock
from napari_refusion.widgets.mip.lesion_marks import marks_of
from napari_refusion.widgets.opening.dropped import DroppedScans
from napari_refusion.widgets.opening.reader_question import ReaderQuestion
from napari_refusion.widgets.orientation_letters import keeping_letters
from napari_refusion.widgets.planes.bar import PlaneBar
from napari_refusion.widgets.planes.preferred_display import PreferredDisplay
from napari_refusion.widgets.preferences import FollowedPreferences
from napari_refusion.widgets.probe.cursor_cross import find_canvas, find_window
from napari_refusion.widgets.sessions.desk import SessionDesk
from napari_refusion.widgets.sessions.layout_habit import LayoutHabit
from napari_refusion.widgets.sessions.menu import session_button
from napari_refusion.widgets.source_colours import colour_source, offer_colour_maps
from napari_refusion.widgets.turns import Turns
from napari_refusion.widgets.warming import warm_up
from napari_refusion.widgets.wheel import WheelNeedsFocus
from napari_refusion.widgets.worker import in_worker

if TYPE_CHECKING:
    from napari_refusion.fusion.partial import PartialFusion


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
        self._was_shown = False
        self.panels = Panels(viewer)
        self.page = self.panels.page
        self.session = self._make_session()
        self._answers = Answers(viewer, self.session, self.panels, self)
        self.status, self.findings, self.legend = self._answers.status, self._answers.findings, self._answers.legend
        self.statements = self._answers.statements
        self.commands = Commands(viewer, self.session, self._answers, self.panels, self)
        self._following = Following(viewer, self.session, self._answers, self.commands, self.panels, self)
        self._make_views(viewer)
        self._lay_out()
        self._make_parts(viewer)
        WheelNeedsFocus(self)
        self._writing = Turns(self, is_patient=True)
        self.panels.currentChanged.connect(self._make_room)
        self._make_room()
        self._connect()
        self._open()
        self._warming = warm_up(self, LongLived(viewer, self).keep)

    def _make_views(self, viewer: Viewer) -> None:
        """Make what is shown beside the pages, and on the canvas."""
        self.planes = PlaneBar(viewer, self.status.setText)
        self.projection = ProjectionDock(viewer, self.panels.projecting, self)
        self.planes.add(self.projection.button)
        lesions = self.panels.lesions.session
        lesions.changed.connect(lambda: self.projection.set_marks(marks_of(lesions)))
        self.overlay = OverlayRow(self.panels.comparing)
        self.legends = ViewLegends(viewer, self.panels.comparing, self.statements, self)
        self.planes.three.docked.connect(self.legends.lie_on_planes)
        self.planes.three.leaving.connect(self.legends.leave_planes)
        self.panels.review.on_canvas.evidence.seen.connect(self.legends.show_evidence)
        self.uptake = UptakeRow(self.panels.comparing)
        self.uptake.scale_wanted.connect(self.commands.pair.show_scale)
        offer_colour_maps()
        self.panels.comparing.changed.connect(lambda before, now: colour_source(viewer, before, now))
        self.follow_up = FollowUpOpening(viewer, self.panels.lesions.session, self)
        self.panels.lesions.form.follow_up.clicked.connect(self.follow_up.open)

    def _make_parts(self, viewer: Viewer) -> None:
        """Make what follows the viewer, and the keys."""
        self._units = CommonUnits(viewer)
        self.sessions = SessionDesk(viewer, self)
        self.layout_habit = LayoutHabit(viewer, self)
        begin = self.panels.review.pages.start_page
        self._preferred = (
            FollowedPreferences("fusion", self.page.prefer),
            FollowedPreferences("review", begin.prefer),
            PreferredDisplay(viewer, self.planes),
        )
        self._opening = DroppedScans(viewer, self), ReaderQuestion(self)
        self._drag = WindowDrag(viewer, self.commands.pair.dragged_layer, self)
        say = self.status.setText
        views = *self.planes.keys(), *self.projection.keys(say), *self.uptake.keys()
        self._keys = Keys(viewer, (*views, *self.panels.keys(say), *self.commands.keys()))
        # napari has no name for the question mark: which key it is, with Shift or without, depends on the keyboard
        for sequence in ("?", "Shift+?"):
            QShortcut(QKeySequence(sequence), self).activated.connect(self.show_keys)

    def _connect(self) -> None:
        """Let pages, answers and commands hear of each other."""
        self.planes.clicked.connect(self.panels.lesions.take_click)
        self.panels.lesions.is_free = lambda: self.is_idle
        self.panels.review.form.is_filling = lambda: self.session.is_filling
        self._answers.connect()
        self.commands.connect()
        self._following.connect()

    def _make_session(self) -> FusionSession:
        session = FusionSession(in_worker(self))
        session.set_live(self.page.live.isChecked())
        session.result.set_coloured(self.page.form.coloured.isChecked())
        return session

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
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.setSpacing(4)
        layout.addWidget(self.planes)
        layout.addWidget(self.panels)
        layout.addWidget(self.status)
        layout.addWidget(self.findings, stretch=1)
        layout.addWidget(self.overlay)
        layout.addWidget(self.uptake)
        layout.addWidget(self.legend)
        layout.addLayout(footer)

    def _make_room(self) -> None:
        """Leave the height to the pages that say themselves what was found: Register, Lesions, and Review."""
        page = self.panels.currentWidget()
        self.findings.setVisible(page not in (self.panels.register, self.panels.lesions, self.panels.review))
        self.status.setVisible(page is not self.panels.review)
        self.overlay.setVisible(page is self.page)
        has_room = page not in (self.panels.probe, self.panels.register, self.panels.review)
        self.uptake.make_room(has_room=has_room, is_one_row=page is not self.panels.compare)
        self.legend.leave_compared(is_said=page is self.panels.compare)

    def _open(self) -> None:
        """Take hold of the viewer."""
        self._writing.begin(self._write_letters())
        for part in self._parts():
            part.start()

    def _write_letters(self) -> Iterator[None]:
        yield  # napari takes its time for each overlay, and has a dock to open now
        yield from keeping_letters(self._viewer)

    def close_job(self) -> None:
        """Stop what is running; its thread ends by itself after the slice it is at."""
        self._answers.stop()
        self.session.close()

    def _disconnect(self) -> None:
        """Let go of the viewer."""
        self._writing.finish()
        self.sessions.stop()
        self.legends.stop()
        self.close_job()
        for part in self._parts():
            part.stop()

    def _parts(self) -> tuple[_Part, ...]:
        """Return everything that follows the viewer."""
        shown = self._answers.watch, self._following.live, self._answers.display
        pair = self.commands.pair
        # the habit lets go before planes and comparison do: their going is no wish of the reader's
        return (
            self.layout_habit,
            *shown,
            self._drag,
            *self._opening,
            self._keys,
            self.panels,
            self.planes,
            self.projection,
            self._units,
            pair,
            self.follow_up,
            *self._preferred,  # last: what it chooses is followed by all others
        )

    def event(self, event: QEvent | None) -> bool:
        """Let go of the viewer when napari takes the widget out of its dock, and come back when it is docked again."""
        if event is not None and event.type() == QEvent.Type.ParentChange and hasattr(self, "_keys"):
            if self.parent() is None:
                self._disconnect()
            elif not self.commands.pair.is_running:
                self._open()
        return bool(super().event(event))

    def showEvent(self, event: QShowEvent | None) -> None:  # noqa: N802 - Qt's name
        """Lie on the worklist, not below it."""
        super().showEvent(event)
        lie_as_tab(self)
        if not self._was_shown:
            self._was_shown = True
            if (window := find_window(self)) is not None:
                GrowsUpwards(window)
            QTimer.singleShot(0, self._make_room_for_view)  # the docks have their widths then
        self.legends.lie_on(find_canvas(self))
        for part in self._opening:
            part.start()

    def _make_room_for_view(self) -> None:
        make_room_for_view(self)

    def fuse(self, is_slice: bool) -> None:
        """Fuse the slice shown in the viewer, or all slices of the volume."""
        self.commands.fuse(is_slice)

    def undo(self) -> None:
        """Go back to what was chosen before the last choice, or shown before the last fusion."""
        self.commands.undo()

    def clear(self) -> None:
        """Stop, and take the result layers away: another pair comes."""
        self.commands.clear()

    def finish_letters(self) -> None:
        """Write letters and notice now, for a picture of the window."""
        self._writing.finish()

    def finish_layers(self) -> None:
        """Make all result layers now, those that nobody sees yet as well."""
        self._answers.display.finish()

    def show_findings(self, findings: Sequence[Finding], status: str = "") -> None:
        """Show what was noticed about the chosen pair."""
        self._answers.show_findings(findings, status)

    def pause_live(self) -> None:
        """Switch Live off for now, without making that the user's habit."""
        self.session.pause_live()

    def resume_live(self) -> None:
        """Do with Live as the reader wants it, for what was chosen while it was held as well."""
        self.session.set_live(self.page.live.isChecked())
        self._following.live.touch()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being fused."""
        return self.session.is_idle

    @property
    def partial(self) -> "PartialFusion | None":
        """What the result layers show."""
        return self.session.partial

    def show_keys(self) -> None:
        """Show the list of keys; napari stays usable meanwhile."""
        review = self.panels.review
        self._keys.show_list(self, review.keys.keys if review.session is not None else ())
