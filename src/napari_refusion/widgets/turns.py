"""Work of the window's own thread in steps, one at a turn of its event loop: it draws and answers in between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from qtpy.QtCore import QCoreApplication, QObject, Qt, QTimer

if TYPE_CHECKING:
    from collections.abc import Iterator

_OVER: Final = object()


class Turns(QObject):
    """Takes the steps of one work after the other; between two of them nothing half made may be seen."""

    def __init__(self, parent: QObject, *, is_patient: bool = False) -> None:
        """Begin with no work.

        A patient one takes no step in a turn in which another one did: the turn would be as long as both together.
        """
        super().__init__(parent)
        self._is_patient = is_patient
        self._steps: Iterator[None] | None = None
        self._is_stepping = False
        self._soon = _at_next_turn(self)
        self._soon.timeout.connect(self._step_in_turn)

    @property
    def is_running(self) -> bool:
        """Whether steps are left."""
        return self._steps is not None

    def begin(self, steps: Iterator[None]) -> None:
        """Take the first step now, and the others one by one; those of another work are dropped."""
        self.stop()
        self._steps = steps
        self._step()

    def begin_soon(self, steps: Iterator[None]) -> None:
        """Take all steps one by one, the first at the next turn; those of another work are dropped."""
        self.stop()
        self._steps = steps
        self._soon.start()

    def finish(self) -> None:
        """Take all steps that are left now, for who cannot wait."""
        while self._steps is not None and not self._is_stepping:
            self._step()

    def stop(self) -> None:
        """Take no more steps; what was made so far is its owner's to take back."""
        self._soon.stop()
        self._steps = None

    def _step_in_turn(self) -> None:
        is_first = _turn().take()
        if self._is_patient and not is_first:
            self._soon.start()
        else:
            self._step()

    def _step(self) -> None:
        steps = self._steps
        if steps is None or self._is_stepping:
            return
        self._is_stepping, is_over = True, True
        try:
            is_over = next(steps, _OVER) is _OVER
        finally:
            self._is_stepping = False
            if is_over and self._steps is steps:
                self._steps = None
        if self._steps is not None:
            self._soon.start()


class _Turn(QObject):
    """The turn of the event loop that goes on: whether somebody took a step in it."""

    def __init__(self, parent: QObject | None) -> None:
        super().__init__(parent)
        self._next = _at_next_turn(self)

    def take(self) -> bool:
        """Return whether nobody did, and count it as taken."""
        if self._next.isActive():
            return False
        self._next.start()
        return True


def _turn() -> _Turn:
    """Return the turn of the program, which its application keeps."""
    application = QCoreApplication.instance()
    found = None
    if application is not None:
        found = application.findChild(_Turn, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return found or _Turn(application)


def _at_next_turn(parent: QObject) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(0)
    return timer
