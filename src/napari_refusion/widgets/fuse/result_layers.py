"""The layers of a result: one partial fusion at a time, in grey and in colour."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from napari.layers import Image

from napari_refusion.fusion.coloured_volume import ColouredVolume
from napari_refusion.fusion.seen_slices import SeenSlices
from napari_refusion.session.present_names import PresentNames
from napari_refusion.widgets.common_units import call_pixels_mm
from napari_refusion.widgets.layer_look import show_or_hide
from napari_refusion.widgets.layer_marks import KEY
from napari_refusion.widgets.layers import to_layer_data
from napari_refusion.widgets.pair_in_front import bring_back, bring_forward
from napari_refusion.widgets.planes.hanging import shown_plane
from napari_refusion.widgets.preferences import preferred
from napari_refusion.widgets.removing import remove_layer
from napari_refusion.widgets.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from napari.viewer import Viewer
    from numpy.typing import NDArray
    from qtpy.QtCore import QObject

    from napari_refusion.fusion.partial import PartialFusion
    from napari_refusion.session.result import Shown

REFRESH_SECONDS: Final = 0.3
"""Time between two redraws of a layer that is being filled; more often would cost more than the fusion."""

_SHARED: Final = (
    "scale",
    "translate",
    "units",
    "axis_labels",
    "interpolation2d",
    "contrast_limits",
    "metadata",
)
"""Properties of the grey layer that the coloured one has, too."""

_WORDS: Final = {"grey": "Fused", "colour": "Coloured"}
"""Kind of layer -> what it is called: the first letters differ, which a narrow list still shows."""


class ResultLayers:
    """The layers that show the fused volume of a pair in a viewer, the same ones for every fusion of that pair."""

    def __init__(self, viewer: Viewer, parent: QObject) -> None:
        self._viewer = viewer
        self._turns = Turns(parent)
        self.shown: Shown | None = None
        """What the layers show now."""
        self._names = PresentNames()
        self._hidden: frozenset[str] = frozenset()
        self._redrawn = 0.0

    def show(self, shown: Shown) -> None:
        """Show a partial fusion, in grey and, where it has colours and they are wanted, in colours."""
        from napari_refusion.fusion.fuse import fused_volume, record_with

        self.finish()
        is_other_pair = self.shown is None or self.shown.keys != shown.keys
        self.shown = shown
        partial, colouring = shown.started.partial, shown.started.colouring
        legend = colouring.legend if colouring is not None else None
        identified = preferred("fusion")["identified"]
        record = {"provenance": record_with(shown.started.provenance.made_of(partial), legend, identified=identified)}
        volume = fused_volume(partial.fused, partial.study)
        _, grey, _ = to_layer_data(volume, self._title("grey"), growing=True, contrast_limits=(0.0, 1.0))
        has_colours = colouring is not None and shown.is_coloured
        # under the coloured layer the grey one is not seen, and it would be drawn all the same
        grey["visible"] = not has_colours
        if colouring is not None and has_colours:
            look = {key: grey[key] for key in _SHARED} | {"rgb": True, "name": self._title("colour")}
            self._show("colour", SeenSlices(partial, ColouredVolume(partial, colouring)), look, record)
            self._turns.begin(self._show_below(grey, record))
            if is_other_pair:
                self._bring_forward("colour")
            return
        self._show("grey", self._grey(partial), grey, record)
        if (layer := self._find("colour")) is not None:
            remove_layer(self._viewer, layer)
            for grey_layer in self._layers():
                show_or_hide(grey_layer, is_visible=True)
        if is_other_pair:
            self._bring_forward("grey")
        self.settle()

    def call(self, names: PresentNames) -> None:
        """Call the layers after the names that the sources have now; one that the reader renamed stays as it is."""
        if self.shown is None:
            self._names = names
            return
        old = {kind: self._title(kind) for kind in _WORDS}
        self._names = names
        for kind, title in old.items():
            layer = self._find(kind)
            if layer is not None and layer.name == title:
                layer.name = self._title(kind)

    def finish(self) -> None:
        """Make the layer that nobody sees yet now."""
        self._turns.finish()

    def _show_below(self, grey: dict[str, Any], record: dict[str, Any]) -> Iterator[None]:
        """Show in grey what is seen in colours: a new layer a turn later, for napari needs its time for each."""
        assert self.shown is not None
        if self._find("grey") is None:
            self.settle()
            yield
            if self._find("colour") is None:
                return  # the examination was closed meanwhile
        self._show("grey", self._grey(self.shown.started.partial), grey, record)
        self.settle()

    def redraw(self, at_once: bool) -> bool:
        """Draw again what was filled meanwhile, `at_once` or when the last time is long enough ago; tell if it was."""
        if not at_once and time.monotonic() - self._redrawn < REFRESH_SECONDS:
            return False
        self._redrawn = time.monotonic()
        for layer in self._layers():
            layer.refresh(extent=False, highlight=False, thumbnail=False)
        return True

    def settle(self) -> None:
        """Say in names and records how many slices there are."""
        if self.shown is None:
            return
        self.show_missing()
        partial = self.shown.started.partial
        for kind in _WORDS:
            layer = self._find(kind)
            if layer is None:
                continue
            record = layer.metadata[KEY]["provenance"]
            record["slices"], record["engine"] = f"{int(partial.done.sum())} of {len(partial.done)}", partial.engines
            layer.name = self._title(kind)
            layer.refresh(extent=False, highlight=False)

    def show_missing(self) -> None:
        """Let the sources be seen where a slice is missing: only across the fused direction would it hide them."""
        layer = self._find("grey")
        if self.shown is not None and layer is not None:
            data = self._grey(self.shown.started.partial)
            if type(layer.data) is not type(data):
                layer.data = data

    def _grey(self, partial: PartialFusion) -> NDArray[np.float32] | SeenSlices:
        """Return the fused volume as it is, which others can take, or what of it is there across its slices."""
        is_across = shown_plane(self._viewer.dims.order) not in (None, partial.axis)
        return SeenSlices(partial) if is_across and not partial.is_complete else partial.fused

    @property
    def are_there(self) -> bool:
        """Whether the viewer still has one of them."""
        return bool(self._layers())

    def remove(self) -> None:
        """Take the layers out of the viewer, and show again what was hidden beside them."""
        self._turns.stop()
        for layer in self._layers():
            remove_layer(self._viewer, layer)
        self.shown = None
        hidden, self._hidden = self._hidden, frozenset()
        bring_back(self._viewer.layers, hidden)

    def _bring_forward(self, kind: str) -> None:
        """Let this layer and the sources of its pair be seen alone, and keep in mind what was hidden for it."""
        self.keep_hidden(bring_forward(self._viewer.layers, self._find(kind)))

    def keep_hidden(self, keys: frozenset[str]) -> None:
        """Keep in mind the ids of images that were hidden for the pair, to show them when it is taken out."""
        self._hidden |= keys

    def _title(self, kind: str) -> str:
        """Return a name that begins with what it is, and how much of it: napari's layer list cuts long ones."""
        assert self.shown is not None
        done = self.shown.started.partial.done
        some = "" if done.all() else f" {int(done.sum())} of {len(done)} slices"
        return f"{_WORDS[kind]}{some}: {self.shown.called(self._names)}"

    def _show(self, kind: str, data: Any, properties: dict[str, Any], record: dict[str, Any]) -> None:  # noqa: ANN401
        """Show data in the layer of this kind, a new one if there is none."""
        assert self.shown is not None
        mark = {"pair": list(self.shown.keys), "kind": kind}
        made = {"provenance": dict(record["provenance"]), "fusion": mark, "partial": self.shown.started.partial}
        metadata = {KEY: properties["metadata"][KEY] | made}
        properties = properties | {"metadata": metadata}
        layer = self._find(kind)
        if layer is not None and tuple(layer.data.shape) == tuple(data.shape):
            layer.metadata = metadata  # before the data, by which others look at it
            layer.data = data
            for key in ("scale", "translate"):
                setattr(layer, key, properties[key])
            return
        if layer is not None:
            remove_layer(self._viewer, layer)
        layers, above = self._viewer.layers, self._find("colour")
        call_pixels_mm(layers)
        if above is None:
            self._viewer.add_image(data, **properties)
            return
        selected = set(layers.selection)
        layers.insert(layers.index(above), Image(data, **properties))
        layers.selection = selected  # the layer that is seen stays the one that the reader works on

    def _layers(self) -> list[Image]:
        return [layer for kind in _WORDS if (layer := self._find(kind)) is not None]

    def _find(self, kind: str) -> Image | None:
        if self.shown is None:
            return None
        mark = {"pair": list(self.shown.keys), "kind": kind}
        found = (layer for layer in self._viewer.layers if layer.metadata.get(KEY, {}).get("fusion") == mark)
        return next(found, None)
