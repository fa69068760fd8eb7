"""A project and a reader's file in it, as long as they are open in a window."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtWidgets import QFileDialog, QWidget

from napari_refusion.cohort.progress import project_progress, said_by_others
from napari_refusion.record.project import open_project
from napari_refusion.record.run import describe_run
from napari_refusion.record.store import Store
from napari_refusion.session.review import Session
from napari_refusion.volume.finding import RefusedError

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_refusion.session.messages import Started
    from napari_refusion.volume.volume import Volume


class OpenedReview:
    """What one reader works on."""

    def __init__(self, folder: Path, reader: str) -> None:
        """Open the files, which are made if they are not there yet.

        Raises
        ------
        RefusedError
            See `project.open_project` and `Store.open`.
        """
        self.project, self.store = open_project(folder), Store.open(folder, reader)

    def session(self, started: Started, volumes: tuple[Volume, Volume], paths: tuple[Path, ...]) -> Session:
        """Return the review of a fusion; `volumes` and `paths` are of its sources, in its pair's order."""
        run = describe_run(started.canvas, volumes)
        return Session(self.store, self.project, run, started.canvas, started.findings, paths)

    def said_by_others(self, case_id: str) -> str:
        """Return what other readers said about a case, a sentence in each line; nothing while that stays closed."""
        case = project_progress(self.project).get(case_id)
        return "\n".join(said_by_others(self.project, case, self.store.reader))

    def close(self, parent: QWidget) -> str:
        """Close the reader's file, and return what the reader must know, empty if all is well.

        What could not be written is offered another place.
        """
        try:
            self.store.close()
        except RefusedError as error:
            told = self._rescue(parent, f"{error} They are lost.")
            self.store.close(discard=True)
            return told
        return ""

    def _rescue(self, parent: QWidget, lost: str) -> str:
        count = len(self.store.unsaved)
        title = f"{count} things that were said are not on the disk: keep them in another place"
        chosen, _ = QFileDialog.getSaveFileName(parent, title, f"{self.store.reader}.sqlite")
        if not chosen:
            return lost
        try:
            self.store.save_elsewhere(Path(chosen))
        except RefusedError as error:
            return f"{error} What was said last is lost."
        return f"The whole review is kept in {chosen}: put it in the place of the old file."


def source_paths(viewer: Viewer, started: Started, known: Mapping[str, Path]) -> tuple[Path, Path] | None:
    """Return what the sources were opened from, in the pair's order; None where that is no file or folder.

    Parameters
    ----------
    known
        Id of a layer -> its file or folder, for layers of which napari does not know it.
    """
    request, layers = started.kept.request, {str(layer.unique_id): layer for layer in viewer.layers}
    keys = [request.first.image.key, request.second.image.key]
    paths = [known.get(key) or layers[key].source.path for key in keys if key in layers]
    if len(paths) != 2 or not all(paths):
        return None
    first, second = (Path(str(path)) for path in paths)
    return (second, first) if started.canvas.study.swapped else (first, second)
