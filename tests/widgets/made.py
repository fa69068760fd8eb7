"""Layers of volumes whose place is known by construction."""

from napari.layers import Image

from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.layers import to_layer_data
from tests.small_pair import IPL_AFFINE, blob, oblique

__all__ = ["IPL_AFFINE", "blob", "layer_of", "oblique"]


def layer_of(volume: Volume) -> Image:
    """Return the layer that the plugin makes of a volume."""
    data, properties, _ = to_layer_data(volume)
    return Image(data, **properties)
