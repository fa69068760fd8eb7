"""From the paths that napari opens to layers; with a window, the user chooses among several."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from napari import current_viewer
from napari.utils.notifications import show_info, show_warning
from qtpy.QtCore import QThread
from qtpy.QtWidgets import QApplication, QMainWindow, QWidget

from napari_refusion.volume.finding import RefusedError, refuse
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.frames import FRAMES, FrameStack
from napari_refusion.widgets.layer_marks import KEY
from napari_refusion.widgets.layers import LayerData, oblique_notice
from napari_refusion.widgets.opening.chooser import ask
from napari_refusion.widgets.opening.frame_text import follow_frames
from napari_refusion.widgets.opening.frames_layer import HAS_MEAN
from napari_refusion.widgets.opening.joining import Tell, join_slices, series_of_slice
from napari_refusion.widgets.opening.meanwhile import StoppedError, meanwhile
from napari_refusion.widgets.opening.offer import everything, is_choice
from napari_refusion.widgets.opening.one_by_one import Gathered, OneByOne
from napari_refusion.widgets.opening.reading import list_offers, read, refusals
from napari_refusion.widgets.probe.cursor_cross import find_window

if TYPE_CHECKING:
    from napari.viewer import Viewer

NOTHING: Final[list[Any]] = [(None,)]
"""What a reader returns to napari that read, and has no layer to add."""

NOTHING_CHOSEN: Final = "Nothing was opened, as you chose."

_UNSEEN: Final = ("offscreen", "minimal", "vnc")
"""Platforms of Qt on which nobody sees a window."""


def open_layers(paths: Sequence[Path], warn: Tell | None = None, inform: Tell | None = None) -> list[LayerData]:
    """Return the layers of what is at some paths: what the user chooses, or all of it where no window is seen.

    Warnings of what is opened, and why something else could not be, are shown. Slices of one series that napari hands
    over one by one, as it does with files that were marked in a dialog, become one layer a moment later.

    Parameters
    ----------
    warn, inform
        What shows a sentence to the user; napari's notifications by default.

    Raises
    ------
    RefusedError
        If nothing can be read.
    """
    warn, inform = warn or show_warning, inform or show_info
    window, viewer = visible_window(), current_viewer()
    if window is None or viewer is None or not (series := series_of_slice(paths)):
        return _open(paths, warn, inform)
    gathered = OneByOne.of(window, partial(_finish, viewer, warn, inform)).take(
        paths[0], series, into_nothing=not viewer.layers
    )
    if len(gathered.files) > 1:
        return NOTHING
    try:
        # at once: in a window that goes on meanwhile, all files would seem to have come
        return _open(paths, gathered.warnings.append, inform, at_once=True)
    except RefusedError as error:
        gathered.warnings.append(str(error))
        return NOTHING


def _finish(viewer: Viewer, warn: Tell, inform: Tell, gathered: Gathered) -> None:
    join_slices(viewer, gathered, lambda files: _open(files, warn, inform), warn)


def _open(paths: Sequence[Path], warn: Tell, inform: Tell, *, at_once: bool = False) -> list[LayerData]:
    """Return the layers of what is at some paths, see `open_layers`; read in a worker thread or `at_once`."""
    window = visible_window()
    waiting, viewer = None if at_once else window, current_viewer()  # another one may come in front meanwhile
    try:
        offers, errors = meanwhile(waiting, f"Looking into {_called(paths)} ...", list_offers, paths)
        asked = window if is_choice(offers) else None
        chosen = everything(offers) if asked is None else ask(offers, asked)
        if chosen is None:
            inform(NOTHING_CHOSEN)
            return NOTHING
        layers, failed = meanwhile(waiting, f"Reading {_called(paths)} ...", read, chosen)
    except StoppedError:
        return NOTHING
    # the dialog has shown already why some of them cannot be chosen
    refused = (*errors, *failed, *(() if asked is not None and layers else refusals(offers)))
    if not layers:
        raise refused[0] if refused else refuse("file", "Choose another folder: there is no image to open in this one.")
    for error in refused:
        warn(str(error))
    _tell(layers, warn, inform)
    _follow(viewer, layers)
    return layers


def _called(paths: Sequence[Path]) -> str:
    return paths[0].name if len(paths) == 1 else f"{len(paths)} files"


def visible_window() -> QWidget | None:
    """Return the window of the viewer that gets what is opened, to ask a question above it; None where none is seen."""
    application = QApplication.instance()
    if not isinstance(application, QApplication) or application.platformName() in _UNSEEN:
        return None
    if QThread.currentThread() is not application.thread():
        return None
    windows = [one for one in application.topLevelWidgets() if isinstance(one, QMainWindow) and one.isVisible()]
    if (viewer := current_viewer()) is not None and (own := find_window(viewer.window.main_menu)) in windows:
        return own
    return next((one for one in windows if one.isActiveWindow()), windows[-1] if windows else None)


def _tell(layers: Sequence[LayerData], warn: Tell, inform: Tell) -> None:
    """Show what the user must know before looking at what was opened, each sentence once."""
    volumes = [volume for _, properties, _ in layers for volume in _volumes(properties)]
    warned = dict.fromkeys(f.sentence for volume in volumes for f in volume.findings if f.level == "warn")
    for sentence in warned:
        warn(sentence)
    for sentence in dict.fromkeys(notice for volume in volumes if (notice := oblique_notice(volume))):
        inform(sentence)


def _volumes(properties: dict[str, Any]) -> tuple[Volume, ...]:
    """Return the volumes of a layer, of frames that have a mean none: its layer says the same."""
    mark = properties["metadata"][KEY]
    if "volume" in mark:
        return (mark["volume"],)
    stack: FrameStack = mark[FRAMES]
    return () if mark[HAS_MEAN] else stack.volumes[:1]


def _follow(viewer: Viewer | None, layers: Sequence[LayerData]) -> None:
    """Let the viewer that gets the layers say which frame is shown."""
    if viewer is not None and any(FRAMES in properties["metadata"][KEY] for _, properties, _ in layers):
        follow_frames(viewer)
