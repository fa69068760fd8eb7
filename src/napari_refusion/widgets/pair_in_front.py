"""What is seen where there are more images than one pair: the chosen one's result and sources, and no other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari.layers import Image

from napari_refusion.widgets.layer_marks import KEY, is_result

if TYPE_CHECKING:
    from napari.components import LayerList


def bring_forward(layers: LayerList, result: Image | None) -> None:
    """Show the result of a pair and its sources; hide results of other pairs and images that are no source of it.

    They would cover it, or be seen around it and where it has no slice yet, as if all were one image. They stay in the
    list, and what the reader drew stays visible.

    Parameters
    ----------
    result
        Its layer that is seen, in grey or in colours; nothing is done without one.
    """
    if result is None:
        return
    pair = _pair(result)
    others = [layer for layer in layers if _pair(layer) not in (None, pair)]
    for layer in others:
        layer.visible = False
    for layer in layers:
        if isinstance(layer, Image) and not is_result(layer):
            layer.visible = str(layer.unique_id) in (pair or ())
    result.visible = True
    top = max(map(layers.index, others), default=-1)
    below = [index for index, layer in enumerate(layers) if _pair(layer) == pair and index < top]
    if below:
        layers.move_multiple(below, top + 1)


def _pair(layer: Any) -> list[str] | None:  # noqa: ANN401 - a layer of any kind
    """Return the keys of the sources whose fusion a layer shows; None for all other layers."""
    pair: list[str] | None = layer.metadata.get(KEY, {}).get("fusion", {}).get("pair")
    return pair
