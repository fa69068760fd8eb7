"""What the volumes in layers are called, and what their names say."""

from collections.abc import Iterable
from pathlib import Path

from napari.layers import Image

from napari_refusion.io.identify import modality_from_name
from napari_refusion.session.present_names import PresentNames
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.layer_marks import shown_frames, shown_volume


def present_names(layers: Iterable[Image]) -> PresentNames:
    """Return what the volumes of layers are called now; those of layers from elsewhere are called so already."""
    names: dict[tuple[str, str], str] = {}
    for layer in layers:
        key, stack = str(layer.unique_id), shown_frames(layer)
        if stack is not None:
            frames = enumerate(stack.volumes)
            names |= {(key, volume.name): frame_name(layer, frame, volume) for frame, volume in frames}
        elif (volume := shown_volume(layer)) is not None:
            names[key, volume.name] = layer.name
    return PresentNames(names)


def frame_name(layer: Image, frame: int, volume: Volume | None) -> str:
    """Return what a frame of a 4-D layer is called: what its volume is a part of, or its number from 0."""
    part = volume.acquisition.part if volume is not None else ""
    return f"{layer.name}, {part or f'frame {frame}'}"


def known_modality(layer: Image) -> str:
    """Return the DICOM Modality that a layer's metadata or name states, empty where neither does."""
    volume = shown_volume(layer)
    known = volume.modality if volume is not None else ""
    return known or modality_from_name(name_as_path(layer.name))[0]


def name_as_path(name: str) -> Path:
    """Return a layer's name as a file name without an ending, for the words in it."""
    return Path(name.replace(".", " ").replace("/", " ").replace("\\", " "))
