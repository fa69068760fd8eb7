"""Collections of garbage, for which the window stands still: none while modules are imported, short ones afterwards."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from napari.utils.events import Event
    from napari.viewer import Viewer


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
    """Keeps what stays for good, a million objects of torch, MONAI and napari, out of collections of garbage.

    Python looks through them all now and then, 0.7 s in which the window stands still. What is kept out is freed where
    nothing refers to it, but rings of references are found by a collection alone, and a layer is part of one: when one
    goes that was there before, everything is looked through once. With the parent all of it is over.
    """

    def __init__(self, viewer: Viewer, parent: QObject) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._layers: frozenset[object] = frozenset()
        self._is_keeping = False
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._look_through_all)
        viewer.layers.events.removed.connect(self._see_removed)

    def keep(self) -> None:
        """Keep out what there is now; nothing where somebody else does so."""
        if not self._is_keeping:
            if gc.get_freeze_count():
                return
            self.destroyed.connect(lambda: gc.unfreeze())
            self._is_keeping = True
        gc.freeze()
        self._layers = frozenset(layer.unique_id for layer in self._viewer.layers)

    def _see_removed(self, event: Event) -> None:
        if event.value.unique_id in self._layers:
            self._soon.start()  # once, after all that go in this turn of the window

    def _look_through_all(self) -> None:
        gc.unfreeze()
        gc.collect()
        self.keep()
