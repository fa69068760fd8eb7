"""Writing what a review leaves behind, its report as PDF, too, in a worker thread."""

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
    from napari_refusion.session.review import ReviewSession


class ReviewOutput(QObject):
    """Writes into the project's folder, one thing at a time."""

    message = Signal(str)
    """Emitted with why something could not be written."""
    done = Signal(str)
    """Emitted with what was written, or is being written."""
    written = Signal(str, object, object)
    """Emitted with what it is, one of `report.output.OUTPUTS`, its files, and the review session that they are of."""

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
        self.done.emit("Writing ...")
        self._job = Job(self, _with_pdf if kind == "report" else _written, files)
        session = reading.session  # another case may have come when it is written
        self._job.message.connect(lambda message: self._receive(kind, session, message))
        self._job.ended.connect(self._forget)
        self._job.start()

    def _forget(self, _end: str) -> None:
        self._job = None

    def _receive(self, kind: str, session: ReviewSession, message: RefusedError | tuple[tuple[Path, ...], str]) -> None:
        if isinstance(message, RefusedError):
            self.message.emit(str(message))
            return
        files, fault = message
        self.written.emit(kind, files, session)
        say = self.message if fault else self.done
        say.emit(f"Written: {', '.join(file.name for file in files)} in {files[0].parent}. {fault}".strip())


def _written(files: Files) -> Iterator[RefusedError | tuple[tuple[Path, ...], str]]:
    """Yield the files, or why they cannot be written: a refusal is not a failure of the thread."""
    try:
        for found in files:
            yield found, ""
    except RefusedError as error:
        yield error


def _with_pdf(files: Files) -> Iterator[RefusedError | tuple[tuple[Path, ...], str]]:
    """Yield the files of a report with its page as PDF, and why that could not be set.

    Text, fonts and painting on paper may be used in any thread, as Qt says of them.
    """
    from napari_refusion.widgets.review.report_pdf import write_pdf

    for found in _written(files):
        if isinstance(found, RefusedError):
            yield found
            continue
        written, _ = found
        page = written[0]
        try:
            write_pdf(page, page.with_suffix(".pdf"))
        except RefusedError as error:
            yield written, str(error)
        else:
            yield (*written, page.with_suffix(".pdf")), ""
