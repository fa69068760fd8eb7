"""The layers that regions are drawn in: each belongs to images, and is seen and measured with these alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from napari.layers import Shapes
from qtpy.QtCore import QObject, QTimer

from napari_refusion.widgets.layer_look import show_or_hide
from napari_refusion.widgets.layer_marks import KEY
from napari_refusion.widgets.layers import AXIS_LABELS
from napari_refusion.widgets.removing import remove_layer
from napari_refusion.widgets.world import drawn_matrix

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari.layers import Layer
    from napari.viewer import Viewer

    from napari_refusion.volume.volume import Volume

REGIONS: Final = "regions"
"""Under ``metadata[KEY]`` of such a layer; the value is a list of the ids of the images that it was drawn on."""


class RegionsLayers(QObject):
    """From `start` to `stop` hides what was drawn on other images, and takes it away with the last of its images.

    A pair of which one image is among them is of the same patient: what was drawn stays.
    """

    def __init__(self, viewer: Viewer, changed: Callable[..., object], parent: QObject) -> None:
        super().__init__(parent)
        self._viewer, self._changed = viewer, changed
        self._keys: frozenset[str] = frozenset()
        self._hidden: frozenset[str] = frozenset()
        """Ids of layers that the reader did not hide."""
        self._soon = QTimer(self)  # napari may be about to take away the very layer, with others that were selected
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._remove_orphans)

    @property
    def now(self) -> Shapes | None:
        """The layer of the pair that is shown; None where nothing was drawn on it."""
        return next((layer for layer in self._layers() if self._is_of_pair(layer)), None)

    def start(self) -> None:
        """Begin to notice which images go."""
        self._viewer.layers.events.removed.connect(self._follow_removal)

    def stop(self) -> None:
        """Let go of the viewer; what was drawn stays."""
        self._soon.stop()
        self._viewer.layers.events.removed.disconnect(self._follow_removal)

    def show_pair(self, keys: frozenset[str]) -> None:
        """Show what was drawn on images with these ids, and nothing else; none where no pair is shown."""
        self._keys = keys
        for layer in self._layers():
            key = str(layer.unique_id)
            if self._is_of_pair(layer):
                if key in self._hidden:
                    show_or_hide(layer, is_visible=True)
                self._hidden -= {key}
            elif layer.visible:
                self._hidden |= {key}
                show_or_hide(layer, is_visible=False)

    def add(self, fixed: Volume) -> Shapes:
        """Add a layer to draw in, on the slices of a reference volume, and return it."""
        drawn = drawn_matrix(fixed.grid)
        layer = self._viewer.add_shapes(
            ndim=3,
            name="Regions",
            scale=np.diag(drawn)[:3].tolist(),
            translate=drawn[:3, 3].tolist(),
            units=("mm",) * 3,
            axis_labels=AXIS_LABELS,
            face_color="transparent",
            edge_color="#00e5ff",
            metadata={KEY: {REGIONS: []}},
        )
        self.take(layer, self._keys)
        return layer

    def take(self, layer: Shapes, keys: frozenset[str]) -> None:
        """Measure in the shapes of this layer from now on, which are drawn on images with these ids."""
        layer.metadata[KEY][REGIONS] = sorted(filter(None, keys))
        layer.events.data.connect(self._changed)
        layer.selected_data.events.items_changed.connect(self._changed)

    def _layers(self) -> list[Shapes]:
        return [one for one in self._viewer.layers if isinstance(one, Shapes) and REGIONS in one.metadata.get(KEY, {})]

    def _is_of_pair(self, layer: Shapes) -> bool:
        drawn_on = images_of(layer)
        return not drawn_on or not drawn_on.isdisjoint(self._keys)

    def _follow_removal(self, _event: Any = None) -> None:  # noqa: ANN401 - napari's events have no common type
        """Hide at once what was drawn on images that are gone: the next patient's come in the same moment."""
        for layer in self._orphans():
            show_or_hide(layer, is_visible=False)
            self._soon.start()

    def _remove_orphans(self) -> None:
        for layer in self._orphans():
            remove_layer(self._viewer, layer)

    def _orphans(self) -> list[Shapes]:
        there = {str(layer.unique_id) for layer in self._viewer.layers}
        return [one for one in self._layers() if images_of(one) and images_of(one).isdisjoint(there)]


def images_of(layer: Layer) -> frozenset[str]:
    """Return the ids of the images that a layer of regions was drawn on; none where they are not known."""
    return frozenset(layer.metadata.get(KEY, {}).get(REGIONS, ()))
