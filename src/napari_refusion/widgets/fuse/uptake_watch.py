"""Looking for uptake that the fused slice on the screen hides, in a worker, while the reader rests at it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from qtpy.QtCore import QObject, QTimer, Signal

from napari_refusion.widgets.worker import Job

if TYPE_CHECKING:
    from napari_refusion.evidence.missed_uptake import MissedUptake
    from napari_refusion.evidence.slice_uptake import SliceUptake
    from napari_refusion.fusion.engine import Engine
    from napari_refusion.fusion.partial import PartialFusion
    from napari_refusion.session.fusion import FusionSession
    from napari_refusion.volume.finding import Finding

_REST: Final = 500
"""Milliseconds at a slice after which it is looked for: behind what Live fuses for the slice and its neighbours."""


class UptakeWatch(QObject):
    """Looks from `look_at` on in one slice after the other; what fuses slices has the first turn."""

    found = Signal(object, tuple)
    """Emitted with a `Finding` and the hidden spots, or None and no spots while nothing is known."""

    def __init__(self, session: FusionSession, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._job: Job | None = None
        self._wanted: tuple[PartialFusion, int] | None = None
        self._known: tuple[PartialFusion, int] | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST)
        self._rest.timeout.connect(self._begin)

    def look_at(self, index: int | None) -> None:
        """Look at a fused slice of what the session shows, None for none; one that is known is not looked at again."""
        partial = self._session.partial
        wanted = None if partial is None or index is None else (partial, index)
        if wanted is not None and wanted in (self._known, self._wanted):
            return
        self.stop()
        self._wanted = wanted
        self.found.emit(None, ())
        if wanted is not None:
            self._rest.start()

    def stop(self) -> None:
        """Stop looking, and know nothing."""
        self._rest.stop()
        self._wanted = self._known = None
        if self._job is not None:
            self._job.close()

    def _begin(self) -> None:
        shown, wanted = self._session.shown, self._wanted
        if shown is None or wanted is None or shown.started.partial is not wanted[0]:
            return
        engine = shown.started.kept.engine
        if self._session.request is not None or self._job is not None:
            self._rest.start()
        elif engine is not None:
            self._job = Job(self, _look, engine, *wanted)
            self._job.message.connect(self._tell)
            self._job.ended.connect(self._end)
            self._job.start()

    def _tell(self, uptake: SliceUptake | None) -> None:
        if self._wanted is None:
            return
        self._known = self._wanted
        spots: tuple[MissedUptake, ...] = () if uptake is None else uptake.hidden
        self.found.emit(self._finding(uptake), spots)

    def _finding(self, uptake: SliceUptake | None) -> Finding | None:
        from napari_refusion.evidence.slice_uptake import uptake_finding

        if uptake is None or self._wanted is None:
            return None
        return uptake_finding(uptake, self._wanted[0].study)

    def _end(self, _end: str) -> None:
        self._job = None


def _look(engine: Engine, partial: PartialFusion, index: int) -> Iterator[SliceUptake | None]:
    from napari_refusion.evidence.slice_uptake import uptake_of_slice

    yield uptake_of_slice(engine, partial, index)
