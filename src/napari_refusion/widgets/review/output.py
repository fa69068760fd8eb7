"""Writing what a review leaves behind in a worker thread, and its report as PDF in the window's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal

from napari_refusion.volume.finding import RefusedError
from napari_refusion.widgets.worker import Job

if TYPE_CHECKING:
    from pathlib import Path

    from napari_refusion.report.output import Files
    from napari_refusion.session.reading import Reading


class ReviewOutput(QObject):
    """Writes into the project's folder, one thing at a time."""

    message = Signal(str)
    """Emitted with what was written, or why it could not be."""
    written = Signal(str, object)
    """Emitted with what it is, one of `report.output.OUTPUTS`, and its files."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._job: Job | None = None

    def close(self) -> None:
        """Stop what is being written; files appear whole or not at all."""
        if self._job is not None:
            self._job.close()

    def write(self, kind: str, reading: Reading) -> None:
        """Write one of `report.output.OUTPUTS`."""
        from napari_refusion.report.output import write_output

        try:
            files = write_output(kind, reading.session, reading.fusion)
        except RefusedError as error:
            self.message.emit(str(error))
            return
        self.close()
        self.message.emit("Writing ...")
        self._job = Job(self, _written, files)
        self._job.message.connect(lambda message: self._receive(kind, message))
        self._job.ended.connect(self._forget)
        self._job.start()

    def _forget(self, _end: str) -> None:
        self._job = None

    def _receive(self, kind: str, message: RefusedError | tuple[Path, ...]) -> None:
        if isinstance(message, RefusedError):
            self.message.emit(str(message))
            return
        files, fault = message, ""
        if kind == "report":
            fault = _pdf(files[0])
            files = files if fault else (*files, files[0].with_suffix(".pdf"))
        self.written.emit(kind, files)
        self.message.emit(f"Written: {', '.join(file.name for file in files)} in {files[0].parent}. {fault}".strip())


def _pdf(page: Path) -> str:
    """Set a page as PDF beside it, and return why it could not be; here, for Qt's fonts are the window's."""
    from napari_refusion.widgets.review.report_pdf import write_pdf

    try:
        write_pdf(page, page.with_suffix(".pdf"))
    except RefusedError as error:
        return str(error)
    return ""


def _written(files: Files) -> Iterator[RefusedError | tuple[Path, ...]]:
    """Yield the files, or why they cannot be written: a refusal is not a failure of the thread."""
    try:
        yield from files
    except RefusedError as error:
        yield error
