"""One generator at a time in napari's worker thread, with progress, cancelling and an end that is always reported."""

import logging
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

from napari.qt.threading import create_worker
from napari.utils import cancelable_progress
from napari.utils.notifications import notification_manager
from qtpy.QtCore import QObject, Signal
from superqt.utils import GeneratorWorker

from napari_refusion.session.runner import End, Runner, Running, Work

DRAWN_EVERY: Final = 1.0
"""Seconds between two moves of the bar in napari's activity dock."""

BEHIND: Final = 4
"""Niceness of a job above the window's. With both cores of a small machine busy the window then pauses for 0.1 s, not
for 0.17 s; at 10 the network would starve beside other programs."""

_LOG = logging.getLogger(__name__)


class FailedError(Exception):
    """An error in a job that is not a refusal of its input."""


class Job(QObject):
    """A generator that runs in a thread; what it yields arrives in the window's thread.

    An exception in it is shown as a notification. Keep the job as long as it runs.
    """

    message = Signal(object)
    """Emitted with everything that the generator yields."""
    ended = Signal(str)
    """Emitted once, with ``finished``, ``cancelled``, ``failed`` or ``closed``."""

    def __init__(self, parent: QObject, work: Callable[..., Iterator[Any]], *arguments: object) -> None:
        super().__init__(parent)
        self._end: End = "finished"
        self._progress: cancelable_progress | None = None
        self._waiting: deque[Callable[[], None]] = deque()
        self._delivering = False
        self._steps, self._drawn = 0, 0.0
        # Not napari's own class: with some Qt bindings it shows every library's warning as a notification, while what
        # concerns users is yielded as a finding. Its error and warning are connected below.
        self._worker: GeneratorWorker[Any, Any, None] | None = create_worker(
            _guarded, work, *arguments, _start_thread=False, _ignore_errors=True, _worker_class=GeneratorWorker
        )
        # napari's own slot takes no error, and fails with PySide6; without a viewer there is none, and some bindings do
        # not like that
        self._worker.errored.connect(self._note_failed)
        self._worker.errored.disconnect()
        self._worker.warned.connect(_log_warning)
        self._worker.yielded.connect(self._pass_on)
        self._worker.aborted.connect(self._note_cancelled)
        self._worker.errored.connect(self._note_failed)
        self._worker.finished.connect(self._report_end)

    def start(self) -> None:
        """Start the thread."""
        if self._worker is not None:
            self._worker.start()

    def send(self, value: object) -> None:
        """Let the generator's next ``yield`` return this; of several values only the newest."""
        if self._worker is not None:
            self._worker.send(value)

    def announce(self, total: int, description: str) -> None:
        """Show a bar of `total` steps in napari's activity dock, with its own button to cancel."""
        self._close_progress()
        self._progress = cancelable_progress(total=total, desc=description)

    def advance(self) -> None:
        """Move that bar by one step; it is drawn a few times a second, for each time costs as much as a small slice."""
        bar = self._progress
        if bar is not None:
            self._steps += 1
            if time.monotonic() - self._drawn > DRAWN_EVERY:
                bar.update(self._steps)
                self._steps, self._drawn = 0, time.monotonic()
            # napari's button only leaves a mark
            if bar.is_canceled:
                self.cancel()

    def cancel(self) -> None:
        """Stop after the step that is being computed; `ended` follows."""
        if self._worker is not None:
            self._worker.quit()

    def close(self) -> None:
        """Stop and report the end at once; what the thread still sends is dropped."""
        self.cancel()
        self._waiting.clear()
        self._end = "closed"
        self._finish()

    def _pass_on(self, message: object) -> None:
        self._deliver(partial(self.message.emit, message))

    def _note_cancelled(self) -> None:
        self._end = "cancelled"

    def _note_failed(self, error: Exception) -> None:
        self._end = "failed"
        # said here and not left to the worker, which does so with some Qt bindings only, and with some twice
        notification_manager.receive_error(type(error), error, error.__traceback__)

    def _report_end(self) -> None:
        self._deliver(self._finish)

    def _deliver(self, action: Callable[[], None]) -> None:
        """Do one thing after the other: napari's progress bars run the event loop, which brings the next message."""
        if self._worker is None:
            return
        self._waiting.append(action)
        if self._delivering:
            return
        self._delivering = True
        try:
            while self._waiting:
                self._waiting.popleft()()
        finally:
            self._delivering = False

    def _finish(self) -> None:
        if self._worker is None:
            return
        self._worker = None
        self._close_progress()
        self.ended.emit(self._end)

    def _close_progress(self) -> None:
        bar, self._progress = self._progress, None
        if bar is not None:
            bar.close()


def in_worker(parent: QObject) -> Runner:
    """Return what runs a generator in napari's worker thread for a session; it ends with `parent`."""

    def prepare(
        work: Work, arguments: tuple[object, ...], receive: Callable[[Any], None], end: Callable[[str], None]
    ) -> Running:
        job = Job(parent, work, *arguments)
        job.message.connect(receive)
        job.ended.connect(end)
        return job

    return prepare


def _guarded(work: Callable[..., Iterator[Any]], *arguments: object) -> Iterator[Any]:
    """Yield from `work`; a RuntimeError (most of torch's errors are) is raised as another type.

    The worker takes a RuntimeError for a sign that its window is gone, and then never reports its end.
    """
    _step_back()
    try:
        yield from work(*arguments)
    except RuntimeError as error:
        raise FailedError(f"{type(error).__name__}: {error}") from error


def _step_back() -> None:
    """Let the window draw before this thread computes; only Linux knows a niceness of single threads."""
    if sys.platform == "linux":
        window = os.getpriority(os.PRIO_PROCESS, os.getpid())
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), min(window + BEHIND, 19))


def _log_warning(warning: tuple[Any, ...]) -> None:
    _LOG.info("%s", warning[0])
