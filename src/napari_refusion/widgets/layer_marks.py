"""What the plugin keeps in the metadata of its layers."""

from typing import Final

from napari.layers import Image

from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.frames import FRAMES, FrameStack

KEY: Final = "napari_refusion"
"""What the plugin keeps in ``layer.metadata`` is under this key: the volume, and the marks of a result."""


def shown_volume(layer: Image) -> Volume | None:
    """Return the volume that the plugin made a layer from, of a 4-D one the first; None for a layer from elsewhere."""
    if layer.ndim == 4:
        stack = shown_frames(layer)
        return None if stack is None else stack.volumes[0]
    volume = layer.metadata.get(KEY, {}).get("volume")
    return volume if isinstance(volume, Volume) else None


def shown_frames(layer: Image) -> FrameStack | None:
    """Return the volumes of a 4-D layer that the plugin made, unless it has other frames now."""
    stack = layer.metadata.get(KEY, {}).get(FRAMES)
    return stack if isinstance(stack, FrameStack) and tuple(layer.data.shape) == stack.shape else None


def is_result(layer: Image) -> bool:
    """Return whether the plugin made a layer of a pair: fused, compared, or evidence."""
    return not {"fusion", "compare", "evidence"}.isdisjoint(layer.metadata.get(KEY, {}))


def is_evidence(layer: Image) -> bool:
    """Return whether a layer shows an evidence map, which lies over everything that it tells about."""
    return "evidence" in layer.metadata.get(KEY, {})
