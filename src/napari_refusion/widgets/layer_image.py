"""What a layer holds at one moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from napari.layers import Image

from napari_refusion.fusion.seen_slices import SeenSlices
from napari_refusion.session.source import SourceImage
from napari_refusion.volume.affine import Affine
from napari_refusion.volume.finding import refuse
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.frames import frame_at
from napari_refusion.widgets.layer_look import shown_limits
from napari_refusion.widgets.layer_marks import KEY, shown_frames, shown_volume
from napari_refusion.widgets.layer_names import frame_name
from napari_refusion.widgets.layer_volume import to_volume
from napari_refusion.widgets.world import layer_matrix


@dataclass(frozen=True, slots=True, eq=False)
class LayerImage:
    """What a layer holds at one moment: taken in the window's thread, made a volume in any other."""

    data: Any
    """As the layer has it: 2-D, 3-D or 4-D, colours last, any type, perhaps lazy."""
    matrix: Affine
    """(4, 4) indices to napari's world, mm."""
    key: str
    """The layer's unique id."""
    name: str
    rgb: bool
    volume: Volume | None
    """What the plugin made it from; None for a layer from elsewhere."""
    checksum: int | None
    """Of its voxels then; None where they were still to come."""
    path: Path | None
    """What napari opened it from."""
    contrast_limits: tuple[float, float] | None
    """Range of values that is shown; None for colours."""
    frame: int | None = None
    """Which volume of 4-D data is meant, from 0; None for all other data."""

    @property
    def pixels(self) -> Any:  # noqa: ANN401
        """What of the data is meant: the frame, or all of it."""
        return self.data if self.frame is None else self.data[self.frame]

    def to_volume(self, modality: str) -> Volume:
        """Return the volume in the layer, see `to_volume`."""
        return to_volume(self, modality)

    @property
    def voxels(self) -> object:
        """Return the layer's array, of a 4-D one that of all frames."""
        return self.data

    def shows_the_same(self, other: SourceImage) -> bool:
        """Return whether this is the same image in the same place; quick, voxels are not compared.

        A volume keeps the name of its file whatever its layer is called; of a layer from elsewhere the name is all.
        Two layers are two images even if they share their voxels: a study goes by their keys.
        """
        if not isinstance(other, LayerImage) or self.key != other.key:
            return False
        same = self.data is other.data and self.frame == other.frame and np.array_equal(self.matrix, other.matrix)
        return same and (self.volume is not None or self.name == other.name)


def from_layer(layer: Image) -> Volume:
    """Return the volume in an image layer, see `to_volume`."""
    return to_volume(look_at(layer))


def look_at(layer: Image, point: Sequence[float] | None = None) -> LayerImage:
    """Return what an image layer holds now; quick, nothing is computed.

    Parameters
    ----------
    point
        Where the viewer is, as ``viewer.dims.point``: it says which frame of a 4-D layer is meant.

    Raises
    ------
    RefusedError
        If the layer has more than four dimensions, or four and no frame there.
    """
    if layer.ndim > 4:
        sentence = f"The layer {layer.name} has {layer.ndim} dimensions: fuse one volume at a time, split it first."
        raise refuse("layer", sentence, f"{layer.ndim} dimensions")
    frame = None if layer.ndim < 4 else _frame(layer, point)
    volume, sum_of_bits = _made_from(layer, frame)
    return LayerImage(
        data=_data(layer),
        matrix=layer_matrix(layer),
        key=str(layer.unique_id),
        name=layer.name if frame is None else frame_name(layer, frame, volume),
        rgb=bool(layer.rgb),
        volume=volume,
        checksum=sum_of_bits,
        path=Path(str(layer.source.path)) if layer.source.path else None,
        contrast_limits=shown_limits(layer),
        frame=frame,
    )


def _data(layer: Image) -> Any:  # noqa: ANN401 - whatever a layer takes as data
    """Return the data of a layer, of several resolutions the finest, and all of what is being fused."""
    data = layer.data[0] if layer.multiscale else layer.data
    return data.whole if isinstance(data, SeenSlices) else data


def _frame(layer: Image, point: Sequence[float] | None) -> int:
    """Return the frame of a 4-D layer that is shown; refuse a place where it has none."""
    count = layer.data.shape[0]
    if point is None or len(point) < 4:
        sentence = f"Take one of the {count} volumes in {layer.name}, or their mean: one is fused or written at a time."
        raise refuse("layer", sentence, f"{count} frames")
    frame = frame_at(layer, point)
    if frame is None:
        sentence = f"Move the first slider to a frame of {layer.name}, which has {count} (0 to {count - 1})."
        raise refuse("layer", sentence, f"{count} frames")
    return frame


def _made_from(layer: Image, frame: int | None) -> tuple[Volume | None, int | None]:
    """Return the volume that a layer or its frame was made from and the checksum of its voxels then; None for none."""
    if frame is None:
        return shown_volume(layer), layer.metadata.get(KEY, {}).get("checksum")
    stack = shown_frames(layer)
    return (None, None) if stack is None else (stack.volumes[frame], stack.checksums[frame])
