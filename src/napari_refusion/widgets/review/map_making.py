"""Making an evidence map of the slices that are looked at, one after the other in a worker thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal

from napari_refusion.widgets.worker import Job

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from napari_refusion.session.seen_maps import SlowMap


class MapMaking(QObject):
    """Makes one map at a time, of the slice on the screen and then of those beside it."""

    made = Signal()
    """Emitted when another slice of the map is in its place."""
    working = Signal(bool)
    """Emitted with whether the slice on the screen is being made."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._job: Job | None = None
        self._map: SlowMap | None = None
        self._looked_at = -1

    def show(self, slow: SlowMap | None, index: int) -> None:
        """Make this map about a slice, -1 for none, in place of any other; None for nothing."""
        self.stop()
        self._map = slow
        self.follow(index)

    def follow(self, index: int) -> None:
        """Go on about another slice: it is made next, after the one that is being made."""
        self._looked_at = index
        if self._map is not None:
            self.working.emit(index >= 0 and not self._map.done[index])
        self._begin()

    def stop(self) -> None:
        """Make nothing."""
        self._map = None
        self.working.emit(False)
        if self._job is not None:
            self._job.close()

    def _begin(self) -> None:
        if self._map is None or self._job is not None or self._looked_at < 0:
            return
        work = self._map.missing(self._looked_at)
        if work is not None:
            self._job = Job(self, lambda: work)
            self._job.message.connect(self._put)
            self._job.ended.connect(self._end)
            self._job.start()

    def _put(self, message: tuple[int, NDArray[np.float32]]) -> None:
        if self._map is not None:
            self._map.put(*message)
            self.made.emit()

    def _end(self, end: str) -> None:
        self._job = None
        if end == "finished":
            self.follow(self._looked_at)
        else:
            self.working.emit(False)
