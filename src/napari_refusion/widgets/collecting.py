"""Collections of garbage, for which the window stands still: none while modules are imported, short ones afterwards."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from qtpy.QtCore import QCoreApplication, QObject, QTimer

if TYPE_CHECKING:
    from napari.layers import Layer
    from napari.utils.events import Event
    from napari.viewer import Viewer

MUCH: Final = 256 << 20
"""Bytes of layers that were removed, after which what came later is looked through."""

OF_A_LAYER: Final = 4 << 20
"""Bytes that napari's controls and drawing of the smallest layer take, measured; its data come on top."""


@contextmanager
def uncollected() -> Iterator[None]:
    """Collect no garbage for a while; what was imported counts as old afterwards.

    Imports make so many objects that Python looks through all of them several times, 0.2 s each, and then once more;
    the window stands still meanwhile.
    """
    if not gc.isenabled() or gc.get_freeze_count():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        # to and from where nothing is collected: into the oldest generation, without looking through them
        gc.freeze()
        gc.unfreeze()
        gc.enable()


class LongLived(QObject):
    """Keeps what there is, a million objects of torch, MONAI and napari, out of collections of garbage.

    Python looks through them all now and then, 0.7 s in which the window stands still. What is kept out is freed where
    nothing refers to it, but rings of references are found by a collection alone, and a layer is part of one: so what
    came later is looked through when a viewer is empty, which is when patients change, or when much was removed. It
    is a child of the application, for a collection is of the whole program.
    """

    def __init__(self, viewer: Viewer, until: QObject) -> None:
        super().__init__(QCoreApplication.instance())
        self._viewer = viewer
        self._is_keeping = False
        self._removed = self._kept = 0
        """Bytes of layers: removed since the last look, and kept out, whose rings only a look at everything finds."""
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._look_through)
        viewer.layers.events.removed.connect(self._see_removed)
        until.destroyed.connect(self._end)

    def keep(self) -> None:
        """Keep out what there is now; nothing where somebody else does so."""
        if not self._is_keeping:
            if gc.get_freeze_count():
                return
            self._is_keeping = True
        self._kept += sum(_bytes_of(layer) for layer in self._viewer.layers)
        gc.freeze()

    def _see_removed(self, event: Event) -> None:
        self._removed += _bytes_of(event.value)
        if self._is_keeping and (self._removed > MUCH or not self._viewer.layers):
            self._soon.start()  # once, after all that go in this turn of the window

    def _end(self) -> None:
        if self._is_keeping:
            self._is_keeping = False
            gc.unfreeze()
        self.deleteLater()

    def _look_through(self) -> None:
        """Find the rings of what came later; of everything, where much was kept out that may have gone."""
        self._removed = 0
        is_all = self._kept > MUCH
        if is_all:
            gc.unfreeze()
            self._kept = 0
        gc.collect()
        if is_all or not self._viewer.layers:
            self.keep()


def _bytes_of(layer: Layer) -> int:
    return OF_A_LAYER + int(getattr(layer.data, "nbytes", 0))
