"""A move that is looked for in a job, and proposed to the reader."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from psygnal import Signal

if TYPE_CHECKING:
    from napari_refusion.session.runner import Runner, Running

Proposed = TypeVar("Proposed")

_ENDS: Final = {"cancelled": "Stopped: nothing was moved.", "failed": "Failed: see the notification."}


class MoveSearch(Generic[Proposed]):
    """Looks for a move, one at a time; nothing is moved before the reader has accepted the proposal."""

    stage = Signal(str)
    """Emitted with a sentence on what is being done or was decided; empty for a new pair."""
    changed = Signal()
    """Emitted when anything here is another one."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._job: Running | None = None
        self._stopped = Event()
        self.proposal: Proposed | None = None
        """What the reader may accept."""

    @property
    def is_running(self) -> bool:
        """Whether a move is being looked for."""
        return self._job is not None

    def discard(self) -> None:
        """Leave everything where it is."""
        self._drop()
        self.stage.emit("Discarded: nothing was moved.")
        self.changed.emit()

    def _begin(
        self, how: Callable[..., Any], given: tuple[Any, ...], words: str, receive: Callable[[Any], None]
    ) -> None:
        """Start a job on what is given and the event that stops it."""
        self.stage.emit(words)
        self._stopped = Event()
        self._job = self._runner(how, (*given, self._stopped), receive, self._end)
        self.changed.emit()
        self._job.start()

    def _end(self, end: str) -> None:
        self._job = None
        if end in _ENDS:
            self.stage.emit(_ENDS[end])
        self.changed.emit()

    def _drop(self) -> None:
        """End what runs, and forget the proposal."""
        self._stopped.set()
        if self._job is not None:
            self._job.close()
        self.proposal = None
