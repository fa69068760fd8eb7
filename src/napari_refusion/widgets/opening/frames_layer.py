"""Frames as a 4-D layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from napari_refusion.volume.window import ALL_FRAMES
from napari_refusion.widgets.frames import FRAMES, FrameStack, kind_of
from napari_refusion.widgets.layer_marks import KEY, shown_volume
from napari_refusion.widgets.layers import LayerData, to_layer_data

if TYPE_CHECKING:
    from napari.layers import Image

HAS_MEAN: Final = "has_mean"
"""Under ``metadata[KEY]`` of a 4-D layer: whether another layer holds the mean of all frames."""

_WINDOW: Final = "frames_window"
"""Likewise: the window that it was opened with, low and high."""


def to_frames_data(stack: FrameStack, name: str = "", *, has_mean: bool = False, **look: object) -> LayerData:
    """Return the 4-D layer that shows volumes on one grid, frame by frame along its first axis, with one window.

    Parameters
    ----------
    name
        Empty for the name of the first volume.
    has_mean
        Whether another layer holds the mean of all frames, see `is_beside_mean`.
    look
        Further properties of the layer; they win over those chosen by modality.
    """
    _, one, kind = to_layer_data(stack.volumes[len(stack) // 2], name or stack.volumes[0].name, growing=True)
    limits = look.get("contrast_limits", one.get("contrast_limits"))
    properties = one | {
        "scale": [1.0, *one["scale"]],
        "translate": [0.0, *one["translate"]],
        "units": ("pixel", *one["units"]),
        "axis_labels": (kind_of(stack.volumes[0]), *one["axis_labels"]),
        "metadata": {KEY: {FRAMES: stack, HAS_MEAN: has_mean, _WINDOW: limits}},
    }
    return stack, properties | look, kind  # type: ignore[return-value]


def is_beside_mean(layer: Image) -> bool:
    """Return whether a 4-D layer came with a layer of its mean, which is what is fused unless this one is chosen."""
    return bool(layer.metadata.get(KEY, {}).get(HAS_MEAN))


def frames_window(layer: Image) -> str:
    """Return the automatic window of a 4-D layer of ours, as `volume.window.choose_window` takes it.

    All frames share the one that the layer was opened with: with windows of their own they could not be compared. That
    goes for SUV, too, where an early frame does not show yet that it is of a brain. Empty for other layers.
    """
    limits = layer.metadata.get(KEY, {}).get(_WINDOW)
    if limits is None or shown_volume(layer) is None:
        return ""
    low, high = (float(value) for value in limits)
    return f"{ALL_FRAMES} {low!r},{high!r}"
