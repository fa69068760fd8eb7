"""The window of the follow-up: binds a `FollowUpSession` to its controls, its two views, and napari's viewer.

Read it from here: `FollowUpSession` says what changed, `BaselineChoice` which layers are compared, `TwoViews` shows
them, `FollowUpForm` has the controls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QCloseEvent
from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_refusion.session.follow_up.session import FollowUpSession
from napari_refusion.volume.finding import Finding
from napari_refusion.widgets.copied_table import copy_table
from napari_refusion.widgets.follow_up.choice import BaselineChoice
from napari_refusion.widgets.follow_up.form import FollowUpForm, two_of
from napari_refusion.widgets.follow_up.layer_look import LayerLook
from napari_refusion.widgets.follow_up.list_file import ListFile
from napari_refusion.widgets.follow_up.shown_volumes import ShownVolumes
from napari_refusion.widgets.follow_up.viewer_link import ViewerLink
from napari_refusion.widgets.follow_up.window_cover import WindowCover
from napari_refusion.widgets.planes.hanging import shown_plane
from napari_refusion.widgets.preferences import FollowedPreferences
from napari_refusion.widgets.worker import in_worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari.layers import Image
    from napari.viewer import Viewer
    from numpy.typing import NDArray

    from napari_refusion.session.follow_up.baseline import BaselineLesions
    from napari_refusion.session.follow_up.examination import Examination
    from napari_refusion.session.follow_up.matching import ChangeRow
    from napari_refusion.session.lesions.session import LesionSession


class FollowUpWindow(QWidget):
    """Shows a baseline beside the pair that is chosen in the Fuse widget, from its making until it is closed."""

    closed = Signal()

    def __init__(
        self, viewer: Viewer, later: LesionSession, parent: QWidget | None = None, lists: BaselineLesions | None = None
    ) -> None:
        # over napari's window and no window of its own: canvases of two windows share nothing that they draw with, and
        # a layer that is removed would take from one what the other needs
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)  # else what is below shines through
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Baseline and follow-up")
        self._viewer = viewer
        self.session = FollowUpSession(later, in_worker(self), lists)
        self.choice = BaselineChoice(viewer, self)
        self.form = FollowUpForm(self.choice)
        self._stage, self._reader = "", ""
        self.list_file = ListFile(self.session, self.form.say, self)
        self.look = LayerLook(self._show_look)
        self.volumes = ShownVolumes(self.session, self.form.views)
        self.link = ViewerLink(viewer, later, self.form.views)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.form)
        self._cover = WindowCover(self)
        self._connect()
        plane = shown_plane(viewer.dims.order)
        self.form.plane.setCurrentText(plane or "axial")
        self._preferred = FollowedPreferences("display", lambda _changed: self._hang())
        self._preferred.start()
        self.choice.start()
        self._show()

    def _connect(self) -> None:
        form, session, views = self.form, self.session, self.form.views
        session.changed.connect(self._show)
        session.said.connect(self._say)
        session.moving.stage.connect(self._show_stage)
        self.choice.chosen.connect(self._choose)
        self.choice.refused.connect(form.say)
        form.reason.returnPressed.connect(self._give_reason)
        form.plane.currentTextChanged.connect(views.show_plane)
        for button, act in (
            (form.register, session.moving.register),
            (form.accept, session.moving.accept),
            (form.discard, self._discard),
            (form.undo_move, session.moving.undo),
            (form.confirm, session.accept_proposed),
            (form.match, self._match),
            (form.other, lambda: self._with_row(session.draw_at_other)),
            (form.alone, lambda: self._with_row(session.matches.say_alone)),
            (form.nothing, lambda: self._with_row(session.matches.say_nothing)),
            (form.remove, lambda: self._with_row(self._remove)),
            (form.undo, session.undo),
            (form.copy, self._copy),
        ):
            button.clicked.connect(lambda _checked=False, act=act: self._attempt(act))
        form.close_button.clicked.connect(self.close)
        form.from_file.triggered.connect(self.list_file.ask)
        form.drawn.triggered.connect(lambda: self._attempt(self._take_drawn))
        form.table.chosen.connect(self._go_to_row)
        views.before.clicked.connect(self._click)

    def stop(self) -> None:
        """Let go of viewer and list, and close the canvases."""
        self._preferred.stop()
        self.look.follow(None)
        self.link.stop()
        self.session.changed.disconnect(self._show)
        self.choice.stop()
        self.list_file.stop()
        self.session.close()
        self.form.views.stop()
        self._cover.stop()

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: N802 - Qt's name
        """Let go of everything."""
        self.stop()
        self.closed.emit()
        super().closeEvent(event)

    def _choose(self, baseline: Examination | None) -> None:
        self.form.reason.clear()
        self._attempt(lambda: self.session.choose_baseline(baseline))

    def _give_reason(self) -> None:
        self.session.choose_baseline(self.session.baseline, self.form.reason.text())

    def _discard(self) -> None:
        moving = self.session.moving
        if moving.is_running:
            moving.cancel()
        else:
            moving.discard()

    def _match(self) -> None:
        if (both := two_of(self._selected())) is not None:
            self.session.matches.match(*both)

    def _remove(self, row: ChangeRow) -> None:
        if row.change.before is not None:
            self.session.remove(row.change.before.number)

    def _take_drawn(self) -> None:
        if not self.session.take_drawn():
            self.form.say("Draw them on the page Lesions while the baseline is the pair shown: there are none.")

    def _copy(self) -> None:
        copy_table(self.session.found.table(), ("Baseline", "Follow-up", "Status"))
        count = len(self.session.found.rows)
        self.form.say(f"Copied: {count} line{'s' if count != 1 else ''}.")

    def _with_row(self, act: Callable[[ChangeRow], object]) -> None:
        if rows := self._selected():
            act(rows[0])

    def _attempt(self, act: Callable[[], object]) -> None:
        """Do what the reader asks for; what is said about it replaces what was said before."""
        self.form.say("")
        act()

    def _say(self, finding: Finding) -> None:
        self.form.say(finding.sentence)

    def _show_stage(self, sentence: str) -> None:
        self._stage = sentence
        self._show_words()

    def _selected(self) -> list[ChangeRow]:
        rows = self.session.found.rows
        return [rows[place] for place in self.form.table.selected() if place < len(rows)]

    def _click(self, point: NDArray[np.float64]) -> None:
        if self.form.click.isChecked():
            self._attempt(lambda: self.session.add_at(point))

    def _go_to_row(self, place: int) -> None:
        rows = self.session.found.rows
        self.form.allow(self.session, self._selected())
        if 0 <= place < len(rows) and (point := self.session.place_of(rows[place])) is not None:
            self.link.go_to(point)

    def _show(self) -> None:
        """Show everything as it stands."""
        session, views = self.session, self.form.views
        source = session.source
        self.choice.leave_out(frozenset(one.side.key for one in session.later.now.sources))
        self.look.follow(None if source is None else self._find(source.side.key))
        if session.reader != self._reader:
            self._reader = session.reader
            self.form.reason.setText(session.reason)
        if self.volumes.show(self.look):
            self.form.reason.clear()
            views.show_plane(self.form.plane.currentText())
        else:
            views.link()
        self.link.follow()
        self.form.table.show_rows(session.found.rows, self.volumes.unit)
        views.before.show_lesions(list(session.lesions) if session.is_compared else [])
        if source is not None:
            views.after.show_lesions([one for one in session.later.lesions if source.holds(one)])
        self._show_words()
        self.form.allow(session, self._selected())

    def _show_words(self) -> None:
        session = self.session
        noticed = [one.sentence for one in session.found.findings]
        first, second = self.volumes.days
        if session.is_compared and first is not None and second is not None and first > second:
            noticed.insert(0, f"Exchange the two: the baseline was acquired on {first}, after the follow-up.")
        self.form.show_status(session, self._stage, " ".join(noticed))

    def _hang(self) -> None:
        """Show the plane as it is preferred now."""
        self.form.views.show_plane(self.form.plane.currentText())

    def _find(self, key: str) -> Image | None:
        return next((layer for layer in self._viewer.layers if str(layer.unique_id) == key), None)

    def _show_look(self) -> None:
        self.volumes.show_look(self.look)
