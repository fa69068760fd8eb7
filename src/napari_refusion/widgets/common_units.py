"""One unit of length for all layers of a viewer: with two, napari warns at every layer and draws without any.

It tells its own canvas of a new layer first, which warns at once of one from elsewhere beside one of the plugin: as the
units are the same a moment later, that notice is closed before it is seen.

The plugin's layers are in mm. Layers from elsewhere are mostly in pixels, which `world.layer_matrix` takes for mm
wherever a source is read; so that is what they are called, too.

Of several units of length napari counts its world in the smallest: with one point in micrometres the view lay at a
thousandth of the place of all scans, while their slices were fused where they had been. (With ``layers.units``, which
says what the world is counted in, napari 0.9.2 fails at the next layer in pixels.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from qtpy.QtWidgets import QApplication, QLabel

from napari_refusion.widgets.world import millimetres

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from napari.layers import Layer
    from napari.viewer import Viewer

_UNKNOWN: Final = "pixel"

_NOTICE: Final = "NapariQtNotification"
"""What napari's notices in the corner of the canvas are called."""

_INCONSISTENT: Final = "Inconsistent units"
"""What the one about units begins with."""


class CommonUnits:
    """Calls the pixels of layers mm as soon as another layer beside them is in mm, from `start` to `stop`.

    Layers in another unit of length are given in mm, at the place where they are.
    """

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer
        self._place: tuple[float, ...] = ()
        """Of the viewer, before the layer that comes; empty where there is none that it would have to go back to."""

    def start(self) -> None:
        """Begin to follow the viewer."""
        self._viewer.layers.events.inserting.connect(self._keep_place)
        self._viewer.layers.events.inserted.connect(self._share)
        self._share()

    def stop(self) -> None:
        """Let go of the viewer; units stay as they are."""
        self._viewer.layers.events.inserting.disconnect(self._keep_place)
        self._viewer.layers.events.inserted.disconnect(self._share)
        self._place = ()

    def _keep_place(self, _event: Any = None) -> None:  # noqa: ANN401 - napari's events have no common type
        # of the first layer napari goes to the middle
        self._place = tuple(self._viewer.dims.point) if self._viewer.layers else ()

    def _share(self, _event: Any = None) -> None:  # noqa: ANN401 - napari's events have no common type
        layers = list(self._viewer.layers)
        self._give_in_mm(layers)
        if any(unit.is_compatible_with("mm") for layer in layers for unit in _spatial(layer)):
            before = self._viewer.layers.extent.units
            call_pixels_mm(layers)
            if before is None and self._viewer.layers.extent.units is not None:
                _close_notices()

    def _give_in_mm(self, layers: Sequence[Layer]) -> None:
        """Give all lengths in mm, and stay at the place that is shown."""
        others = [layer for layer in layers if any(millimetres(unit) != 1 for unit in _spatial(layer))]
        if not others:
            return
        point, counted = self._viewer.dims.point, (self._viewer.layers.extent.units or ())[-3:]
        for layer in others:
            units = _spatial(layer)
            factors = np.ones(layer.ndim + 1)
            factors[-1 - len(units) : -1] = [millimetres(unit) for unit in units]
            layer.affine = np.diag(factors) @ layer.affine.affine_matrix
            known = ["mm" if unit.is_compatible_with("mm") else unit for unit in units]
            layer.units = (*layer.units[: -len(units)], *known)
        if self._place:
            kept = len(self._place)
            self._viewer.dims.point = (*point[:-kept], *self._place)
            return
        moved = (place * millimetres(unit) for place, unit in zip(point[-3:], counted, strict=False))
        self._viewer.dims.point = (*point[:-3], *moved)
        self._viewer.reset_view()


def call_pixels_mm(layers: Iterable[Layer]) -> None:
    """Call the pixels of layers mm: before one in mm comes beside them, since napari warns as soon as it is there."""
    for layer in layers:
        units = _spatial(layer)
        if any(str(unit) == _UNKNOWN for unit in units):
            known = ["mm" if str(unit) == _UNKNOWN else unit for unit in units]
            layer.units = (*layer.units[: -len(units)], *known)


def _close_notices() -> None:
    """Close what napari said of units that are no longer inconsistent."""
    application = QApplication.instance()
    for widget in application.allWidgets() if isinstance(application, QApplication) else ():
        if type(widget).__name__ != _NOTICE:
            continue
        if any(label.text().startswith(_INCONSISTENT) for label in widget.findChildren(QLabel)):
            widget.close()


def _spatial(layer: Layer) -> tuple[Any, ...]:
    """Return the units of a layer's last three axes, or of all if it has fewer: those before are frames or channels."""
    return tuple(layer.units[-3:])
