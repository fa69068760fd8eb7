"""The pauses of a window: a timer that beats, and what lies between two beats."""

import faulthandler
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

BEAT: Final = 10
"""ms between two beats."""

LIMIT: Final = 0.1
"""Seconds of the window's thread in one pause."""

PATIENCE: Final = 600
"""Seconds by the clock after which a step counts as stuck."""


@dataclass(frozen=True, slots=True)
class Pause:
    """What lay between two beats, seconds."""

    clock: float
    thread: float
    """Of a processor, used by the window's thread."""
    drawing: float
    """Of that, for drawing."""
    others: float
    """Of a processor, used by all other threads of the program."""

    @property
    def busy(self) -> float:
        """What the window's thread used apart from drawing."""
        return self.thread - self.drawing

    @property
    def waiting(self) -> float:
        """What the window's thread waited for other threads at most."""
        return min(max(self.clock - self.thread, 0.0), self.others)


class Heart:
    """Beats in the window's thread, and keeps the pauses since it was last asked."""

    def __init__(self, is_watched: bool) -> None:
        from qtpy.QtCore import QTimer

        self._is_watched = is_watched
        self._drawn = self._began = 0.0
        self._last = self._now()
        self._pauses: list[Pause] = []
        self._timer = QTimer()
        self._timer.setInterval(BEAT)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def watch(self, canvas: Any) -> None:  # noqa: ANN401 - of vispy, which has no types
        """Count as drawing what a canvas draws."""
        backend, draw = type(canvas), type(canvas).paintGL

        def counted(drawn: Any) -> None:  # noqa: ANN401
            start = time.thread_time()
            draw(drawn)
            self._drawn += time.thread_time() - start

        backend.paintGL = counted
        canvas.aboutToCompose.connect(self._begin_composing)
        canvas.frameSwapped.connect(self._end_composing)

    def pauses(self) -> list[Pause]:
        """Return the pauses since this was last called."""
        self._beat()
        found, self._pauses = self._pauses, []
        return found

    def _begin_composing(self) -> None:
        self._began = time.thread_time()

    def _end_composing(self) -> None:
        if self._began:
            self._drawn += time.thread_time() - self._began
            self._began = 0.0

    def _now(self) -> tuple[float, float, float, float]:
        thread = time.thread_time()
        return time.perf_counter(), thread, self._drawn, time.process_time() - thread

    def _beat(self) -> None:
        now = self._now()
        self._pauses.append(Pause(*(new - old for new, old in zip(now, self._last, strict=True))))
        self._last = now
        if self._is_watched:
            faulthandler.dump_traceback_later(0.15)


def wait(until: Callable[[], bool]) -> None:
    """Let the window live until something is so."""
    from qtpy.QtWidgets import QApplication

    end = time.perf_counter() + PATIENCE
    while not until():
        QApplication.processEvents()
        time.sleep(0.002)  # a window waits for events, too, and leaves the core to others
        if time.perf_counter() > end:
            raise TimeoutError("The window did not come to an end.")


def rest(seconds: float) -> None:
    """Let the window live for a while."""
    end = time.perf_counter() + seconds
    wait(lambda: time.perf_counter() > end)
