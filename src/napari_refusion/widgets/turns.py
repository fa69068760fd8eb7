"""Work of the window's own thread in steps, one at a turn of its event loop: it draws and answers in between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from qtpy.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from collections.abc import Iterator

_OVER: Final = object()


class Turns(QObject):
    """Takes the steps of one work after the other; between two of them nothing half made may be seen."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._steps: Iterator[None] | None = None
        self._is_stepping = False
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._step)

    @property
    def is_running(self) -> bool:
        """Whether steps are left."""
        return self._steps is not None

    def begin(self, steps: Iterator[None]) -> None:
        """Take the first step now, and the others one by one; those of another work are dropped."""
        self.stop()
        self._steps = steps
        self._step()

    def finish(self) -> None:
        """Take all steps that are left now, for who cannot wait."""
        while self._steps is not None and not self._is_stepping:
            self._step()

    def stop(self) -> None:
        """Take no more steps; what was made so far is its owner's to take back."""
        self._soon.stop()
        self._steps = None

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
