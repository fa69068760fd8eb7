"""The two layers that are chosen, and what is asked of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal

from napari_refusion.model.tasks import DEFAULT_TASK
from napari_refusion.numerics.intensity import Window
from napari_refusion.session.source import Request
from napari_refusion.volume.finding import refuse
from napari_refusion.volume.preset import PRESETS
from napari_refusion.widgets.fuse.live import viewed_direction
from napari_refusion.widgets.layer_marks import KEY
from napari_refusion.widgets.layer_names import known_modality, present_names
from napari_refusion.widgets.layer_watch import LayerWatch
from napari_refusion.widgets.opening.frames_layer import is_beside_mean
from napari_refusion.widgets.preferences import preferred_scales
from napari_refusion.widgets.shown_slice import reference_volume
from napari_refusion.widgets.world import place_of

if TYPE_CHECKING:
    from napari.layers import Image
    from napari.viewer import Viewer

    from napari_refusion.fusion.partial import Extent, PartialFusion
    from napari_refusion.session.present_names import PresentNames
    from napari_refusion.widgets.fuse.page import FusePage


class ChosenPair(QObject):
    """Offers the viewer's layers on the page, follows those that are chosen, and makes requests of all choices."""

    offering = Signal()
    """Emitted before the page changes because layers came, went, moved or were renamed."""
    offered = Signal()
    """Emitted when layers came, went, moved or were renamed."""

    def __init__(self, viewer: Viewer, page: FusePage, parent: QObject) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._page = page
        self._watch = LayerWatch(viewer, self._offer)

    @property
    def is_running(self) -> bool:
        """Whether it follows the viewer."""
        return self._watch.is_running

    def start(self) -> None:
        """Begin to follow the viewer."""
        self._watch.start()

    def stop(self) -> None:
        """Let go of the viewer and the layers."""
        for row in (self._page.first, self._page.second):
            row.unfollow()
        self._watch.stop()

    def follow(self) -> list[Image]:
        """Let each row follow its layer; return those that are there."""
        layers = self._layers()
        for row, layer in zip((self._page.first, self._page.second), layers, strict=True):
            row.follow(layer)
        return [layer for layer in layers if layer is not None]

    def request(self, extent: Extent, is_live: bool = False) -> Request:
        """Return what is chosen, at the place where the viewer is.

        Raises
        ------
        RefusedError
            If there are no two layers, or one that cannot be a volume.
        """
        first, second = self._layers()
        if first is None or second is None or not self._page.has_pair:
            raise refuse("layers", "Two image layers are needed: open both scans first.")
        if first is second:
            raise refuse("layers", f"Both sources are the layer {first.name}: choose two different ones.")
        place = self._viewer.dims.point
        point, counted = place[-3:], reference_volume(self._viewer.layers)
        return Request(
            self._page.first.source(first, place),
            self._page.second.source(second, place),
            self._page.form.settings(viewed_direction(self._viewer) or "axial"),
            place_of((0.0,) * (3 - len(point)) + tuple(point), None if counted is None else counted.grid),
            extent,
            is_live,
            preferred_scales(),
        )

    def missing(self, request: Request) -> list[str]:
        """Return the names of the layers of a request that were deleted since."""
        there = self.there
        return [image.name for image in (request.first.image, request.second.image) if image.key not in there]

    def names(self) -> PresentNames:
        """Return what all sources are called now."""
        return present_names(self._watch.sources())

    def keys(self) -> frozenset[str]:
        """Return the ids of the layers that are chosen."""
        return frozenset(str(layer.unique_id) for layer in self._layers() if layer is not None)

    def task(self) -> str | None:
        """Return the task that the two layers are of: what they are marked with, or medical where both are scans.

        None where nothing says it, as of photographs: then the reader's choice stays.
        """
        layers = [layer for layer in self._layers() if layer is not None]
        marked = {layer.metadata.get(KEY, {}).get("task") for layer in layers}
        if len(layers) == 2 and len(marked) == 1 and (task := marked.pop()) is not None:
            return str(task)
        return DEFAULT_TASK if len(layers) == 2 and all(map(known_modality, layers)) else None

    def is_gone(self, partial: PartialFusion) -> bool:
        """Return whether the viewer has neither a source of a partial fusion nor any result."""
        results = [layer for layer in self._viewer.layers if "fusion" in layer.metadata.get(KEY, {})]
        return not results and self.there.isdisjoint(side.key for side in partial.study.sides)

    def dragged_layer(self) -> Image | None:
        """Return the source whose window a drag changes: the active layer, or else the first source."""
        layers = self._layers()
        active = self._viewer.layers.selection.active
        chosen = [one for one in layers if one is not None and active is not None and one.unique_id == active.unique_id]
        return (chosen or layers)[0]

    def choose_window(self, preset: str) -> bool:
        """Choose a preset for the source that it fits, the active layer first; return whether there is one."""
        active = self._viewer.layers.selection.active
        rows = [row for row in (self._page.first, self._page.second) if row.offers(preset)]
        rows.sort(key=lambda row: active is None or row.layer.currentData() != str(active.unique_id))
        if rows:
            rows[0].choose_window(preset)
        return bool(rows)

    def show_scale(self, key: str, high: float) -> None:
        """Show the source of this id from 0 to an upper end in its unit, as its menu of windows does."""
        window = Window(0.0, high)
        for row in (self._page.first, self._page.second):
            if row.layer.currentData() == key:
                fit = (one.name for one in PRESETS.values() if one.window == window and row.shows_in(one.unit))
                row.choose_window(next((name for name in fit if row.offers(name)), f"0,{high:g}"))

    def _layers(self) -> list[Image | None]:
        return [self._watch.find(row.layer.currentData()) for row in (self._page.first, self._page.second)]

    @property
    def there(self) -> frozenset[str]:
        """The ids of all layers that can be fused."""
        return frozenset(str(layer.unique_id) for layer in self._watch.sources())

    def _offer(self) -> None:
        self.offering.emit()
        layers = self._watch.sources()
        first, second = self._page.first, self._page.second
        # a 4-D layer beside its mean is offered, but never taken by itself
        preferred = [index for index, layer in enumerate(layers) if not is_beside_mean(layer)]
        for place, row in enumerate((first, second)):
            row.offer(layers, preferred[min(place, len(preferred) - 1)] if preferred else -1)
        if len(layers) > 1 and first.layer.currentIndex() == second.layer.currentIndex():
            others = [index for index in preferred if index != first.layer.currentIndex()]
            second.layer.setCurrentIndex(others[0] if others else -1)
        self.offered.emit()
