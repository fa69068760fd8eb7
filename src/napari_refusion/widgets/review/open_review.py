"""Which review is open: begun with the fusion on the screen, gone on with another one, waited for, and left."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QFileDialog, QWidget

from napari_refusion.session.reviewed_fusion import ReviewedFusion
from napari_refusion.volume.finding import RefusedError
from napari_refusion.widgets.review.awaited import Awaited
from napari_refusion.widgets.review.start import ANY_PAIR, THE_CASE

if TYPE_CHECKING:
    from napari_refusion.session.messages import Started
    from napari_refusion.session.reading import Reading
    from napari_refusion.widgets.review.commands import ReviewCommands
    from napari_refusion.widgets.review.form import ReviewForm
    from napari_refusion.widgets.review.pages import ReviewPages
    from napari_refusion.widgets.review.slice_watch import SliceWatch


class OpenReview(QObject):
    """Opens and closes the `Reading` that `ReviewCommands` work on; what is shown of it is left to the page."""

    shown = Signal(object, bool)
    """Emitted with the `Reading` whose fusion is to be shown from now on, and whether it is of another case."""
    changed = Signal()
    """Emitted when the review that is open may say something else."""
    leaving = Signal()
    """Emitted when nothing of a review is to be shown any more; the reading, if there is one, is open yet."""
    volume_wanted = Signal()
    """Emitted when all slices must be fused before the review can go on."""

    def __init__(
        self, commands: ReviewCommands, form: ReviewForm, pages: ReviewPages, watch: SliceWatch, owner: QWidget
    ) -> None:
        """Ask in front of the window of `owner`."""
        super().__init__(owner)
        self._commands, self._form, self._pages, self._watch, self._owner = commands, form, pages, watch, owner
        self._fusion: ReviewedFusion | None = None
        self.awaited: Awaited | None = None
        """The review that begins when its pair is shown; None where none is waited for."""
        pages.start_page.wanted.connect(self.begin)
        pages.start_page.leave_wanted.connect(self.end)

    def show_pair(self, started: Started) -> None:
        """Review this fusion from now on."""
        self._leave_slice()
        self._fusion = ReviewedFusion(
            partial=started.partial,
            provenance=started.provenance,
            findings=started.findings,
            colouring=started.colouring,
            engine=started.kept.engine,
        )
        following = self.awaited
        if following is not None and following.is_for(started):
            self.begin(following.folder, following.reader, following.again)
        elif self._commands.reading is not None:
            self._attach(self._commands.reading, self._fusion)

    def forget_fusion(self) -> None:
        """Begin no review of the pair that was shown: others are chosen now. One that is going on is not left."""
        self._fusion = None

    def lose_images(self) -> None:
        """Say no more about a case whose images are closed; the pair that is fused next is the next case."""
        reading = self._commands.reading
        if reading is not None:
            closed = "The images of this case were closed; what was said of it is kept."
            self._wait(Awaited(reading.project.folder, reading.store.reader), closed)

    def begin(self, folder: Path, reader: str, again: bool = False) -> None:
        """Open the review of a reader in a project's folder, and go on where it was left.

        With `again`, a case that has a verdict is read once more from the beginning.
        """
        from napari_refusion.session.reading import Reading

        if self._fusion is None:
            self._pages.show_start("Choose two sources and fuse them first: see the Fuse page.")
            return
        self.end()
        try:
            reading = Reading.open(folder, reader, self._fusion)
        except RefusedError as error:
            self._pages.show_start(str(error))
            return
        self._commands.reading = reading
        self._pages.start_page.show_place(folder, reader)
        if again:
            self._commands.attempt(lambda reading: reading.begin_again())
        reading.changed.connect(self._tell_change)
        self.shown.emit(reading, True)
        self._form.take_keys()
        if not self._fusion.partial.is_complete:
            self.volume_wanted.emit()
            self.changed.emit()  # what is missing is being fused from now on

    def begin_with_next(
        self, folder: Path, reader: str, again: bool = False, keys: frozenset[str] = frozenset()
    ) -> None:
        """Begin a review as soon as another pair is shown, see `begin`: the layers of this one are about to go.

        Parameters
        ----------
        keys
            Ids of the images of the pair that is meant, whatever else is shown before; whichever pair comes without.
        """
        self._wait(Awaited(folder, reader, again, keys))

    def _wait(self, awaited: Awaited, said: str = "") -> None:
        """Leave the review, and begin another one with a pair that comes."""
        sentences = said, self._leave(), THE_CASE if awaited.keys else ANY_PAIR
        self.awaited = awaited
        self._pages.show_waiting(" ".join(filter(None, sentences)))

    def end(self) -> None:
        """Leave the review, and wait for no pair to go on with; everything that was said is kept."""
        is_shown = self._commands.reading is not None or self.awaited is not None
        message = self._leave()
        if is_shown:
            self._pages.show_start(message)

    def _leave(self) -> str:
        """Let go of the review, and of the pair that is waited for; return what the reader must know."""
        self.awaited = None
        self._leave_slice()
        self.leaving.emit()
        if (reading := self._commands.reading) is None:
            return ""
        reading.changed.disconnect()
        message = reading.close(self._ask_rescue)
        self._commands.reading = None
        return message

    def _attach(self, reading: Reading, fusion: ReviewedFusion) -> None:
        """Go over to another fusion, perhaps of another case."""
        case_id = reading.session.run.case_id
        try:
            is_other_fusion = reading.attach(fusion)
        except RefusedError as error:
            self.end()
            self._pages.show_start(str(error))
            return
        if is_other_fusion:
            self._form.show_message("")  # it answered to what was said of the fusion before
            self.shown.emit(reading, reading.session.run.case_id != case_id)
        else:
            self.changed.emit()

    def _leave_slice(self) -> None:
        """Record time and comment of the slice on the screen: another fusion comes, or none."""
        self._form.slice.end()
        self._watch.leave()

    def _tell_change(self) -> None:
        self.changed.emit()

    def _ask_rescue(self, count: int) -> Path | None:
        """Return where the review is kept whose newest events are not on the disk; None to lose them."""
        title = f"{count} entries are not on the disk: save them elsewhere"
        reading = self._commands.reading
        assert reading is not None
        chosen, _ = QFileDialog.getSaveFileName(self._owner, title, f"{reading.store.reader}.sqlite")
        return Path(chosen) if chosen else None
