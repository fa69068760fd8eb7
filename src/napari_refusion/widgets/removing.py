"""Taking layers out of a viewer without a stop of the window."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari.layers import Layer
    from napari.viewer import Viewer


def remove_layer(viewer: Viewer, layer: Layer) -> None:
    """Take a layer out of a viewer."""
    with nothing_collected():
        viewer.layers.remove(layer)


@contextmanager
def nothing_collected() -> Iterator[None]:
    """Let ``gc.collect()`` find nothing to look through for a while; what is garbage is found later.

    napari collects after each layer that is removed, for drivers on Windows that fail over what is deleted late. With
    torch imported that is 0.4 s for each layer, in which the window stands still.
    """
    # what is frozen must stay so, and little is looked through then; Windows needs what napari does
    if sys.platform == "win32" or gc.get_freeze_count():
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
