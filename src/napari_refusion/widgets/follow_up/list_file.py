"""The baseline's lesions from a file, read in a worker."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject
from qtpy.QtWidgets import QFileDialog, QWidget

from napari_refusion.volume.finding import RefusedError
from napari_refusion.widgets.lesions.opening import reading
from napari_refusion.widgets.worker import Job

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_refusion.io.overlays.overlay import Overlay
    from napari_refusion.session.follow_up.examination import Examination
    from napari_refusion.session.follow_up.session import FollowUpSession


class ListFile(QObject):
    """Asks for a file and gives what it holds to the session; what comes of it is said in sentences."""

    def __init__(self, session: FollowUpSession, say: Callable[[str], None], window: QWidget) -> None:
        super().__init__(window)
        self._session, self._say, self._window = session, say, window
        self._job: Job | None = None

    def ask(self) -> None:
        """Let the reader choose a file, and read it."""
        baseline = self._session.baseline
        place = None if baseline is None else baseline.measured.origin.place
        folder = "" if place is None else str(place.parent)
        title = "Lesions of the baseline: label map, DICOM SEG or RTSTRUCT"
        chosen, _ = QFileDialog.getOpenFileName(self._window, title, folder)
        if chosen:
            self.read(Path(chosen))

    def read(self, path: Path) -> None:
        """Read the baseline's lesions from a file, unless one is being read."""
        baseline = self._session.baseline
        if baseline is None or self._job is not None:
            return
        self._say(f"Reading {path.name} ...")
        self._job = Job(self, reading, path, baseline.measured)
        self._job.message.connect(lambda message: self._receive(message, baseline))
        self._job.ended.connect(self._forget)
        self._job.start()

    def stop(self) -> None:
        """Read no longer."""
        if self._job is not None:
            self._job.close()

    def _receive(self, message: Overlay | RefusedError, baseline: Examination) -> None:
        if isinstance(message, RefusedError):
            self._say(str(message))
        elif self._session.baseline is not None and self._session.baseline.content == baseline.content:
            self._say("")
            count = self._session.take_overlay(message)
            if all(one.level == "ok" for one in message.findings):  # else the session said what was noticed
                self._say(f"Lesions of the baseline from {message.name}: {count}.")

    def _forget(self, _end: str) -> None:
        self._job = None
