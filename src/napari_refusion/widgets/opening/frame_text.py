"""The frame that is shown, in words on the canvas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from napari.components.overlays import TextOverlay
from napari.layers import Image

from napari_refusion.look import OVERLAY
from napari_refusion.widgets.frames import FRAMES, FrameStack, frame_at, frame_words
from napari_refusion.widgets.layer_marks import KEY

if TYPE_CHECKING:
    from napari.viewer import Viewer

NAME: Final = "refusion_frame"
"""Of the overlay, in ``viewer.canvas.overlays``."""

_BACKGROUND: Final = (0.0, 0.0, 0.0, 0.6)


def follow_frames(viewer: Viewer) -> None:
    """Say in a viewer from now on which frame each visible 4-D layer shows; once for each viewer is enough."""
    if NAME in viewer.canvas.overlays:
        return
    overlay = TextOverlay(position="top_right", font_size=10, color=OVERLAY, box_color=_BACKGROUND, visible=False)
    viewer.canvas.overlays[NAME] = overlay

    def update(_event: Any = None) -> None:  # noqa: ANN401 - napari's events have no common type
        text = frames_shown(viewer)
        if overlay.text != text:
            overlay.text = text
        overlay.visible = bool(text)

    def watch(event: Any) -> None:  # noqa: ANN401
        for change in (event.value.events.visible, event.value.events.name):
            change.connect(update)
        update()

    # functions, which napari keeps: an object's methods would go with the object
    viewer.layers.events.inserted.connect(watch)
    for emitter in (viewer.layers.events.removed, viewer.dims.events.point, viewer.dims.events.ndim):
        emitter.connect(update)


def frames_shown(viewer: Viewer) -> str:
    """Return a line for each visible 4-D layer of ours with the frame that is shown, and when it was measured.

    With one such layer it is left without its name, which would not fit beside the letters.
    """
    lines = {layer.name: _words(viewer, layer, stack) for layer, stack in _stacks(viewer)}
    if len(lines) < 2:
        return "".join(lines.values())
    return "\n".join(f"{name}: {words}" for name, words in lines.items())


def _stacks(viewer: Viewer) -> Iterator[tuple[Image, FrameStack]]:
    """Yield the visible 4-D layers of ours with their frames."""
    for layer in viewer.layers:
        stack = layer.metadata.get(KEY, {}).get(FRAMES) if isinstance(layer, Image) else None
        if isinstance(stack, FrameStack) and layer.visible and tuple(layer.data.shape) == stack.shape:
            yield layer, stack


def _words(viewer: Viewer, layer: Image, stack: FrameStack) -> str:
    index = frame_at(layer, viewer.dims.point)
    return "no frame here" if index is None else frame_words(stack.volumes[index], index, len(stack))
