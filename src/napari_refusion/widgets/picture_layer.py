"""One layer that shows a picture made of both sources, and leaves the other layers as they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from napari.layers import Image

from napari_refusion.widgets.common_units import call_pixels_mm
from napari_refusion.widgets.layer_marks import KEY, is_evidence
from napari_refusion.widgets.layers import LayerData, to_layer_data
from napari_refusion.widgets.removing import remove_layer

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_refusion.fusion.compared_volume import ComparedVolume

MARK: Final = "compare"
"""Under ``metadata[KEY]`` of a layer that is made of sources and is none itself; the value is the mode."""

_ON_TOP: Final = {"opacity": 1.0, "blending": "translucent_no_depth"}
"""Hides what lies under it."""


@dataclass(frozen=True, slots=True)
class LayerStyle:
    """What a user can change about the layer, to give it back."""

    visible: bool
    opacity: float
    blending: str
    index: int
    """Place among the layers, 0 is the lowest."""


class PictureLayer:
    """An image layer on the grid of a pair: made when needed, changed in place, found again by its id."""

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer
        self.key: str | None = None
        """The layer's ``unique_id``; None while there is none."""

    @property
    def layer(self) -> Image | None:
        """The layer, None if there is none or the user deleted it."""
        return next((layer for layer in self._viewer.layers if str(layer.unique_id) == self.key), None)

    def show(self, picture: ComparedVolume, name: str, index: int | None = None) -> Image:
        """Show a picture and return its layer; `index` is the place of a new one, by default above the others."""
        layer = self.layer
        if layer is None:
            return self._make(picture, name, index)
        if layer.name != name:
            layer.name = name
        layer.data = picture
        _, properties, _ = _layer_data(picture, name)
        layer.metadata = properties["metadata"]
        for key in ("scale", "translate"):
            if not np.array_equal(getattr(layer, key), properties[key]):  # each setting draws the layer again
                setattr(layer, key, properties[key])
        return layer

    def remove(self) -> None:
        """Take the layer away."""
        layer, self.key = self.layer, None
        if layer is not None:
            remove_layer(self._viewer, layer)

    def raise_to_top(self) -> None:
        """Show the layer above all others, hiding them."""
        layer = self.layer
        if layer is not None:
            self._apply(layer, LayerStyle(True, 1.0, "translucent_no_depth", len(self._viewer.layers) - 1))

    def move_above_images(self) -> None:
        """Put the layer above all other images, as it is; points, labels and an evidence map above these stay there."""
        look = self.look()
        layers = enumerate(self._viewer.layers)
        highest = max((i for i, one in layers if isinstance(one, Image) and not is_evidence(one)), default=0)
        if look is not None and look.index < highest:
            self.apply(replace(look, index=highest))

    def look(self) -> LayerStyle | None:
        """Return how and where the layer is shown; None where there is none."""
        layer = self.layer
        if layer is None:
            return None
        return LayerStyle(layer.visible, layer.opacity, str(layer.blending), self._index())

    def apply(self, look: LayerStyle | None) -> None:
        """Show the layer as it was."""
        layer = self.layer
        if layer is not None and look is not None:
            self._apply(layer, look)

    def _apply(self, layer: Image, look: LayerStyle) -> None:
        for name in ("visible", "opacity", "blending"):
            if getattr(layer, name) != getattr(look, name):  # each setting draws the layer again
                setattr(layer, name, getattr(look, name))
        now = self._index()
        if now != look.index:
            # napari's target is the place before the layer is taken out of its old one
            self._viewer.layers.move(now, look.index + (look.index > now))

    def _index(self) -> int:
        return [str(layer.unique_id) for layer in self._viewer.layers].index(str(self.key))

    def _make(self, picture: ComparedVolume, name: str, index: int | None) -> Image:
        data, properties, _ = _layer_data(picture, name)
        layers = self._viewer.layers
        call_pixels_mm(layers)
        layer = Image(data, **properties, **_ON_TOP)
        self.key = str(layer.unique_id)
        selected = set(layers.selection)
        layers.insert(len(layers) if index is None else index, layer)
        layers.selection = selected  # the user goes on with the layer that was being worked on
        return layer


def _layer_data(picture: ComparedVolume, name: str) -> LayerData:
    """Return the layer of a picture: on the grid of the pair, marked as no source."""
    # as many voxels as the grid has, without the memory for them: only their number is used
    blank = np.broadcast_to(np.float32(0), picture.shape)
    volume = picture.comparison.partial.study.fixed.with_data(blank, name)
    _, properties, kind = to_layer_data(volume, growing=True, contrast_limits=(0, int(np.iinfo(picture.dtype).max)))
    properties["metadata"][KEY][MARK] = picture.mode.name
    return picture, properties, kind  # type: ignore[return-value]
