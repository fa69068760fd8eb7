"""What the session answers: the state of the fusion, its findings, its colours, and the pages that show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from napari.utils.notifications import show_warning
from qtpy.QtCore import QObject
from qtpy.QtWidgets import QLabel

from napari_refusion.session.moves import move_of
from napari_refusion.session.statements import PairStatements
from napari_refusion.volume.finding import Finding, blocking
from napari_refusion.widgets.fuse.findings_view import FindingsView
from napari_refusion.widgets.fuse.legend_bar import LegendBar
from napari_refusion.widgets.fuse.picture_watch import PictureWatch
from napari_refusion.widgets.fuse.result_display import ResultDisplay
from napari_refusion.widgets.fuse.spot_ring import SpotRing
from napari_refusion.widgets.fuse.uptake_watch import UptakeWatch
from napari_refusion.widgets.layers import oblique_notice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari.viewer import Viewer
    from qtpy.QtWidgets import QWidget

    from napari_refusion.fusion.filling import FusedSlice
    from napari_refusion.session.fusion import FusionSession
    from napari_refusion.session.messages import Compared, Started
    from napari_refusion.session.preparing import FusionCache
    from napari_refusion.session.present_names import PresentNames
    from napari_refusion.session.result import Shown
    from napari_refusion.session.runner import End
    from napari_refusion.session.source import Request
    from napari_refusion.volume.rigid import RigidMove
    from napari_refusion.widgets.fuse.panels import Panels

_ENDS: Final = {"cancelled": "Stopped", "failed": "Failed: see the notification"}

_HOW: Final = "drag files or a DICOM folder into the window, or take File > Open Sample > napari-refusion."

_INVITATIONS: Final = (f"Open two images to fuse: {_HOW}", f"Open a second image to fuse: {_HOW}")
"""What to do next where there are no images, or only one."""


class Answers(QObject):
    """Shows a session's answers, as long as they are about the pair that is chosen."""

    def __init__(self, viewer: Viewer, session: FusionSession, panels: Panels, owner: QWidget) -> None:
        super().__init__(owner)
        self._session, self._panels, self._page = session, panels, panels.page
        self._lapsed: dict[frozenset[str], Finding] = {}
        self.status = QLabel(_INVITATIONS[0])
        self.status.setWordWrap(True)
        self.findings = FindingsView()
        self.legend = LegendBar(panels.comparing)
        self.statements = PairStatements(session)
        self.display = ResultDisplay(viewer, session, self.statements, panels, owner)
        self.watch = PictureWatch(viewer, session, owner)
        self._uptake = UptakeWatch(session, owner)
        self._spot = SpotRing(viewer, owner)

    def connect(self) -> None:
        """Show from now on what the session answers."""
        self._connect_session()
        self._connect_statements()
        self._connect_slice()

    def _connect_session(self) -> None:
        session = self._session
        # Qt's own methods have no signature that psygnal could read; without this it warns in napari's window
        session.stage.connect(self.status.setText, check_nargs=False)
        session.compared.connect(self._compare)
        session.started.connect(self._begin)
        session.arrived.connect(self._receive)
        session.noticed.connect(self._notice)
        session.refused.connect(lambda findings, is_live: self.show_refusal(findings, is_live, session.request))
        session.ended.connect(self._end)
        session.lapsed.connect(self._lapse)
        self._panels.register.session.accepted.connect(self._forget_lapse)
        session.live_changed.connect(self._page.show_live)

    def _connect_statements(self) -> None:
        """Let what is said come and go with the pair that is chosen."""
        said = self.statements
        said.changed.connect(self._show_statements)
        said.left.connect(self._leave_pair)
        said.replaced.connect(self._panels.forget_pair)
        said.returned.connect(self._return_to_pair)
        # after the display, which shows the pages a pair
        self._session.result.changed.connect(lambda _shown: self.show_decision())

    def _connect_slice(self) -> None:
        """Say what was found about the slice that is looked at."""
        picture = self._page.picture
        self.watch.judged.connect(self._show_picture_state)
        self.watch.looked_at.connect(self._look_for_uptake)
        self._uptake.found.connect(picture.show_uptake)
        self._panels.review.on_canvas.evidence.seen.connect(self.legend.show_evidence)
        self.findings.changed.connect(picture.show_findings)
        self._uptake.found.connect(self._spot.forget)
        picture.wanted.connect(self._show_spot)

    def stop(self) -> None:
        """Look for nothing any more."""
        self._uptake.stop()
        self._spot.forget()

    def call(self, names: PresentNames) -> None:
        """Call the sources by these names from now on, wherever something is said about them."""
        self.statements.call(names)
        self.display.call(names)
        self._panels.call(names)

    def choose(self, keys: frozenset[str]) -> bool:
        """Speak of the images with these keys from now on; return whether they are others."""
        is_another = self.statements.choose(keys)
        if is_another and not self._page.has_pair:
            self.status.setText(_INVITATIONS[len(keys)])
        return is_another

    def show_findings(self, findings: Sequence[Finding], status: str = "", about: Request | None = None) -> None:
        """Show what was noticed about the chosen pair."""
        self.statements.say(findings, about)
        self.status.setText(status)

    def show_refusal(self, findings: tuple[Finding, ...], is_live: bool = False, about: Request | None = None) -> None:
        """Show why nothing is fused; what the reader asked for by hand is answered by a notification as well."""
        self.show_findings(findings, "Not fused", about)
        if not is_live:
            for finding in blocking(self.statements.named(findings, about)):
                show_warning(finding.sentence)

    def show_running(self) -> None:
        """Offer on the page what can be asked for now."""
        self._page.allow(ready=self._page.has_pair, filling=self._session.is_filling)

    def show_decision(self) -> None:
        """Say on the page Register which move the chosen pair is fused with."""
        move, keys = move_of(self._session.moves, self.statements.keys), self.statements.keys
        self._panels.register.session.take(move, self._lapsed.get(keys) if move is None else None)

    def say_of_shown(self) -> None:
        """Say what there is to say about what is shown of the chosen pair; nothing where nothing is."""
        if (shown := self.statements.shown) is None:
            self.statements.say(())
        else:
            self._say_of(shown)

    def _say_of(self, shown: Shown) -> None:
        self.statements.say(self._found(shown.started), shown.started.kept.request)

    def _show_statements(self) -> None:
        self.findings.show_findings(self.statements.said)
        self.legend.show_legend(self.statements.legend)

    def _return_to_pair(self, shown: Shown) -> None:
        self._say_of(shown)
        self._panels.show_pair(shown.started)
        self.show_decision()
        self.watch.touch()

    def _leave_pair(self) -> None:
        """Take back what belongs to the two images that were chosen until now."""
        self.status.setText("")
        self._uptake.look_at(None)
        self._spot.forget()
        self._panels.leave_pair()

    def _compare(self, compared: Compared) -> None:
        self._show_windows(compared.kept)
        self._panels.show_comparison(compared.partial)
        self.show_decision()

    def _begin(self, started: Started) -> None:
        self.show_findings(self._found(started), f"Device: {started.device}", started.kept.request)
        self._show_windows(started.kept)
        self.watch.touch()
        self._page.begin_progress(int(started.partial.done.sum()), len(started.partial.done))

    def _show_windows(self, kept: FusionCache) -> None:
        for row in (self._page.first, self._page.second):
            if (key := row.layer.currentData()) in kept.request.keys:  # the reader may have exchanged them meanwhile
                side = kept.study.side(key)
                row.show_fused_window(side.window, side.source.unit, side.window_source)

    def _receive(self, message: FusedSlice) -> None:
        self._panels.projecting.note_slice(message.partial)
        if self.display.redraw(message) and self._session.is_filling:
            self._page.progress.setValue(int(message.partial.done.sum()))

    def _notice(self, finding: Finding, device: str) -> None:
        others = [one for one in self.statements.findings if one.rule != "engine"]
        self.statements.add((*others, finding))
        self.status.setText(f"Device: {device}")

    def _lapse(self, move: RigidMove) -> None:
        """Say that a registration counts no more: what was looked at and accepted were other voxels."""
        sentence = (
            f"Register again: the voxels of {move.moving} or {move.fixed} were exchanged since they were registered, "
            f"so {move.moving} is fused where its layer lies."
        )
        self._lapsed = {**self._lapsed, self.statements.keys: Finding("warn", "registration", sentence)}
        self.show_decision()
        show_warning(sentence)

    def _forget_lapse(self, _accepted: RigidMove) -> None:
        """Say no more that an earlier registration ended: the reader accepted another one."""
        self._lapsed = {keys: one for keys, one in self._lapsed.items() if keys != self.statements.keys}

    def _found(self, started: Started) -> tuple[Finding, ...]:
        """Return what is to be said about a fusion, how it is drawn, and a registration that counts no more."""
        found, lapsed = _findings_of(started), self._lapsed.get(frozenset(started.kept.request.keys))
        is_moved = any(side.move is not None for side in started.partial.study.sides)
        return found if lapsed is None or is_moved else (*found, lapsed)

    def _end(self, end: End, _was_ahead: bool) -> None:
        self.display.settle()
        self.watch.touch()
        self._panels.review.settle()
        if end in _ENDS:
            self.status.setText(_ENDS[end])
        self.show_running()

    def _show_picture_state(self, state: Finding | None) -> None:
        """Say what was found about the fused slice on the screen, in place of what was said about the one before."""
        if self.statements.shown is None:
            return
        others = [finding for finding in self.statements.findings if finding.rule != "fused picture"]
        self.statements.add((*others, state) if state is not None else others)

    def _look_for_uptake(self, index: int | None) -> None:
        """Look for uptake that the slice on the screen hides, if it is one of the chosen pair."""
        self._uptake.look_at(index if self.statements.shown is not None else None)

    def _show_spot(self, voxel: tuple[int, int, int]) -> None:
        if self._session.partial is not None:
            self._spot.show(self._session.partial, voxel)


def _findings_of(started: Started) -> tuple[Finding, ...]:
    """Return what is to be said about a fusion, and about how it is drawn."""
    oblique = oblique_notice(started.partial.study.fixed)
    return (*started.findings, Finding("ok", "display", oblique)) if oblique else started.findings
