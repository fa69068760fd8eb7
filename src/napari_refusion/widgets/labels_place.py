"""Where a layer of labels lies in the patient: where the image lies that it is drawn on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from napari_refusion.notice import DESCRIPTION
from napari_refusion.volume.affine import GRID_TOLERANCE, farthest
from napari_refusion.volume.finding import refuse
from napari_refusion.volume.modality import modality_name
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.layer_image import LayerImage
from napari_refusion.widgets.layer_marks import KEY, shown_volume
from napari_refusion.widgets.world import drawn_matrix, layer_matrix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari.layers import Image, Labels
    from numpy.typing import NDArray

    from napari_refusion.volume.affine import Affine
    from napari_refusion.volume.grid import Grid

DRAWN_ON: Final = "drawn on"
"""Key of a `LabelsPlace` among the marks of a layer."""

_MOST: Final = 2**24
"""Labels above are no longer told apart in float32, in which images are read."""


@dataclass(frozen=True, slots=True)
class LabelsPlace:
    """What a layer of lesions knows of the source that they are drawn on."""

    grid: Grid
    """Where views show it."""
    own: Grid
    """Where the source's file puts the same voxels: elsewhere after a registration."""
    stored_axes: tuple[str, str, str]
    """Of the source's file."""
    modalities: tuple[str, ...]
    """Of the source, of all where several share the grid; an empty one is not known."""


def labels_of(layer: Labels, images: Sequence[Image]) -> tuple[NDArray[np.int32], Volume, str]:
    """Return the labels of a layer, (I, P, L), a volume in their place, and what a header says of them.

    A layer of lesions lies where the file of its source lies. Any other lies where the image lies that napari draws in
    the same voxels, which may be oblique; without one it is taken as it is seen, and the volume has a finding.

    Parameters
    ----------
    images
        Of the viewer.

    Raises
    ------
    RefusedError
        If there are several volumes in it, or numbers that an image cannot hold.
    """
    data = _numbers(layer)
    matrix = layer_matrix(layer)
    place = layer.metadata.get(KEY, {}).get(DRAWN_ON)
    if isinstance(place, LabelsPlace) and _is_at(matrix, data, place.grid):
        blank = np.broadcast_to(np.float32(0), data.shape)
        volume = Volume(blank, place.own.affine, name=layer.name, stored_axes=place.stored_axes)
        return data, volume, _described("drawn on", place.modalities)
    under = [known for one in images if (known := _volume_under(one, matrix, data)) is not None]
    volume = LayerImage(
        data=data.astype(np.float32),
        matrix=matrix,
        key=str(layer.unique_id),
        name=layer.name,
        rgb=False,
        volume=under[0] if under else None,
        checksum=None,
        path=None,
        contrast_limits=None,
    ).to_volume("")
    return volume.data.astype(np.int32), volume, _described("on the grid of", [one.modality for one in under])


def _numbers(layer: Labels) -> NDArray[np.int32]:
    """Return the labels of a layer, (planes, rows, columns); refuse several volumes, and numbers that are too large."""
    data: NDArray[Any] = np.asarray(layer.data[0] if layer.multiscale else layer.data)
    if data.ndim > 3:
        sentence = (
            f"Save one volume of {layer.name} at a time: a label map holds one, and it has {data.ndim} dimensions."
        )
        raise refuse("layer", sentence, f"{data.ndim} dimensions")
    if data.size and (largest := max(int(data.max()), -int(data.min()))) >= _MOST:
        sentence = f"Give the labels of {layer.name} smaller numbers, below {_MOST}: one is {largest}."
        raise refuse("layer", sentence, str(largest))
    return (data if data.ndim == 3 else data[None]).astype(np.int32)


def _volume_under(image: Image, matrix: Affine, data: NDArray[np.int32]) -> Volume | None:
    """Return the volume of an image that the plugin opened and that is drawn in the voxels of labels."""
    volume = shown_volume(image)
    if image.ndim > 3 or volume is None or volume.shape != data.shape:
        return None
    return volume if farthest(data.shape, layer_matrix(image), matrix) <= GRID_TOLERANCE else None


def _is_at(matrix: Affine, data: NDArray[np.int32], grid: Grid) -> bool:
    return grid.shape == data.shape and farthest(data.shape, drawn_matrix(grid), matrix) <= GRID_TOLERANCE


def _described(how: str, modalities: Sequence[str]) -> str:
    words = " and ".join(dict.fromkeys(filter(None, map(modality_name, modalities))))
    return f"{DESCRIPTION}, labels {how} {words}" if words else f"{DESCRIPTION}, labels"
