"""A layer shown a second time, in another canvas: the same voxels, and whatever is set on the first one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from napari.layers import Labels, Layer

from napari_refusion.fusion.seen_slices import SeenSlices
from napari_refusion.widgets.layer_marks import KEY

if TYPE_CHECKING:
    from collections.abc import Callable

_FOLLOWED: Final = (
    "name",
    "opacity",
    "blending",
    "visible",
    "scale",
    "translate",
    "rotate",
    "shear",
    "affine",
    "units",
    "contrast_limits",
    "gamma",
    "colormap",
    "interpolation2d",
    "contour",
)
"""Properties of a layer that its copy has, too; an image has all of them, other layers have some."""


class CopiedLayer:
    """Keeps a copy of a layer like it, from the moment it is made until `stop`.

    A layer that is drawn again may hold new voxels in the same array, or may only have been scrolled: `redrawn` is
    called then, and whoever made the copy calls `draw` when there is time.
    """

    def __init__(self, layer: Layer, redrawn: Callable[..., object]) -> None:
        self.layer = layer
        _, properties, kind = layer.as_layer_data_tuple()
        # not sliced before it is where it shall be
        self.copy = Layer.create(_seen(layer), properties | {"visible": False}, kind)
        if isinstance(layer, Labels):
            self.copy.contour = layer.contour  # no property that a layer of labels begins with
        self._connected: list[tuple[Any, Callable[..., object]]] = []
        for name in _FOLLOWED:
            if hasattr(layer, name) and hasattr(layer.events, name):
                self._connect(name, self._follower(name))
        self._connect("data", self._show_data)
        self._connect("set_data", redrawn)

    def show(self) -> None:
        """Show the copy as the layer is shown."""
        if self.copy.visible != self.layer.visible:
            self.copy.visible = self.layer.visible

    def stop(self) -> None:
        """Follow the layer no longer."""
        for event, follow in self._connected:
            event.disconnect(follow)
        self._connected = []

    def draw(self) -> None:
        """Draw the copy again, if it is seen."""
        if self.copy.visible:
            self.copy.refresh(extent=False, highlight=False, thumbnail=False)

    def _connect(self, name: str, follow: Callable[..., object]) -> None:
        event = getattr(self.layer.events, name)
        event.connect(follow)
        self._connected.append((event, follow))

    def _follower(self, name: str) -> Callable[..., None]:
        def follow(_event: Any = None) -> None:  # noqa: ANN401 - napari's events have no common type
            setattr(self.copy, name, getattr(self.layer, name))

        return follow

    def _show_data(self, _event: Any = None) -> None:  # noqa: ANN401
        self.copy.data = _seen(self.layer)


def _seen(layer: Layer) -> Any:  # noqa: ANN401 - whatever a layer takes as data
    """Return what is drawn of a layer: of one that is being fused, the slices that are there."""
    partial = layer.metadata.get(KEY, {}).get("partial")
    return SeenSlices(partial) if partial is not None and partial.fused is layer.data else layer.data
