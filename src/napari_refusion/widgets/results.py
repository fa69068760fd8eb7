"""The layers of a result: filled while slices arrive, replaced when the same pair is fused again."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from napari.layers import Image

from napari_refusion.volume.affine import AXES
from napari_refusion.widgets.fuse_job import FusedSlice, Started
from napari_refusion.widgets.layers import KEY, to_layer_data

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_refusion.fusion.fuse import Fused
    from napari_refusion.volume.volume import Volume

REFRESH_SECONDS: Final = 0.1
"""Time between two redraws of a layer that is being filled; more often would cost more than the fusion."""


class ResultLayers:
    """The layers that one fusion makes in a viewer."""

    def __init__(self, viewer: Viewer, pair: tuple[str, str], name: str, is_slice: bool) -> None:
        self._viewer = viewer
        self._mark = {"pair": list(pair), "extent": "slice" if is_slice else "volume"}
        self._name = f"{name} (slice)" if is_slice else name
        self._axis = 0
        self._filled = 0
        self._count = 0
        self._filling: str | None = None
        self._before: tuple[Any, dict[str, Any], str] | None = None
        self._redrawn = 0.0

    def begin(self, started: Started) -> None:
        """Show an empty volume that `put` fills."""
        self._axis, self._count = AXES[started.axis], started.count
        existing = self._find("grey")
        self._before = existing.as_layer_data_tuple() if existing is not None else None
        layer = self._show(started.template, "grey", f"{self._name}, being fused", {}, contrast_limits=(0.0, 1.0))
        self._filling = str(layer.unique_id)

    def put(self, message: FusedSlice) -> None:
        """Put one slice in its place; the layer may have been deleted meanwhile."""
        self._filled += 1
        layer = self._layer(self._filling)
        if layer is None:
            return
        np.moveaxis(layer.data, self._axis, 0)[message.index] = message.image
        if time.monotonic() - self._redrawn > REFRESH_SECONDS:
            self._redrawn = time.monotonic()
            layer.refresh(extent=False, highlight=False, thumbnail=False)

    def finish(self, fused: Fused, coloured: bool) -> None:
        """Show the result, in grey and, where it has colours and they are wanted, in colours."""
        record = {"provenance": fused.record()}
        self._show(fused.volume, "grey", self._name, record, contrast_limits=(0.0, 1.0))
        if fused.colour is not None and fused.legend is not None and coloured:
            self._show(fused.colour, "colour", f"{self._name}, coloured", record | {"legend": asdict(fused.legend)})

    def stop(self) -> None:
        """Name an unfinished layer for what it is; without a single slice, bring back what was there before."""
        layer = self._layer(self._filling)
        if layer is None:
            return
        if self._filled:
            layer.name = f"{self._name}, partial {self._filled} of {self._count} slices"
            layer.refresh()
            return
        self._viewer.layers.remove(layer)
        if self._before is not None:
            data, properties, _ = self._before
            self._viewer.add_image(data, **properties)

    def _show(self, volume: Volume, kind: str, name: str, record: dict[str, Any], **look: object) -> Image:
        """Show a volume in the layer that shows this pair's result already, else in a new one."""
        data, properties, _ = to_layer_data(volume, name, **look)
        properties["metadata"][KEY] |= record | {"fusion": self._mark | {"kind": kind}}
        layer = self._find(kind)
        if layer is None:
            return self._viewer.add_image(data, **properties)
        layer.data = data
        for key in ("scale", "translate", "name", "metadata", *look):
            setattr(layer, key, properties[key])
        return layer

    def _find(self, kind: str) -> Image | None:
        mark = self._mark | {"kind": kind}
        found = (layer for layer in self._viewer.layers if layer.metadata.get(KEY, {}).get("fusion") == mark)
        return next(found, None)

    def _layer(self, key: str | None) -> Image | None:
        return next((layer for layer in self._viewer.layers if str(layer.unique_id) == key), None)
