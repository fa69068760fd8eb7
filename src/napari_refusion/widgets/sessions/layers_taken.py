"""From the layers of a viewer to a saved session: what is read again, and what must be kept as voxels."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from napari.layers import Image, Labels, Layer, Points, Shapes

from napari_refusion.session.saved.folder import is_kept, stored_volume
from napari_refusion.session.saved.layer import (
    DTYPES,
    Drawing,
    FileSource,
    Look,
    SavedLayer,
    StoredArray,
    Transform,
)
from napari_refusion.session.saved.places import place_of
from napari_refusion.volume.affine import IPL_TO_RAS, spans_space
from napari_refusion.volume.checksum import checksum
from napari_refusion.widgets.frames import FRAMES, FrameStack
from napari_refusion.widgets.layer_marks import KEY, is_result, shown_volume
from napari_refusion.widgets.probe.regions_layers import REGIONS, images_of
from napari_refusion.widgets.sessions.known_volume import known_volume, rows_of
from napari_refusion.widgets.world import layer_matrix

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from napari_refusion.session.saved.layer import Kind, Result
    from napari_refusion.volume.volume import Volume

_KINDS: Final[dict[type[Layer], Kind]] = {Labels: "labels", Shapes: "shapes", Points: "points", Image: "image"}

_Taken = tuple["SavedLayer | None", "Volume | None", str]
"""A layer as it is saved, the voxels that are written for it, and what is to be said."""


@dataclass(frozen=True, slots=True, eq=False)
class TakenLayers:
    """The layers of a session, and what of them is written."""

    layers: tuple[SavedLayer, ...]
    keys: tuple[str, ...]
    """Unique id of each in the viewer."""
    volumes: dict[str, Volume] = field(default_factory=dict)
    """Name of a file -> the voxels that are kept in it."""
    remarks: tuple[str, ...] = ()
    """What is not saved, in sentences."""


def take_layers(layers: Sequence[Layer], folder: Path, mode: str, is_visible: Callable[[Layer], bool]) -> TakenLayers:
    """Return the layers of a viewer as a session in `folder` holds them.

    Parameters
    ----------
    mode
        Name of the way to compare that is chosen; empty for none.
    is_visible
        Whether a layer is seen, whatever side by side shows in its place.
    """
    taken: list[SavedLayer] = []
    keys: list[str] = []
    drawn_on: list[frozenset[str]] = []
    volumes: dict[str, Volume] = {}
    remarks: list[str] = []
    for layer in layers:
        kind = next((kind for one, kind in _KINDS.items() if isinstance(layer, one)), None)
        if isinstance(layer, Image) and is_result(layer) and not result_kind(layer, mode):
            continue  # made again where it is wanted, and not before
        if {"lesions", "references"} & layer.metadata.get(KEY, {}).keys():
            continue  # drawn again from the list, and from the reference regions
        if "overlay" in layer.metadata.get(KEY, {}):
            remarks.append(f"Not saved: {layer.name}; open its file again.")
            continue
        file = f"{kind}-{len(volumes) + 1}.nii.gz"
        if kind is None:
            remarks.append(f"Not saved: {layer.name} is of a kind that is not kept.")
            continue
        one, volume, remark = _take(layer, kind, file, folder, result_kind(layer, mode))
        if remark:
            remarks.append(f"{'Not saved: ' if one is None else ''}{layer.name} is {remark}.")
        if one is not None:
            taken.append(replace(one, look=replace(one.look, visible=is_visible(layer))))
            keys.append(str(layer.unique_id))
            drawn_on.append(images_of(layer))
            volumes |= {} if volume is None else {file: volume}
    known = (_drawn_on(one, images, keys) for one, images in zip(taken, drawn_on, strict=True))
    return TakenLayers(tuple(known), tuple(keys), volumes, tuple(remarks))


def _drawn_on(saved: SavedLayer, images: frozenset[str], keys: list[str]) -> SavedLayer:
    """Return a layer with the numbers of the images that its regions were drawn on, as far as these are saved."""
    if saved.drawing is None or not images:
        return saved
    numbers = tuple(number for number, key in enumerate(keys) if key in images)
    return replace(saved, drawing=replace(saved.drawing, drawn_on=numbers))


def result_kind(layer: Layer, mode: str) -> Result:
    """Return what a layer shows of a pair, which is made again; empty for other layers.

    Parameters
    ----------
    mode
        Name of the way to compare that is chosen; empty for none.
    """
    marks = layer.metadata.get(KEY, {})
    if "fusion" in marks:
        kind: Result = marks["fusion"]["kind"]
        return kind
    return "compare" if mode and marks.get("compare") == mode else ""


def _take(
    layer: Layer, kind: Kind, file: str, folder: Path, result: Result
) -> tuple[SavedLayer | None, Volume | None, str]:
    """Return a layer as it is saved, the voxels that are written for it, and what is to be said."""
    if result:
        return SavedLayer(_look(layer), result=result), None, ""
    marks = layer.metadata.get(KEY, {})
    saved = SavedLayer(_look(layer), kind, transform=_transform(layer), task=str(marks.get("task") or ""))
    if isinstance(layer, Shapes | Points):
        return replace(saved, drawing=_drawing(layer)), None, ""
    if isinstance(layer, Image):
        if (window := marks.get("window")) is not None:
            saved = replace(saved, set_window=(float(window[0]), float(window[1])))
        if (source := _file_source(layer, folder)) is not None:
            return replace(saved, file=source), None, ""
    if not isinstance(layer, Image | Labels):
        return None, None, "of a kind that is not kept"
    return _array_layer(saved, layer, file)


def _file_source(layer: Image, folder: Path) -> FileSource | None:
    """Return how a layer is read from its own files again; None where its voxels are others, or from no file."""
    marks = layer.metadata.get(KEY, {})
    stack = marks.get(FRAMES)
    if isinstance(stack, FrameStack):
        if layer.data is not stack or any(not one.origin.sha256 for one in stack.volumes):
            return None
        first, digest = stack.volumes[0], " ".join(one.origin.sha256 for one in stack.volumes)
    else:
        volume = shown_volume(layer)
        if volume is None or not volume.origin.sha256 or marks.get("checksum") != checksum(np.asarray(layer.data)):
            return None
        first, digest = volume, volume.origin.sha256
    if (place := place_of(first.origin, folder)) is None:
        return None
    part = "" if isinstance(stack, FrameStack) else first.acquisition.part
    return FileSource(place, digest, first.origin.series_uid, part, first.unit)


def _array_layer(saved: SavedLayer, layer: Image | Labels, file: str) -> _Taken:
    """Return a layer whose voxels are written into the session's folder."""
    rgb = isinstance(layer, Image) and bool(layer.rgb)
    data = np.asarray(layer.data[0] if layer.multiscale else layer.data)
    if data.ndim - rgb > 3 or (rgb and data.shape[-1] != 3) or str(data.dtype) not in DTYPES or data.size == 0:
        return None, None, f"of a form that is not kept ({data.ndim} dimensions, {data.dtype})"
    if rgb and data.dtype.kind != "f" and data.dtype != np.uint8:
        return None, None, f"of colours that are not kept ({data.dtype})"
    known = known_volume(layer) if isinstance(layer, Image) else None
    stored = StoredArray(file, tuple(data.shape), str(data.dtype), rgb)
    affine = IPL_TO_RAS @ layer_matrix(layer)
    if known is not None:
        stored, affine = replace(stored, volume=known), np.array(known.affine)
    elif not spans_space(affine):
        affine = IPL_TO_RAS
    remark = "" if is_kept(data, stored) else "saved in single precision, colours in 256 steps: values are rounded"
    if remark and isinstance(layer, Labels):
        return None, None, "of numbers above 16777216, which are not kept"
    return replace(saved, array=stored), stored_volume(data, rgb=rgb, affine=affine), remark


