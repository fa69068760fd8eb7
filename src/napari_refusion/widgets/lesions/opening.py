"""Opening what others drew: the dialog, the worker that reads it, and the layers that show it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QFileDialog, QWidget

from napari_refusion.volume.finding import RefusedError
from napari_refusion.widgets.lesions.overlay_layers import OverlayLayers
from napari_refusion.widgets.worker import Job

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_refusion.io.overlays.overlay import Overlay
    from napari_refusion.session.lesions.session import LesionSession
    from napari_refusion.session.lesions.source import LesionSource
    from napari_refusion.volume.volume import Volume


class OverlayOpening(QObject):
    """Opens one overlay at a time."""

    said = Signal(str)
    """Emitted with what came of it."""

    def __init__(self, viewer: Viewer, owner: QWidget) -> None:
        super().__init__(owner)
        self._owner = owner
        self._job: Job | None = None
        self._folder: tuple[str, Path] | None = None
        """Content of the source that an overlay was opened for last, and where that lay."""
        self.layers = OverlayLayers(viewer, self)
        self._read_for: dict[str, str] = {}

    def ask(self, source: LesionSource) -> None:
        """Ask for a file, and show what is in it on a source."""
        begin = self._beside(source)
        title = f"Open overlay for {source.volume.title}: DICOM SEG, RTSTRUCT or label map"
        chosen, _ = QFileDialog.getOpenFileName(self._owner, title, str(begin))
        if chosen:
            self.open(Path(chosen), source)

    def open(self, path: Path, source: LesionSource) -> None:
        """Read a file in a worker, and show what is in it on a source."""
        self._folder = source.content, path.parent
        self._close()
        self.said.emit(f"Reading {path.name} ...")
        self._job = Job(self, reading, path, source.volume)
        self._job.message.connect(lambda message: self._receive(message, source))
        self._job.ended.connect(self._forget)
        self._job.start()

    def _beside(self, source: LesionSource) -> Path:
        """Return where overlays of a source may lie: where the last one of it lay, or beside its own files.

        The folder of the patient before is offered only where the source has none.
        """
        place = source.volume.origin.place
        if self._folder is not None and (self._folder[0] == source.content or place is None):
            return self._folder[1]
        return Path.home() if place is None else place.parent

    def take(self, overlay: Overlay, session: LesionSession) -> tuple[int, ...]:
        """Make lesions of regions, on the source that they were read for."""
        content = self._read_for.get(overlay.sha256)
        places = [place for place, one in enumerate(session.now.sources) if one.content == content]
        if not places:
            self.said.emit(f"Open {overlay.name} again: it was read for images that are not chosen any more.")
            return ()
        return session.take_overlay(overlay, [one.name for one in overlay.segments], places[0])

    def forget(self) -> None:
        """Read no further, and take away what is shown: other images are chosen."""
        self._close()
        self.layers.clear()

    def stop(self) -> None:
        """Stop reading, and let go of the viewer."""
        self._close()
        self.layers.stop()

    def _close(self) -> None:
        if self._job is not None:
            self._job.close()

    def _forget(self, _end: str) -> None:
        self._job = None

    def _receive(self, message: Overlay | RefusedError, source: LesionSource) -> None:
        if isinstance(message, RefusedError):
            self.said.emit(str(message))
            return
        self._read_for = {**self._read_for, message.sha256: source.content}
        self.layers.show(message, [replace(one, voi=source.placed(one.voi)) for one in message.segments])
        noticed = " ".join(one.sentence for one in message.findings if one.level != "ok")
        count = len(message.segments)
        shown = "1 region is" if count == 1 else f"{count} regions are"
        self.said.emit(f"{shown} shown of {message.name}. {noticed}".strip())


def reading(path: Path, source: Volume) -> Iterator[Overlay | RefusedError]:
    """Yield the overlay, or why it cannot be had: a refusal is not a failure of the thread."""
    from napari_refusion.io.overlays.read import read_overlay

    try:
        yield read_overlay(path, source)
    except RefusedError as error:
        yield error
