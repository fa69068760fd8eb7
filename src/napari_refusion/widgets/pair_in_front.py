"""What is seen where there are more images than one pair: the chosen one's result and sources, and no other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from napari.layers import Image

from napari_refusion.widgets.layer_look import show_or_hide
from napari_refusion.widgets.layer_marks import KEY, is_result

if TYPE_CHECKING:
    import numpy as np
    from napari.components import LayerList
    from napari.viewer import Viewer

    from napari_refusion.fusion.partial import PartialFusion


SHOWING: Final = ("visible", "opacity", "translate", "scale", "affine")
"""Events of a layer, which the list of layers hands on, after which it may lie over another one, or no longer."""

ORDERING: Final = ("inserted", "removed", "reordered")
"""Events of the list of layers after which another one may be the topmost."""


def bring_forward(layers: LayerList, result: Image | None) -> frozenset[str]:
    """Show the result of a pair and its sources; hide results of other pairs and images that are no source of it.

    They would cover it, or be seen around it and where it has no slice yet, as if all were one image. They stay in the
    list, and what the reader drew stays visible.

    Parameters
    ----------
    result
        Its layer that is seen, in grey or in colours; nothing is done without one.

    Returns
    -------
    The ids of the images that were seen before and are hidden now, for `bring_back`.
    """
    if result is None:
        return frozenset()
    pair = _pair(result)
    others = [layer for layer in layers if _pair(layer) not in (None, pair)]
    for layer in others:
        show_or_hide(layer, is_visible=False)
    hidden: set[str] = set()
    for layer in layers:
        if isinstance(layer, Image) and not is_result(layer):
            key = str(layer.unique_id)
            is_source = key in (pair or ())
            if layer.visible and not is_source:
                hidden.add(key)
            show_or_hide(layer, is_visible=is_source)
    show_or_hide(result, is_visible=True)
    top = max(map(layers.index, others), default=-1)
    below = [index for index, layer in enumerate(layers) if _pair(layer) == pair and index < top]
    if below:
        layers.move_multiple(below, top + 1)
    return frozenset(hidden)


def bring_back(layers: LayerList, hidden: frozenset[str]) -> None:
    """Show images again that were hidden beside a result, which is gone: the reader did not hide them.

    Parameters
    ----------
    hidden
        Their ids; of images that are not there any more, nothing comes.
    """
    for layer in layers:
        if str(layer.unique_id) in hidden:
            show_or_hide(layer, is_visible=True)


def lying_over(viewer: Viewer, partial: PartialFusion) -> Image | None:
    """Return the topmost image that is seen over the result of a pair and is none of it; None where there is none.

    One that was opened afterwards lies there: it covers the result, or is added to it. One without a voxel on the slice
    in view, or beside the result, does not, and where cells stand side by side, none does.
    """
    layers = list(viewer.layers)
    seen = [index for index, one in enumerate(layers) if isinstance(one, Image) and one.visible and is_result(one)]
    if not seen or viewer.canvas.grid.enabled:
        return None
    sources = {side.key for side in partial.study.sides}
    above = [one for one in layers[seen[-1] + 1 :] if isinstance(one, Image) and one.visible and one.opacity > 0]
    others = (one for one in reversed(above) if str(one.unique_id) not in sources)
    return next((one for one in others if _meet(viewer, one, layers[seen[-1]])), None)


def _meet(viewer: Viewer, one: Image, other: Image) -> bool:
    """Return whether the boxes around two images meet in the view, the first one's on the slice that is shown."""
    (low, high), (start, end) = _box(one), _box(other)
    count = min(one.ndim, other.ndim)
    for axis in range(-count, 0):
        if viewer.dims.ndim + axis in viewer.dims.displayed:
            is_met = low[axis] < end[axis] and start[axis] < high[axis]
        else:
            is_met = low[axis] <= viewer.dims.point[axis] <= high[axis]
        if not is_met:
            return False
    return True


def _box(layer: Image) -> tuple[np.ndarray, np.ndarray]:
    """Return the lowest and the highest corner in the world, (D,), with the voxels' outer halves."""
    low, high = layer.extent.world
    half = layer.extent.step / 2
    return low - half, high + half


def _pair(layer: Any) -> list[str] | None:  # noqa: ANN401 - a layer of any kind
    """Return the keys of the sources whose fusion a layer shows; None for all other layers."""
    pair: list[str] | None = layer.metadata.get(KEY, {}).get("fusion", {}).get("pair")
    return pair
