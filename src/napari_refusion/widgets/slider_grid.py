"""The steps of napari's sliders, matched to the slices that are fused.

napari counts steps from where the first of all layers begins. Where that is half a slice off the reference volume, its
slider stops halfway between two slices everywhere, and every other slice can never be seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_refusion.volume.slider_steps import ROUNDING, whole_steps
from napari_refusion.widgets.layer_marks import is_result
from napari_refusion.widgets.shown_slice import reference_volume
from napari_refusion.widgets.world import carried, drawn_matrix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari.layers import Layer
    from napari.viewer import Viewer

    from napari_refusion.fusion.partial import PartialFusion
    from napari_refusion.volume.grid import Grid


class SliderGrid:
    """Keeps a viewer's sliders on the slices of a pair's reference volume, as long as its fused layers are there."""

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer
        self._partial: PartialFusion | None = None
        self._place: tuple[float, ...] = ()
        """mm, where the viewer was before layers came or went."""
        self._counted: Grid | None = None
        """Of the volume by which places were counted then."""
        self._had_results = False
        self._is_connected = False

    def start(self) -> None:
        """Begin to follow the viewer."""
        if not self._is_connected:
            self._is_connected = True
            self._viewer.dims.events.range.connect(self._lay)
            layers = self._viewer.layers.events
            for before, after in ((layers.inserting, layers.inserted), (layers.removing, layers.removed)):
                before.connect(self._remember)
                after.connect(self._stay, position="last")

    def stop(self) -> None:
        """Let go of the viewer, whose sliders follow its layers again with the next change of these."""
        self._partial = None
        if self._is_connected:
            self._is_connected = False
            self._viewer.dims.events.range.disconnect(self._lay)
            layers = self._viewer.layers.events
            for before, after in ((layers.inserting, layers.inserted), (layers.removing, layers.removed)):
                before.disconnect(self._remember)
                after.disconnect(self._stay)

    def follow(self, partial: PartialFusion) -> None:
        """Lay the sliders on the slices of this partial fusion."""
        self._partial = partial
        self._lay()

    def _remember(self, _event: Any) -> None:  # noqa: ANN401 - napari's events have no common type
        layers = self._viewer.layers
        self._place, self._counted = self._viewer.dims.point, _counted(layers)
        self._had_results = any(map(is_result, layers))

    def _stay(self, _event: Any) -> None:  # noqa: ANN401
        """Go back to where the viewer was in the patient before a layer came or went.

        napari's slider takes it to the nearest step of the layers' own range, which may lie half a slice away; and with
        a result, places are counted by its volume, which is drawn elsewhere where one of both is oblique.
        """
        place, self._place, dims, layers = self._place, (), self._viewer.dims, self._viewer.layers
        before, self._counted, after = self._counted, None, _counted(layers)
        if len(place) != dims.ndim or not (self._had_results or any(map(is_result, layers))):
            return
        wanted = place
        if before is not None and after is not None and dims.ndim >= 3:
            wanted = (*place[:-3], *carried(place[-3:], before, after))
        follows = self._partial is not None and any(map(is_result, layers))
        if (follows or wanted != place) and not np.allclose(dims.point, wanted):
            dims.point = wanted

    def _lay(self, _event: Any = None) -> None:  # noqa: ANN401 - napari's events have no common type
        dims, partial = self._viewer.dims, self._partial
        if partial is None or dims.ndim < 3 or not any(map(is_result, self._viewer.layers)):
            return
        fixed = partial.study.fixed
        drawn, offset, point = drawn_matrix(fixed.grid), dims.ndim - 3, dims.point
        ranges = list(dims.range)
        for axis in range(3):
            first, step = float(drawn[axis, 3]), float(drawn[axis, axis])
            low, high, _ = ranges[offset + axis]
            wanted = whole_steps(first, step, min(low, first), max(high, first + step * (fixed.shape[axis] - 1)))
            if not np.allclose(wanted, ranges[offset + axis], rtol=0, atol=step * ROUNDING):
                ranges[offset + axis] = wanted
        if ranges != list(dims.range):
            dims.range = tuple(ranges)  # all at once: each setting draws the layers again
        if not np.allclose(dims.point, point):
            # with fewer steps, napari's slider takes the viewer to the last one if the number of the old step is higher
            dims.point = point


def _counted(layers: Sequence[Layer]) -> Grid | None:
    """Return the grid of the volume by which places are counted, None without any."""
    volume = reference_volume(layers)
    return None if volume is None else volume.grid
