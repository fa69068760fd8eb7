"""Writing the list of lesions into a folder, in a worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QFileDialog, QWidget

from napari_refusion.volume.finding import RefusedError
from napari_refusion.widgets.worker import Job

if TYPE_CHECKING:
    from napari_refusion.session.lesions.session import LesionSession


class LesionOutput(QObject):
    """Writes one thing at a time; files appear whole or not at all."""

    message = Signal(str)
    """Emitted with what was written, or why it could not be."""

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner)
        self._owner = owner
        self._job: Job | None = None
        self._folder = Path.home()

    def ask(self, kind: str, session: LesionSession) -> None:
        """Ask for a folder, and write into it."""
        title = "Write lesions: name a new folder"
        chosen, _ = QFileDialog.getSaveFileName(self._owner, title, str(self._folder / "lesions"))
        if chosen:
            self.write(kind, session, Path(chosen))

    def write(self, kind: str, session: LesionSession, folder: Path) -> None:
        """Write the list as it is now into a new folder."""
        self._folder = folder.parent
        self.close()
        files = session.write(kind, folder)
        self.message.emit("Writing ...")
        self._job = Job(self, _written, files)
        self._job.message.connect(self._receive)
        self._job.ended.connect(self._forget)
        self._job.start()

    def close(self) -> None:
        """Stop what is being written."""
        if self._job is not None:
            self._job.close()

    def _forget(self, _end: str) -> None:
        self._job = None

    def _receive(self, message: RefusedError | tuple[Path, ...]) -> None:
        if isinstance(message, RefusedError):
            self.message.emit(str(message))
        else:
            self.message.emit(f"Written: {', '.join(one.name for one in message)} in {message[0].parent}")


def _written(files: Iterator[tuple[Path, ...]]) -> Iterator[RefusedError | tuple[Path, ...]]:
    """Yield the files, or why they cannot be written: a refusal is not a failure of the thread."""
    try:
        yield from files
    except RefusedError as error:
        yield error
