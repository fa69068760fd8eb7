"""Taking layers out of a viewer without a stop of the window."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
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
    """Keep napari's canvases from collecting garbage for a while; it is found later.

    They do so after each layer that is removed, for drivers on Windows that fail over what is deleted late. It takes
    50 to 150 ms for each layer, or 0.7 s where nothing is kept out of collections, in which the window stands still.
    """
    canvas = sys.modules.get("napari._vispy.canvas")
    if sys.platform == "win32" or (collector := getattr(canvas, "gc", None)) is None:
        yield
        return
    # napari has no setting for it, and one for the whole of Python (`gc.freeze`) leaves more to look through later
    setattr(canvas, "gc", SimpleNamespace(collect=lambda: 0))  # noqa: B010 - mypy knows the module as one
    try:
        yield
    finally:
        setattr(canvas, "gc", collector)  # noqa: B010
