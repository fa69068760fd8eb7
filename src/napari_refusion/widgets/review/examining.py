"""Computing the evidence of a fusion in a worker thread."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal

from napari_refusion.session.examined import Examined
from napari_refusion.widgets.worker import Job

if TYPE_CHECKING:
    from napari_refusion.evidence.examination import ExaminedSlice


class Examining(QObject):
    """One examination at a time; a new one ends the one before."""

    advanced = Signal(int)
    """Emitted with the number of slices that are examined."""
    found = Signal(object)
    """Emitted with the `Examined`."""
    ended = Signal(str)
    """Emitted with ``finished``, ``cancelled``, ``failed`` or ``closed``."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._job: Job | None = None
        self._count = 0

    @property
    def is_running(self) -> bool:
        """Whether something is being examined."""
        return self._job is not None

    def start(self, work: Iterator[ExaminedSlice | Examined], count: int) -> None:
        """Run an examination of so many slices."""
        self.close()
        self._count = 0
        self._job = job = Job(self, lambda: work)
        job.message.connect(self._receive)
        job.ended.connect(self._end)
        job.announce(count, "ReFusion: evidence")  # napari looks at what else has happened meanwhile
        if self._job is job:
            job.start()

    def close(self) -> None:
        """Stop; what was found so far is dropped."""
        if self._job is not None:
            self._job.close()

    def _receive(self, message: ExaminedSlice | Examined) -> None:
        if isinstance(message, Examined):
            self.found.emit(message)
            return
        self._count += 1
        if self._job is not None:
            self._job.advance()
        self.advanced.emit(self._count)

    def _end(self, end: str) -> None:
        self._job = None
        self.ended.emit(end)
