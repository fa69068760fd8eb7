"""Computing the evidence of a fusion in a worker thread."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, Signal

from napari_refusion.widgets.worker import Job

if TYPE_CHECKING:
    from napari_refusion.fusion.canvas import Canvas
    from napari_refusion.fusion.engine import Engine


class Examining(QObject):
    """One examination at a time; a new one ends the one before."""

    advanced = Signal(int)
    """Emitted with the number of slices that are examined."""
    found = Signal(object, object)
    """Emitted with the `Examination` and the `Limits` of its weights, None where there are none."""
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

    def start(self, engine: Engine, canvas: Canvas, looked_at: int) -> None:
        """Examine a complete canvas, the slices near to the one that is looked at first."""
        self.close()
        self._count = 0
        self._job = Job(self, _examine, engine, canvas, looked_at)
        self._job.message.connect(self._receive)
        self._job.ended.connect(self._end)
        self._job.announce(len(canvas.done), "ReFusion: evidence")
        self._job.start()

    def close(self) -> None:
        """Stop; what was found so far is dropped."""
        if self._job is not None:
            self._job.close()

    def _receive(self, message: Any) -> None:  # noqa: ANN401 - a slice, or the examination with its limits
        if isinstance(message, tuple):
            self.found.emit(*message)
            return
        self._count += 1
        if self._job is not None:
            self._job.advance()
        self.advanced.emit(self._count)

    def _end(self, end: str) -> None:
        self._job = None
        self.ended.emit(end)


def _examine(engine: Engine, canvas: Canvas, looked_at: int) -> Iterator[object]:
    """Yield each examined slice, and at last the examination with the limits of its weights."""
    from napari_refusion.evidence.examination import Examination, examine
    from napari_refusion.evidence.limits import find_limits
    from napari_refusion.evidence.maps import start_examiner

    for message in examine(start_examiner(engine), canvas, looked_at):
        if isinstance(message, Examination):
            yield message, find_limits(canvas.weights_sha256)
        else:
            yield message
