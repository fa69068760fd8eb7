"""Slices of one series that napari hands over one after another, where a user marked the files and not the folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from qtpy.QtCore import QObject, QTimer

from napari_refusion.widgets.opening.meanwhile import is_waiting

if TYPE_CHECKING:
    from qtpy.QtWidgets import QWidget

QUIET: Final = 4
"""Turns of the window without another file after which all are there.

Turns are counted and not time: while a file is read and its layer drawn, nothing else happens, and that may take long.
"""

_TURN: Final = 75
"""ms from one turn to the next, where the window is not busy."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The slices of one series that came one by one."""

    files: list[Path] = field(default_factory=list)
    """The first of them has a layer already, if it can be read alone."""
    into_nothing: bool = False
    """Whether there were no layers before they came, and those of other series that came with them."""
    warnings: list[str] = field(default_factory=list)
    """About the first one alone, or why it cannot be read alone; not shown yet."""


class OneByOne(QObject):
    """Gathers the slices that napari opens one by one: the first is shown at once, the others join it when all came.

    It belongs to a window, see `of`.
    """

    def __init__(self, window: QWidget, finish: Callable[[Gathered], None]) -> None:
        super().__init__(window)
        self._finish = finish
        self._gathered: dict[str, Gathered] = {}
        self._quiet = 0
        self._into_nothing = False
        self._timer = QTimer(self)
        self._timer.setInterval(_TURN)
        self._timer.timeout.connect(self._turn)

    @classmethod
    def of(cls, window: QWidget, finish: Callable[[Gathered], None]) -> OneByOne:
        """Return the one that gathers for a window; `finish` is called for each series when its files have come."""
        return window.findChild(cls) or cls(window, finish)

    def take(self, path: Path, series: str, *, into_nothing: bool) -> Gathered:
        """Take a slice, and return those of its series that came just before, with it.

        Parameters
        ----------
        series
            Its Series Instance UID.
        into_nothing
            Whether there are no layers now.
        """
        if not self._gathered:
            self._into_nothing = into_nothing
        self._quiet = 0
        self._timer.start()
        gathered = self._gathered.setdefault(series, Gathered(into_nothing=self._into_nothing))
        gathered.files.append(path)
        return gathered

    def _turn(self) -> None:
        if is_waiting(self.parent()):
            return  # another file that was handed over with these is being read, and more may come
        self._quiet += 1
        if self._quiet >= QUIET:
            self.flush()

    def flush(self) -> None:
        """Finish what was gathered, series by series."""
        self._timer.stop()
        finished, self._gathered = self._gathered, {}
        for gathered in finished.values():
            self._finish(gathered)
