"""Saving what a viewer shows as a session, and opening a session in its place: dialogs, workers and what is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from napari.utils.notifications import show_info, show_warning
from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QFileDialog, QMessageBox

from napari_refusion.session.saved.folder import write_session
from napari_refusion.session.saved.record import is_session, read_record
from napari_refusion.volume.finding import RefusedError
from napari_refusion.widgets.sessions.put import SessionPut
from napari_refusion.widgets.sessions.reopened import Missing, Reopened, reopen
from napari_refusion.widgets.sessions.taken import TakenSession, take_session
from napari_refusion.widgets.worker import Job

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_refusion.session.saved.content import SavedSession
    from napari_refusion.widgets.fuse.widget import FuseWidget

_BUSY: Final = "Wait until the session is saved or open."

_LEFT: Final = "Open the session again: this dock was closed before all of it was open."


@dataclass(frozen=True, slots=True)
class _Written:
    """A session that was written."""

    folder: Path
    pair: frozenset[str]
    """Ids of its sources' layers."""
    remarks: tuple[str, ...]


class SessionDesk(QObject):
    """Saves and opens sessions of one Fuse widget, one at a time."""

    saved = Signal(object)
    """Emitted with the folder (a Path) that a session was saved in."""
    opened = Signal()
    """Emitted when a session is open, with everything in its place."""
    refused = Signal(str)
    """Emitted with why a session was not saved or opened."""

    def __init__(self, viewer: Viewer, widget: FuseWidget) -> None:
        super().__init__(widget)
        self._viewer, self._widget = viewer, widget
        self._job: Job | None = None
        self._put: SessionPut | None = None
        self._is_reading = False
        self._folder: Path | None = None
        """Of the session that was saved or opened last."""
        self._pair_of_folder: frozenset[str] = frozenset()

    def save(self) -> None:
        """Ask for a folder, and save the session in it; the session of the same pair is replaced after a question."""
        if self._folder is not None and self._pair() == self._pair_of_folder and is_session(self._folder):
            words = f"Replace the session in {self._folder.name}?"
            buttons = QMessageBox.StandardButton
            choice = buttons.Yes | buttons.No | buttons.Cancel
            answer = QMessageBox.question(self._widget, "Save session", f"{words}\nNo: choose another folder.", choice)
            if answer == buttons.Yes:
                self.save_to(self._folder, overwrite=True)
            if answer != buttons.No:
                return
        begin = str((self._folder.parent if self._folder is not None else Path.home()) / "session")
        chosen, _ = QFileDialog.getSaveFileName(self._widget, "Save session: name a new folder", begin)
        if chosen:
            self.save_to(Path(chosen))

    def _pair(self) -> frozenset[str]:
        """Return the ids of the two layers that are chosen."""
        page = self._widget.page
        return frozenset(str(row.layer.currentData()) for row in (page.first, page.second))

    def save_to(self, folder: Path, overwrite: bool = False) -> None:
        """Save the session in a folder, see `write_session`."""
        if self._is_busy():
            return
        taken = take_session(self._viewer, self._widget, folder)
        self._say(f"Saving the session in {folder.name} ...")
        self._begin(Job(self, _written, folder, self._pair(), taken, overwrite))

    def open(self) -> None:
        """Ask for the folder of a session, and open it."""
        begin = str(self._folder.parent if self._folder is not None else Path.home())
        chosen = QFileDialog.getExistingDirectory(self._widget, "Open session: choose its folder", begin)
        if chosen:
            self.open_from(Path(chosen))

    def open_from(self, folder: Path, asked: tuple[Path, ...] = ()) -> None:
        """Open the session in a folder in place of what the viewer holds.

        Parameters
        ----------
        asked
            Folders in which its sources lie now.
        """
        if self._is_busy():
            return
        try:
            session = read_record(folder)
        except RefusedError as error:
            self._refuse(str(error))
            return
        if asked or self._may_close():
            self._begin(Job(self, reopen, folder, session, asked), (folder, session, asked))

    def stop(self) -> None:
        """Open nothing more: the widget leaves the viewer. What is being saved is saved."""
        if self._put is not None:
            self._put.stop()
            self._end_put()
            self._say(_LEFT)
        elif self._job is not None and self._is_reading:
            self._job.close()
            self._say("")

    def _is_busy(self) -> bool:
        if self._job is not None or self._put is not None:
            show_info(_BUSY)
            return True
        return False

    def _may_close(self) -> bool:
        """Return whether what the viewer holds may go."""
        count = len(self._viewer.layers)
        if not count:
            return True
        words = f"Close the {count} layers that are open, and open the session in their place?"
        return QMessageBox.question(self._widget, "Open session", words) == QMessageBox.StandardButton.Yes

    def _begin(self, job: Job, about: tuple[Path, SavedSession, tuple[Path, ...]] | None = None) -> None:
        self._job, self._is_reading = job, about is not None
        job.message.connect(lambda message: self._receive(message, about))
        job.ended.connect(self._forget_job)
        job.start()

    def _forget_job(self, _end: str) -> None:
        self._job = None

    def _receive(self, message: object, about: tuple[Path, SavedSession, tuple[Path, ...]] | None) -> None:
        if not isinstance(message, str):
            self._job = None  # nothing follows
        if isinstance(message, RefusedError):
            self._refuse(str(message))
        elif isinstance(message, _Written):
            self._folder, self._pair_of_folder = message.folder, message.pair
            self._say(f"Session saved in {message.folder}")
            if self._widget.status.isHidden():  # as on the page Review
                show_info(self._widget.status.text())
            for remark in message.remarks:
                show_warning(remark)
            self.saved.emit(message.folder)
        elif about is None or isinstance(message, str):
            self._say(str(message))
        elif isinstance(message, Missing):
            self._ask_for(message, *about)
        elif isinstance(message, Reopened):
            self._show(message, about[0], about[1])

    def _ask_for(self, missing: Missing, folder: Path, _session: SavedSession, asked: tuple[Path, ...]) -> None:
        """Ask where sources lie that were not found, and try again there."""
        names = ", ".join(missing.names)
        title = f"Choose the folder where {names} now lies"
        chosen = QFileDialog.getExistingDirectory(self._widget, title, str(folder.parent))
        if chosen and Path(chosen) not in asked:
            self.open_from(folder, (*asked, Path(chosen)))
            return
        self._refuse(f"Open the session again, and choose the folder where {names} now lies: it was not found.")

    def _show(self, found: Reopened, folder: Path, session: SavedSession) -> None:
        self._put = put = SessionPut(self._viewer, self._widget, folder, session)
        put.ended.connect(self._end)
        put.refused.connect(self._fail)
        self._folder = folder
        put.put(found)

    def _end(self) -> None:
        for remark in self._end_put():
            show_warning(remark)
        self._pair_of_folder = self._pair()
        self.opened.emit()

    def _fail(self, sentence: str) -> None:
        self._end_put()
        self._refuse(sentence)

    def _end_put(self) -> list[str]:
        """Forget the session that was put into the viewer, and return what is not as it was."""
        put, self._put = self._put, None
        if put is None:
            return []
        put.deleteLater()
        return put.remarks

    def _refuse(self, sentence: str) -> None:
        self._say(sentence)
        show_warning(sentence)
        self.refused.emit(sentence)

    def _say(self, sentence: str) -> None:
        self._widget.status.setText(sentence)


def _written(
    folder: Path, pair: frozenset[str], taken: TakenSession, overwrite: bool
) -> Iterator[RefusedError | _Written]:
    """Write a session, and yield what came of it."""
    try:
        write_session(folder, taken.saved, taken.files, taken.read, overwrite)
    except RefusedError as error:
        yield error
    else:
        yield _Written(folder, pair, taken.remarks)
