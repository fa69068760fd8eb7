"""What a reader does with a whole case: where it is gone on with, overrides of failed checks, the verdict, the lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QInputDialog, QMessageBox, QWidget

from napari_refusion.session.verdict import failed_checks, possible, why_none
from napari_refusion.widgets.keys import shortcut_name

if TYPE_CHECKING:
    from napari_refusion.session.reading import Reading
    from napari_refusion.session.review import ReviewSession
    from napari_refusion.widgets.review.commands import ReviewCommands
    from napari_refusion.widgets.review.form import ReviewForm
    from napari_refusion.widgets.review.pages import ReviewPages
    from napari_refusion.widgets.review.slice_watch import SliceWatch


class WholeCase(QObject):
    """Begins and ends cases; what is said of a slice is in `ReviewCommands`."""

    verdict_asked = Signal()
    """Emitted when the verdict is in front, where keys are letters."""

    def __init__(
        self, commands: ReviewCommands, form: ReviewForm, pages: ReviewPages, watch: SliceWatch, owner: QWidget
    ) -> None:
        """Ask in front of the window of `owner`."""
        super().__init__(owner)
        self._commands, self._form, self._pages, self._watch, self._owner = commands, form, pages, watch, owner
        form.override_wanted.connect(self._override)
        form.lock_wanted.connect(self.lock)
        pages.verdict.given.connect(self.finish)
        pages.verdict.override_wanted.connect(self._override_to_finish)

    def begin(self, reading: Reading) -> None:
        """Begin a case, and go to the slice where it was left."""
        self._commands.attempt(lambda reading: reading.begin())
        self._pages.verdict.begin(reading.session.review.verdict)
        self._show_others(reading)
        if (index := reading.left_at()) is not None:
            self._watch.go_to(index)

    def ask_verdict(self) -> None:
        """Ask for the verdict; the time that the slice before it was on the screen counts."""
        reading = self._commands.reading
        self._watch.leave()
        if reading is not None and self._pages.ask_verdict(*_verdict(reading.session)):
            self.verdict_asked.emit()

    def finish(self, value: str, confidence: float, comment: str) -> None:
        """Give the verdict on the case, see `Reading.finish`."""
        message: list[str] = []
        is_done = self._commands.attempt(lambda reading: message.append(reading.finish(value, confidence, comment)))
        if is_done and self._commands.reading is not None and self._show_others(self._commands.reading):
            self._form.show_message(message[0], is_stored=True)  # last, for it is taken away when more is recorded

    def _override(self, check: str) -> None:
        asked_of = self._session()
        reason, is_given = QInputDialog.getText(self._owner, f"{check} failed", "Why is this check overridden?")
        if is_given and self._is_still(asked_of):
            self._commands.attempt(lambda reading: reading.override(check, reason))

    def _override_to_finish(self, check: str) -> None:
        """Override a check in front of the verdict, which may be possible then."""
        self._override(check)
        if self._commands.reading is not None:
            self._pages.verdict.ask(*_verdict(self._commands.reading.session))
            self.verdict_asked.emit()

    def lock(self) -> None:
        """Ask whether the case is locked; say why it cannot be."""
        asked_of = self._session()
        if asked_of is None or asked_of.review.is_locked:
            self._form.show_message("This case is locked already." if asked_of is not None else "")
            return
        if asked_of.review.verdict is None:
            finishes = shortcut_name("Ctrl+Enter")
            self._form.show_message(f"Finish the case first ({finishes}): only a case with a verdict can be locked.")
            return
        question = "Lock this case for good? It can no longer be changed."
        answer = QMessageBox.question(self._owner, "Lock the case", question)
        if answer == QMessageBox.StandardButton.Yes and self._is_still(asked_of):
            self._commands.attempt(lambda reading: reading.lock())

    def _session(self) -> ReviewSession | None:
        return None if self._commands.reading is None else self._commands.reading.session

    def _is_still(self, asked_of: ReviewSession | None) -> bool:
        """Return whether the case that was asked about is still there: the window goes on while a question is open."""
        if asked_of is self._session():
            return True
        self._form.show_message("Nothing was recorded: another case or fusion came while the question was open.")
        return False

    def _show_others(self, reading: Reading) -> bool:
        """Say who else read the case, as far as this reader may know; return whether all could be recorded."""
        from napari_refusion.cohort.others import words_of_others

        words, readers = words_of_others(reading.project, reading.session.run.case_id, reading.store.reader)
        self._form.case.show_others(words)
        return not readers or self._commands.attempt(lambda reading: reading.note_others(readers))


def _verdict(session: ReviewSession) -> tuple[tuple[str, ...], list[str], list[str]]:
    """Return the verdicts that are possible, what is lacking, and the checks that failed."""
    return possible(session), why_none(session), failed_checks(session)
