"""What the reader asks for by hand: to fuse, to register, to go back, to stop."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from qtpy.QtCore import QObject

from napari_refusion.session.compare import scale_of
from napari_refusion.session.source import nearest_done
from napari_refusion.volume.chosen_window import DEFAULT_SCALES, UptakeScales
from napari_refusion.volume.finding import RefusedError
from napari_refusion.widgets.fuse.choice_history import ChoiceHistory
from napari_refusion.widgets.fuse.chosen_pair import ChosenPair
from napari_refusion.widgets.keys import Key, key_for

if TYPE_CHECKING:
    from napari.viewer import Viewer
    from qtpy.QtWidgets import QWidget

    from napari_refusion.fusion.partial import FinishedSlices
    from napari_refusion.session.compare_state import CompareState
    from napari_refusion.session.fusion import FusionSession
    from napari_refusion.session.moves import Moves
    from napari_refusion.volume.rigid import RigidMove
    from napari_refusion.widgets.fuse.answers import Answers
    from napari_refusion.widgets.fuse.panels import Panels

_PRESETS: Final = {"soft tissue": "soft", "lung": "lung", "bone": "bone", "brain": "brain"}
"""Action of `KEYS` -> preset of a CT."""


class Commands(QObject):
    """Makes requests of the chosen pair, and keeps what was chosen before."""

    def __init__(
        self, viewer: Viewer, session: FusionSession, answers: Answers, panels: Panels, owner: QWidget
    ) -> None:
        super().__init__(owner)
        self._session, self._answers = session, answers
        self._panels, self._page = panels, panels.page
        self.pair = ChosenPair(viewer, self._page, owner)
        self.history = ChoiceHistory(self._page, panels.comparing, session, owner)

    def connect(self) -> None:
        """Do from now on what the reader asks for; after the answers, which say what came of it."""
        self._connect_page()
        self._connect_pages_of_pair()
        self.history.changed.connect(lambda: self._page.undo.setEnabled(self._session.can_undo))
        # the page changes by itself here: nothing that the reader chose
        self._session.live_changed.connect(lambda _on: self.history.adopt())
        self._session.started.connect(lambda _started: self.history.refresh())
        self.pair.offering.connect(self.history.settle)

    def _connect_page(self) -> None:
        page = self._page
        page.fuse_slice.clicked.connect(lambda: self.fuse(is_slice=True))
        page.fuse_volume.clicked.connect(lambda: self.fuse(is_slice=False))
        page.cancel.clicked.connect(self._cancel)
        page.undo.clicked.connect(self.undo)
        page.form.coloured_changed.connect(self._session.result.set_coloured)

    def _connect_pages_of_pair(self) -> None:
        self._panels.comparing.changed.connect(self._set_threshold)
        registration = self._panels.register.session
        registration.accepted.connect(self._move)
        registration.undone.connect(lambda: self._move(None))
        self._panels.review.volume_wanted.connect(self._fill)
        self._answers.findings.compare_wanted.connect(self._panels.compare_side_by_side)
        self._answers.findings.reason_given.connect(self._pair_two_patients)

    def _set_threshold(self, before: CompareState, now: CompareState) -> None:
        """Give uptake below the threshold of the overlay no colour in the fused image either."""
        if now.threshold != before.threshold or now.partial is not before.partial:
            self._session.result.set_threshold(now.threshold, scale_of(now.partial))

    def keys(self) -> tuple[Key, ...]:
        """Return the keys with which the reader fuses."""
        return (
            key_for("fuse", lambda: self.fuse(is_slice=False)),
            key_for("live", self._page.live.toggle),
            key_for("undo fusion", self.undo),
            *(key_for(action, partial(self._choose_window, preset)) for action, preset in _PRESETS.items()),
        )

    def fuse(self, is_slice: bool, finished: FinishedSlices | None = None) -> None:
        """Fuse the slice shown in the viewer, or all slices of the volume.

        Parameters
        ----------
        finished
            What was fused before, which is taken over if it belongs to the pair as it is.
        """
        try:
            request = replace(self.pair.request("slice" if is_slice else "volume"), finished=finished)
            request = request if finished is None else request.with_axis(finished.axis)
        except RefusedError as error:
            self._answers.show_refusal(error.findings)
            return
        self.history.note()
        self._session.fuse(request, self.history.chosen())
        self._page.undo.setEnabled(True)
        self._answers.show_running()

    def undo(self) -> None:
        """Go back to what was chosen before the last choice, or shown before the last fusion."""
        moves = self._session.moves
        if (snapshot := self.history.undo()) is None:
            return
        if not snapshot.is_choice:
            self._answers.say_of_shown()
        self._answers.show_decision()
        if snapshot.is_choice and self._session.moves != moves:
            self._ask_again()

    def clear(self) -> None:
        """Stop, and take the result layers away: another pair comes."""
        self._session.clear()
        self.history.adopt()
        self._page.undo.setEnabled(False)

    def reopen(
        self,
        moves: Moves,
        finished: FinishedSlices | None,
        two_patients: str = "",
        scales: UptakeScales = DEFAULT_SCALES,
    ) -> None:
        """Go on with the chosen pair where a saved session left it; nothing is fused that was not.

        Raises
        ------
        RefusedError
            If no pair is chosen.
        """
        request = replace(self.pair.request("slice", is_live=True), finished=finished, scales=scales)
        if finished is not None:
            request = request.with_axis(finished.axis)
            request = replace(request, place=nearest_done(request.place, finished.done))
        self._session.reopen(request, moves, two_patients)
        self.history.adopt()
        self._answers.show_running()

    def _fill(self) -> None:
        if not self._session.is_filling:
            self.fuse(is_slice=False)

    def _pair_two_patients(self, reason: str) -> None:
        self._session.pair_two_patients(reason)
        self._answers.show_running()

    def _move(self, move: RigidMove | None) -> None:
        """Fuse the pair with a registration that was accepted; None takes it back."""
        # also where the result was deleted meanwhile
        registered = self._panels.register.session.partial
        self.history.note()
        self._session.note(self.history.chosen(), self._answers.statements.keys)
        self._page.undo.setEnabled(True)
        self._session.move(move, None if registered is None else registered.study)
        self._ask_again()

    def _ask_again(self) -> None:
        """Fuse the current slice of the chosen pair as it is decided now."""
        try:
            self._session.ask(self.pair.request("slice"))
        except RefusedError as error:
            self._answers.show_refusal(error.findings)

    def _cancel(self) -> None:
        self._page.cancel.setEnabled(False)
        self._answers.status.setText("Stopping after this slice ...")
        self._session.cancel()

    def _choose_window(self, preset: str) -> None:
        if not self.pair.choose_window(preset):
            self._answers.status.setText(f"No source is a CT in HU: the window {preset} fits none.")
