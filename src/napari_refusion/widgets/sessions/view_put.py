"""How the layers of a saved session were looked at: their order, plane and place, and how they were compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_refusion.widgets.layer_look import show_or_hide
from napari_refusion.widgets.sessions.layers_put import draw_as
from napari_refusion.widgets.sessions.layers_taken import result_kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari.layers import Layer
    from napari.viewer import Viewer

    from napari_refusion.session.compare import CompareSession
    from napari_refusion.session.saved.content import SavedSession, SavedView
    from napari_refusion.widgets.fuse.widget import FuseWidget


def turn(viewer: Viewer, view: SavedView) -> None:
    """Show the plane and the place that were shown."""
    dims = viewer.dims
    if sorted(view.order) == list(range(dims.ndim)):
        dims.ndisplay = 2
        dims.order = view.order
    viewer.fit_to_view()
    dims.ndisplay = view.ndisplay if dims.ndim >= 3 else 2
    go_to(viewer, view)


def go_to(viewer: Viewer, view: SavedView) -> None:
    """Show the place that was shown."""
    if len(view.point) == viewer.dims.ndim:
        viewer.dims.point = view.point


def show_planes(viewer: Viewer, widget: FuseWidget, view: SavedView) -> None:
    """Begin to show the other planes, where they were shown."""
    if view.planes and viewer.dims.ndim >= 3 and not widget.planes.three.is_shown:
        widget.planes.show_all()


def compare_as(comparing: CompareSession, view: SavedView) -> list[str]:
    """Compare as was compared, and return what is not as it was, in sentences."""
    unknown = comparing.restore(view.mode, view.last_mode, view.amounts, view.colour_map)
    if comparing.state.partial is not None and view.threshold is not None:
        comparing.set_threshold(view.threshold)
    return [f"Choose another way to compare: this version has none called {unknown}."] if unknown else []


def arrange(viewer: Viewer, saved: SavedSession, layers: Sequence[Layer | None]) -> None:
    """Give results their looks, and all layers their order; show those that were shown, and no other."""
    mode = saved.view.mode
    kinds = {kind: layer for layer in viewer.layers if (kind := result_kind(layer, mode))}
    order: Sequence[Layer | None] = [
        kinds.get(one.result) if one.result else layer for one, layer in zip(saved.layers, layers, strict=True)
    ]
    for one, layer in zip(saved.layers, order, strict=True):
        if one.result and layer is not None:
            draw_as(layer, one.look)
        elif layer is not None:
            # a result that comes shows its sources, and hides other images
            show_or_hide(layer, is_visible=one.look.visible)
    wanted = [layer for layer in order if layer is not None and layer in viewer.layers]
    for place, layer in enumerate(wanted):
        now = viewer.layers.index(layer)
        if now != place:
            viewer.layers.move(now, place)
