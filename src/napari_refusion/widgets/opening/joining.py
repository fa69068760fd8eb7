"""Slices that were opened one by one become the volume of their series."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from napari.layers import Image, Layer

from napari_refusion.volume.finding import RefusedError
from napari_refusion.widgets.layer_marks import KEY
from napari_refusion.widgets.layers import LayerData
from napari_refusion.widgets.opening.one_by_one import Gathered
from napari_refusion.widgets.opening.reading import is_dicom_file
from napari_refusion.widgets.removing import remove_layer

if TYPE_CHECKING:
    from napari.viewer import Viewer

Tell = Callable[[str], object]
"""Shows a sentence to the user."""

Read = Callable[[Sequence[Path]], list[LayerData]]
"""Returns the layers of files, or raises `RefusedError`."""


def series_of_slice(paths: Sequence[Path]) -> str:
    """Return the Series Instance UID of one DICOM file of one slice; empty for everything else."""
    from napari_refusion.io.dicom.scan import scan

    if len(paths) != 1 or not is_dicom_file(paths[0]):
        return ""
    try:
        found = scan(paths[0]).series
    except RefusedError:
        return ""  # its reader says why
    return found[0].uid if len(found) == 1 and found[0].shape[0] == 1 else ""


def join_slices(viewer: Viewer, gathered: Gathered, read: Read, warn: Tell) -> None:
    """Replace the layer of the first slice by the volume that the gathered files are together.

    A slice that came alone stays, and what is to be said about it is said.
    """
    files = gathered.files
    if len(files) < 2:
        for sentence in gathered.warnings:
            warn(sentence)
        return
    try:
        layers = read(files)
    except RefusedError as error:
        warn(str(error))
        return
    for layer in [one for one in viewer.layers if _is_of(one, files[0])]:
        for result in [one for one in viewer.layers if _is_made_of(one, str(layer.unique_id))]:
            remove_layer(viewer, result)
        remove_layer(viewer, layer)
    added = [viewer.add_layer(Layer.create(*one)) for one in layers if one[0] is not None]  # else nothing was chosen
    if added and gathered.into_nothing:
        # napari went to the first slice, the only one that there was
        viewer.dims.point = tuple((one.start + one.stop) / 2 for one in viewer.dims.range)
        viewer.reset_view()


def _is_of(layer: Layer, file: Path) -> bool:
    """Return whether a layer shows nothing but the image in a file."""
    volume = layer.metadata.get(KEY, {}).get("volume") if isinstance(layer, Image) else None
    return volume is not None and volume.origin.paths == (file,)


def _is_made_of(layer: Layer, key: str) -> bool:
    """Return whether a layer shows what a layer was fused to; `key` is that one's ``unique_id``."""
    return key in layer.metadata.get(KEY, {}).get("fusion", {}).get("pair", ())
