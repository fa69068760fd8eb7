"""Reading a case in a worker thread, and the one that comes next ahead of time."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, Signal

from napari_refusion.cohort.case_files import FilesState, files_state
from napari_refusion.volume.finding import RefusedError
from napari_refusion.widgets.layers import to_layer_data
from napari_refusion.widgets.worker import Job

if TYPE_CHECKING:
    from napari_refusion.cohort.work_case import WorkCase
    from napari_refusion.fusion.partial import FinishedSlices

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class ReadCase:
    """A case that was read."""

    layers: list[Any]
    """Of both sources."""
    finished: FinishedSlices | None = None
    """What was fused of it before; None for nothing."""
    remark: str = ""
    """Why what was fused before is not taken over; empty where it is, or where there is nothing."""


Found = RefusedError | ReadCase
"""A case, or why one of its sources cannot be read."""


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """A case that was read ahead."""

    case: WorkCase
    state: FilesState
    """Of its files before they were read."""
    found: Found


class CaseReading(QObject):
    """Reads one case at a time, and keeps at most one more that nobody asked for yet."""

    read = Signal(object, object)
    """Emitted with the `WorkCase` that was asked for and what was `Found`."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._opening: Job | None = None
        self._ahead: Job | None = None
        self._ahead_case: WorkCase | None = None
        self._wanted: WorkCase | None = None
        self.kept: Kept | None = None
        """What was read ahead, until it is asked for, or thrown away."""

    def open(self, case: WorkCase) -> None:
        """Read a case, unless it was read ahead and its files are still the same; `read` follows."""
        self.close()
        if self._ahead is not None and case == self._ahead_case:
            self._wanted = case  # it is being read already
            return
        kept = self.kept if self.kept is not None and self.kept.case == case else None
        self.forget()
        self._opening = Job(self, _opened, case, kept)
        self._opening.message.connect(lambda found: self.read.emit(case, found))
        self._opening.ended.connect(self._end_opening)
        self._opening.start()

    def read_ahead(self, case: WorkCase | None) -> None:
        """Read a case that may be asked for next, in place of the one before; None for none.

        A case that cannot be read is a sentence when it is asked for, and nothing before.
        """
        known = self._ahead_case if self._ahead is not None else self.kept.case if self.kept is not None else None
        if case == known or self._wanted is not None:
            return
        self.forget()
        if case is not None:
            self._ahead_case = case
            self._ahead = Job(self, _read_ahead, case)
            self._ahead.message.connect(self._keep)
            self._ahead.ended.connect(self._end_ahead)
            self._ahead.start()

    def forget(self) -> None:
        """Throw away what was read ahead: the list is another one."""
        self._wanted, self.kept = None, None
        if self._ahead is not None:
            self._ahead.close()

    def close(self) -> None:
        """Wait no longer for what was asked for."""
        self._wanted = None
        if self._opening is not None:
            self._opening.close()

    def _keep(self, kept: Kept) -> None:
        self.kept = kept

    def _end_ahead(self, _end: str) -> None:
        self._ahead, self._ahead_case = None, None
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            self.open(wanted)

    def _end_opening(self, _end: str) -> None:
        self._opening = None


def _opened(case: WorkCase, kept: Kept | None) -> Iterator[Found]:
    """Yield what a case holds; what was read ahead is taken where its files were not changed since."""
    if kept is not None and kept.state == files_state(case):
        yield kept.found
    else:
        yield _layers(case)


def _read_ahead(case: WorkCase) -> Iterator[Kept]:
    """Yield a case, nothing where reading it fails in a way that is no refusal: it fails again when it is opened."""
    try:
        state = files_state(case)
        yield Kept(case, state, _layers(case))
    except Exception:
        _LOG.info("A case could not be read ahead", exc_info=True)


def _layers(case: WorkCase) -> Found:
    """Return the layers of both sources with what was fused of them, or why one cannot be read."""
    from napari_refusion.cohort.fused_case import finished_slices
    from napari_refusion.io.open import open_volume

    try:
        volumes = [open_volume(path, modality, volume=volume) for path, modality, volume in case.sources]
    except RefusedError as error:
        return error
    layers = [to_layer_data(volume) for volume in volumes]
    if case.fused is None:
        return ReadCase(layers)
    try:
        return ReadCase(layers, finished_slices(case.fused))
    except RefusedError as error:
        return ReadCase(layers, remark=str(error))
