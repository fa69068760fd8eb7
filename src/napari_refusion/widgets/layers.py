"""Volumes to napari layers and back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from napari.layers import Image

from napari_refusion.fusion.seen_slices import SeenSlices
from napari_refusion.io.identify import identify, modality_from_name
from napari_refusion.numerics.intensity import Window
from napari_refusion.session.present_names import PresentNames
from napari_refusion.session.source import SourceImage, as_modality
from napari_refusion.volume.affine import GRID_TOLERANCE, IPL_TO_RAS, Affine, farthest, spans_space, to_ipl
from napari_refusion.volume.checksum import checksum
from napari_refusion.volume.chosen_window import Purpose
from napari_refusion.volume.finding import Finding, refuse
from napari_refusion.volume.lean import in_unit
from napari_refusion.volume.origin import Origin
from napari_refusion.volume.volume import NO_FILE, Volume
from napari_refusion.volume.window import choose_window
from napari_refusion.widgets.frames import FRAMES, FrameStack, frame_at, frame_stack
from napari_refusion.widgets.preferences import preferred, preferred_scales
from napari_refusion.widgets.world import drawn_matrix, is_misdrawn, layer_matrix, misdrawn_by

KEY: Final = "napari_refusion"
"""What the plugin keeps in ``layer.metadata`` is under this key: the volume, and the marks of a result."""

AXIS_LABELS: Final = ("inferior", "posterior", "left")
"""Names of napari's axes: each says where its coordinates grow to."""

_FUNCTIONAL_LOOK: Final = {"colormap": "inferno", "blending": "additive"}
"""PET and SPECT glow on top of the anatomy that lies under them."""

LayerData = tuple[np.ndarray, dict[str, Any], str]
"""What napari makes a layer from: data, its properties, ``image``."""


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

    def shows_the_same(self, other: SourceImage) -> bool:
        """Return whether this is the same image in the same place; quick, voxels are not compared.

        A volume keeps the name of its file whatever its layer is called; of a layer from elsewhere the name is all.
        Two layers are two images even if they share their voxels: a study goes by their keys.
        """
        if not isinstance(other, LayerImage) or self.key != other.key:
            return False
        same = self.data is other.data and self.frame == other.frame and np.array_equal(self.matrix, other.matrix)
        return same and (self.volume is not None or self.name == other.name)


def to_layer_data(volume: Volume, name: str = "", *, growing: bool = False, **look: object) -> LayerData:
    """Return the layer that shows a volume.

    Scale and translation place it in napari's world (see `world`). An oblique volume is drawn on its own grid, not
    rotated; its true affine is in the metadata, and fusing uses that.

    Parameters
    ----------
    name
        Empty for the volume's own name.
    growing
        Whether its voxels are still to come, so that a change of them means nothing.
    look
        Further properties of the layer; they win over those chosen by modality.
    """
    drawn = drawn_matrix(volume.grid)
    properties: dict[str, Any] = {
        "name": name or _name(volume) or "volume",
        "rgb": volume.is_rgb,
        "scale": np.diag(drawn)[:3].tolist(),
        "translate": drawn[:3, 3].tolist(),
        "units": ("mm",) * 3,
        "axis_labels": AXIS_LABELS,
        "interpolation2d": str(preferred("display")["interpolation"]),
        "metadata": {KEY: {"volume": volume, "checksum": None if growing else checksum(volume.data)}},
    }
    if volume.is_rgb:
        # napari would stretch colours, too, to the range of the slices that it happens to look at
        properties["contrast_limits"] = (0.0, 1.0)
    else:
        # given, so that napari does not compute its own from some slices
        properties["contrast_limits"] = look.get("contrast_limits") or _shown_limits(volume)
        properties["metadata"][KEY]["window"] = properties["contrast_limits"]
        properties |= _FUNCTIONAL_LOOK if volume.is_functional else {"colormap": "gray"}
    return volume.data, properties | look, "image"


def _name(volume: Volume) -> str:
    """Return what a layer of a volume is called: of PET, whether it was corrected for attenuation comes first.

    Corrected Image (0028,0051) says it; series with and without the correction are often named alike otherwise.
    """
    if volume.modality != "PT" or not volume.acquisition.corrected:
        return volume.name
    return f"PET {'AC' if 'ATTN' in volume.acquisition.corrected else 'no AC'} {volume.name}".rstrip()


