"""How a layer shows its values, and whether it does: window and unit."""

from typing import Any

import numpy as np
from napari.layers import Image, Layer

from napari_refusion.numerics.intensity import Window
from napari_refusion.volume.checksum import checksum
from napari_refusion.volume.lean import in_unit
from napari_refusion.widgets.frames import FRAMES, frame_stack
from napari_refusion.widgets.layer_marks import KEY, shown_frames, shown_volume


def show_or_hide(layer: Layer, *, is_visible: bool) -> None:
    """Show or hide a layer; one that is so already napari would draw again."""
    if layer.visible != is_visible:
        layer.visible = is_visible


def shown_limits(layer: Image) -> tuple[float, float] | None:
    """Return the shown range in the values that `to_volume` gives the layer."""
    if layer.rgb:
        return None
    full = full_brightness(np.dtype(layer.dtype), rgb=False, flat=layer.ndim == 2)
    low, high = layer.contrast_limits
    return float(low) / full, float(high) / full


def show_window(layer: Image, window: Window) -> None:
    """Show a layer with a window that is in the values that `to_volume` gives it."""
    full = full_brightness(np.dtype(layer.dtype), rgb=False, flat=layer.ndim == 2)
    low, high = window.low * full, window.high * full
    least, most = layer.contrast_limits_range
    layer.contrast_limits_range = (min(low, least), max(high, most))
    layer.contrast_limits = (low, high)
    if KEY in layer.metadata:
        layer.metadata[KEY]["window"] = (low, high)


def was_rewindowed(layer: Image) -> bool:
    """Return whether a user changed the window of a layer since the plugin set it."""
    window = layer.metadata.get(KEY, {}).get("window")
    return window is not None and not layer.rgb and not np.allclose(window, layer.contrast_limits, rtol=1e-4)


def show_in_unit(layer: Image, unit: str) -> None:
    """Show the PET of a layer in another unit, SUV by body weight or by lean body mass: its voxels are multiplied.

    Nothing changes where its voxels are no longer those that it was opened with.

    Raises
    ------
    RefusedError
        If it cannot be had in that unit.
    """
    volume = shown_volume(layer)
    if volume is None or volume.unit == unit:
        return
    if (stack := shown_frames(layer)) is not None and layer.data is stack:
        frames = frame_stack([in_unit(one, unit) for one in stack.volumes])
        layer.metadata[KEY] |= {FRAMES: frames}
        layer.data = frames
    if layer.data is not volume.data:
        return
    converted = in_unit(volume, unit)
    layer.metadata[KEY] |= {"volume": converted, "checksum": checksum(converted.data)}
    layer.data = converted.data


def full_brightness(dtype: np.dtype[Any], rgb: bool, flat: bool) -> int:
    """Return the value of full brightness: that of the type for colours and 8-bit pictures, 1 for everything else."""
    return int(np.iinfo(dtype).max) if dtype.kind == "u" and (rgb or (flat and dtype.itemsize == 1)) else 1