def _drawing(layer: Shapes | Points) -> Drawing:
    shapes = layer.data if isinstance(layer, Shapes) else [layer.data] if len(layer.data) else []
    kinds: Any = tuple(map(str, layer.shape_type)) if isinstance(layer, Shapes) else ()
    return Drawing(tuple(rows_of(np.asarray(one)) for one in shapes), kinds, REGIONS in layer.metadata.get(KEY, {}))


def _look(layer: Layer) -> Look:
    """Return how a layer is drawn."""
    is_grey = isinstance(layer, Image) and not layer.rgb
    limits = layer.contrast_limits if is_grey else None
    return Look(
        name=layer.name,
        visible=bool(layer.visible),
        opacity=float(layer.opacity),
        blending=str(layer.blending),  # type: ignore[arg-type]  # one of napari's
        colormap=layer.colormap.name if is_grey else "",
        contrast_limits=None if limits is None else (float(limits[0]), float(limits[1])),
        gamma=float(layer.gamma) if isinstance(layer, Image) else 1.0,
        interpolation=str(layer.interpolation2d) if isinstance(layer, Image) else "",
    )


def _transform(layer: Layer) -> Transform:
    """Return where a layer is drawn."""
    return Transform(
        tuple(map(float, layer.scale)),
        tuple(map(float, layer.translate)),
        rows_of(layer.rotate),
        tuple(map(float, layer.shear)),
        rows_of(layer.affine.affine_matrix),
        tuple(map(str, layer.units)),
        tuple(map(str, layer.axis_labels)),
    )