def _shown_limits(volume: Volume) -> tuple[float, float]:
    """Return the window that a layer begins with; a constant or empty volume must be drawn, too."""
    try:
        # a picture of no known modality may be of a task whose brightness is kept
        purpose = Purpose(scales=preferred_scales(), is_medical=bool(volume.modality))
        window = choose_window(volume, "", purpose).window
    except ValueError:
        return 0.0, 1.0
    return window.low, window.high


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
        name=layer.name if frame is None else _frame_name(layer, frame, volume),
        rgb=bool(layer.rgb),
        volume=volume,
        checksum=sum_of_bits,
        path=Path(str(layer.source.path)) if layer.source.path else None,
        contrast_limits=shown_limits(layer),
        frame=frame,
    )


def present_names(layers: Iterable[Image]) -> PresentNames:
    """Return what the volumes of layers are called now; those of layers from elsewhere are called so already."""
    names: dict[tuple[str, str], str] = {}
    for layer in layers:
        key, stack = str(layer.unique_id), _stack(layer)
        if stack is not None:
            frames = enumerate(stack.volumes)
            names |= {(key, volume.name): _frame_name(layer, frame, volume) for frame, volume in frames}
        elif (volume := shown_volume(layer)) is not None:
            names[key, volume.name] = layer.name
    return PresentNames(names)


def _frame_name(layer: Image, frame: int, volume: Volume | None) -> str:
    part = volume.acquisition.part if volume is not None else ""
    return f"{layer.name}, {part or f'frame {frame}'}"


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
    stack = _stack(layer)
    return (None, None) if stack is None else (stack.volumes[frame], stack.checksums[frame])


def shown_limits(layer: Image) -> tuple[float, float] | None:
    """Return the shown range in the values that `to_volume` gives the layer."""
    if layer.rgb:
        return None
    full = _full(np.dtype(layer.dtype), rgb=False, flat=layer.ndim == 2)
    low, high = layer.contrast_limits
    return float(low) / full, float(high) / full


def _full(dtype: np.dtype[Any], rgb: bool, flat: bool) -> int:
    """Return the value of full brightness: that of the type for colours and 8-bit pictures, 1 for everything else."""
    return int(np.iinfo(dtype).max) if dtype.kind == "u" and (rgb or (flat and dtype.itemsize == 1)) else 1


def known_modality(layer: Image) -> str:
    """Return the DICOM Modality that a layer's metadata or name states, empty where neither does."""
    volume = shown_volume(layer)
    known = volume.modality if volume is not None else ""
    return known or modality_from_name(_as_path(layer.name))[0]


def shown_volume(layer: Image) -> Volume | None:
    """Return the volume that the plugin made a layer from, of a 4-D one the first; None for a layer from elsewhere."""
    if layer.ndim == 4:
        stack = _stack(layer)
        return None if stack is None else stack.volumes[0]
    volume = layer.metadata.get(KEY, {}).get("volume")
    return volume if isinstance(volume, Volume) else None


def _stack(layer: Image) -> FrameStack | None:
    """Return the volumes of a 4-D layer that the plugin made, unless it has other frames now."""
    stack = layer.metadata.get(KEY, {}).get(FRAMES)
    return stack if isinstance(stack, FrameStack) and tuple(layer.data.shape) == stack.shape else None


def show_window(layer: Image, window: Window) -> None:
    """Show a layer with a window that is in the values that `to_volume` gives it."""
    full = _full(np.dtype(layer.dtype), rgb=False, flat=layer.ndim == 2)
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
    if (stack := _stack(layer)) is not None and layer.data is stack:
        frames = frame_stack([in_unit(one, unit) for one in stack.volumes])
        layer.metadata[KEY] |= {FRAMES: frames}
        layer.data = frames
    if layer.data is not volume.data:
        return
    converted = in_unit(volume, unit)
    layer.metadata[KEY] |= {"volume": converted, "checksum": checksum(converted.data)}
    layer.data = converted.data


def is_result(layer: Image) -> bool:
    """Return whether the plugin made a layer of a pair: fused, compared, or evidence."""
    return not {"fusion", "compare", "evidence"}.isdisjoint(layer.metadata.get(KEY, {}))


def is_evidence(layer: Image) -> bool:
    """Return whether a layer shows an evidence map, which lies over everything that it tells about."""
    return "evidence" in layer.metadata.get(KEY, {})


