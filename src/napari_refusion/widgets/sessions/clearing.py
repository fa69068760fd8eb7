"""Making room in a viewer for a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_refusion.widgets.removing import remove_layer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari.viewer import Viewer

    from napari_refusion.widgets.fuse.widget import FuseWidget


def clear(viewer: Viewer, widget: FuseWidget) -> Iterator[None]:
    """Stop what is going on, and take the layers away that are there now, the uppermost first, one at a step."""
    comparing = widget.panels.comparing
    # held until the slices that are there are in their places, else it would fuse them anew
    widget.session.set_live(False)
    widget.panels.review.end()
    if widget.planes.three.is_shown:
        widget.planes.show_all()
    if comparing.state.is_side_by_side:
        comparing.toggle_side_by_side()
    yield
    comparing.choose(None)
    yield
    widget.clear()
    yield
    for layer in reversed(list(viewer.layers)):
        if layer in viewer.layers:
            remove_layer(viewer, layer)
            yield
