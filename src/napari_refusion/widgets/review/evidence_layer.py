"""An evidence map as a layer over the fused image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from napari.layers import Image
from napari.utils import Colormap
from psygnal import Signal

from napari_refusion.evidence.colours import evidence_colours
from napari_refusion.evidence.map_kinds import KINDS
from napari_refusion.widgets.layer_marks import KEY
from napari_refusion.widgets.layers import to_layer_data
from napari_refusion.widgets.removing import remove_layer

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_refusion.session.seen_maps import SeenMaps

MARK: Final = "evidence"
"""Under it the metadata of the layer say that it is not a source."""

OF: Final = "examination"
"""Under it the metadata of the layer hold the `Examination` that the map belongs to."""

OPACITY: Final = 0.8
"""Enough of the image below shows where in the head one is; added to it, a map could not be read on bright bone."""


class EvidenceLayer:
    """Shows one evidence map at a time, above the layers that are there."""

    seen = Signal(str, str)
    """Emitted with name and title of the map that can be seen from now on, empty for none."""

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer
        self._id = ""
        self._title = ""
        viewer.layers.events.removed.connect(self._follow)

    @property
    def layer(self) -> Image | None:
        """The layer; None if there is none or the user deleted it."""
        return next((layer for layer in self._viewer.layers if str(layer.unique_id) == self._id), None)

    def refresh(self) -> None:
        """Draw what has come into the map since."""
        if (layer := self.layer) is not None:
            layer.refresh(extent=False)

    def show(self, maps: SeenMaps | None, name: str, title: str) -> None:
        """Show a map of an examination under a title; an empty name takes the layer away."""
        layer = self.layer
        if maps is None or name not in maps.examination.kinds:
            if layer is not None:
                remove_layer(self._viewer, layer)
            return
        if layer is not None and layer.metadata[KEY][MARK] == name and layer.metadata[KEY][OF] is maps.examination:
            return
        if layer is not None:
            remove_layer(self._viewer, layer)
        selected = set(self._viewer.layers.selection)
        layer = _layer(maps, name, title)
        self._id, self._title = str(layer.unique_id), title
        layer.events.visible.connect(self._follow)
        self._viewer.layers.append(layer)
        self._follow()
        self._viewer.layers.selection = selected  # the user goes on with the layer that was being worked on

    def _follow(self, event: Any = None) -> None:  # noqa: ANN401 - napari's events have no common type
        """Say what can be seen; other layers go without a word."""
        if not self._id or (event is not None and event.type == "removed" and str(event.value.unique_id) != self._id):
            return
        layer = self.layer
        if layer is None:
            self._id = ""
        if layer is None or not layer.visible:
            self.seen.emit("", "")
        else:
            self.seen.emit(layer.metadata[KEY][MARK], self._title)


def _layer(maps: SeenMaps, name: str, title: str) -> Image:
    kind, data = KINDS[name], maps.data(name)
    # only the number of voxels is used, so none are copied
    blank = np.broadcast_to(np.float32(0), data.shape)
    volume = maps.examination.partial.study.fixed.with_data(blank, title)
    _, properties, _ = to_layer_data(volume, growing=True, contrast_limits=kind.limits)
    properties["metadata"][KEY] |= {MARK: name, OF: maps.examination}
    # a short name: napari's column of layers becomes as wide as the longest of all colour maps, and pushes others out
    colours = "evidence, signed" if kind.is_signed else "evidence"
    look: dict[str, Any] = {
        "name": f"Evidence: {title}",
        "colormap": Colormap(evidence_colours(is_signed=kind.is_signed), name=colours),
        "blending": "translucent_no_depth",
        "opacity": OPACITY,
    }
    return Image(data, **(properties | look))