def to_volume(image: LayerImage, modality: str = "") -> Volume:
    """Return the volume in a layer.

    A layer that the plugin made gives back the volume it was made from. Where it was moved since, the move is taken
    over; where its voxels were changed, it no longer carries the hash of its file. A layer from elsewhere has no
    orientation and is taken as it is seen.

    Parameters
    ----------
    modality
        DICOM Modality that the user chose; empty leaves it to metadata and name.

    Raises
    ------
    RefusedError
        If the layer's transform is singular, or its values are not real numbers.
    """
    data = _values(image)
    volume = image.volume
    if volume is not None and data.shape[:3] == volume.shape:
        return _of_file(image, volume, data, modality)
    return _foreign(image, data, modality)


def _values(image: LayerImage) -> np.ndarray:
    """Return the voxels, (I, P, L) float32 or (I, P, L, 3) in [0, 1]; brightness of 8-bit pictures in [0, 1] too."""
    data = np.asarray(image.pixels)
    if data.dtype.kind not in "biuf":
        raise refuse("layer", f"The layer {image.name} does not hold real numbers ({data.dtype}): convert it first.")
    flat = data.ndim - image.rgb == 2
    if flat:
        data = data[None]
    if image.rgb:
        data = data[..., :3]
    full = _full(data.dtype, image.rgb, flat)
    values = data.astype(np.float32, copy=False)
    return values if full == 1 else values / np.float32(full)


def _of_file(image: LayerImage, volume: Volume, data: np.ndarray, modality: str) -> Volume:
    """Return the volume that the plugin made a layer from, itself where nothing was changed since."""
    if image.checksum not in (None, checksum(data)):
        sentence = f"The voxels of {image.name} have been changed since it was opened: the result cannot name its file."
        noticed = Finding("warn", "voxels", sentence)
        volume = replace(volume, data=data, origin=NO_FILE, findings=(*volume.findings, noticed))
    elif volume.data is not data:
        volume = replace(volume, data=data)
    if modality and modality != volume.modality:
        volume = as_modality(volume, modality, image.name)
    return _moved(image, volume)


def _moved(image: LayerImage, volume: Volume) -> Volume:
    """Return a volume where its layer was moved to."""
    drawn = drawn_matrix(volume.grid)
    if (far := farthest(volume.shape, drawn, image.matrix)) <= GRID_TOLERANCE:
        return volume
    _check_matrix(image)
    move = image.matrix @ np.linalg.inv(drawn)
    affine = IPL_TO_RAS @ move @ IPL_TO_RAS @ volume.affine
    sentence = (
        f"The layer {image.name} was moved by up to {far:.1f} mm since it was opened: it is fused where it is now."
    )
    moved = Finding("warn", "moved", sentence, f"{far:.1f} mm")
    data, affine, _ = to_ipl(volume.data, affine)
    return replace(volume, data=data, affine=affine, findings=(*volume.findings, moved))


def _foreign(image: LayerImage, data: np.ndarray, modality: str) -> Volume:
    """Return the volume of a layer from elsewhere: where it is seen, and what its name says."""
    _check_matrix(image)
    is_photograph = len(image.data.shape) - image.rgb == 2
    reordered, affine, axes = to_ipl(data, IPL_TO_RAS @ image.matrix)
    identity = identify(_as_path(image.name), data, chosen=modality or None)
    findings = identity.findings
    if not is_photograph:
        sentence = (
            f"The layer {image.name} has no orientation; it is taken as displayed (radiological: the first axis runs "
            "from head to foot, the patient's right is on the left). Open its DICOM or NIfTI file with ReFusion to be "
            "sure."
        )
        findings = (Finding("warn", "orientation", sentence), *findings)
    return Volume(
        data=reordered,
        affine=affine,
        modality=identity.modality,
        unit=identity.unit,
        name=image.name,
        origin=Origin(opened=image.path),
        stored_axes=axes,
        is_photograph=is_photograph,
        findings=findings,
    )


def oblique_notice(volume: Volume) -> str:
    """Return what to tell about a volume that napari cannot draw where it is, empty for all others."""
    if not is_misdrawn(volume.grid):
        return ""
    far = misdrawn_by(volume.grid)
    return (
        f"{volume.name} is oblique: it is drawn on its own grid, up to {far:.0f} mm from its position in the patient. "
        "Fusing uses its true position."
    )


def _check_matrix(image: LayerImage) -> None:
    if not spans_space(image.matrix):
        raise refuse("geometry", f"The transform of the layer {image.name} is singular: reset it.")


def _as_path(name: str) -> Path:
    """Return a layer's name as a file name without an ending, for the words in it."""
    return Path(name.replace(".", " ").replace("/", " ").replace("\\", " "))
