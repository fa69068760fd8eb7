"""Collections of garbage, for which the window stands still: none while modules are imported, short ones afterwards."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from qtpy.QtCore import QCoreApplication, QObject, QTimer

if TYPE_CHECKING:
    from napari.layers import Layer
    from napari.viewer import Viewer

AFTER: Final = 200
"""Milliseconds without a removed layer, after which rings of references are looked for: not in the middle of an act."""

MUCH: Final = 256 << 20
"""Bytes of layers that were kept out, for which everything is looked through when they may have gone."""

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
    nothing refers to it, but rings of references are found by a collection alone, and a layer is part of one: what
    came later is looked through once layers were removed, and kept out as well when a viewer is empty, which is when
    patients change. It is a child of the application, for a collection is of the whole program.
    """

    def __init__(self, viewer: Viewer, until: QObject) -> None:
        super().__init__(QCoreApplication.instance())
        self._viewer = viewer
        self._is_keeping = False
        self._kept = 0
        """Bytes of layers that were kept out, and whose rings only a look at everything finds."""
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(AFTER)
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

    def _see_removed(self) -> None:
        if self._is_keeping:
            self._soon.start()

    def _end(self) -> None:
        if self._is_keeping:
            self._is_keeping = False
            gc.unfreeze()
        self.deleteLater()

    def _look_through(self) -> None:
        is_empty = not self._viewer.layers
        if is_empty and self._kept > MUCH:
            gc.unfreeze()
            self._kept = 0
        gc.collect()
        if is_empty:
            self.keep()


def _bytes_of(layer: Layer) -> int:
    return OF_A_LAYER + int(getattr(layer.data, "nbytes", 0))
