"""Which files the sources of a fusion were opened from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_refusion.widgets.fuse.messages import Started


def source_paths(viewer: Viewer, started: Started, known: Mapping[str, Path]) -> tuple[Path, Path] | None:
    """Return what the sources were opened from, in the pair's order; None where that is no file or folder.

    Parameters
    ----------
    known
        Id of a layer -> its file or folder, for layers of which napari does not know it.
    """
    request, layers = started.kept.request, {str(layer.unique_id): layer for layer in viewer.layers}
    keys = [request.first.image.key, request.second.image.key]
    paths = [known.get(key) or layers[key].source.path for key in keys if key in layers]
    if len(paths) != 2 or not all(paths):
        return None
    first, second = (Path(str(path)) for path in paths)
    return (second, first) if started.canvas.pair.swapped else (first, second)
