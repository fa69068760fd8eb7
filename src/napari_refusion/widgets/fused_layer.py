"""The layer that shows a fusion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_refusion.widgets.layer_marks import KEY, shown_volume

if TYPE_CHECKING:
    from napari.layers import Image
    from napari.viewer import Viewer

    from napari_refusion.fusion.partial import PartialFusion
    from napari_refusion.volume.grid import Grid


def fused_layer(viewer: Viewer, partial: PartialFusion) -> Image | None:
    """Return the topmost layer that shows a partial fusion, else any fused volume on its grid; None without one."""
    fused = [layer for layer in reversed(list(viewer.layers)) if _is_fused_on(layer, partial.study.grid)]
    of_partial = [
        layer for layer in fused if layer.data is partial.fused or getattr(layer.data, "partial", None) is partial
    ]
    return next(iter(of_partial + fused), None)


def _is_fused_on(layer: Image, grid: Grid) -> bool:
    volume = shown_volume(layer) if "fusion" in layer.metadata.get(KEY, {}) else None
    return volume is not None and volume.grid.matches(grid)
