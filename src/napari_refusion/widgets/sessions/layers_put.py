"""From a saved session to layers: made and placed before they come into a viewer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from napari.layers import Image, Labels, Layer, Points, Shapes
from napari.utils.colormaps import AVAILABLE_COLORMAPS

from napari_refusion.io.boundary import decoding
from napari_refusion.session.saved.record import RECORD, damaged
from napari_refusion.widgets.layer_look import show_in_unit
from napari_refusion.widgets.layer_marks import KEY
from napari_refusion.widgets.probe.regions_layers import REGIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from napari_refusion.session.saved.layer import Look, SavedLayer, Transform
    from napari_refusion.volume.finding import RefusedError
    from napari_refusion.widgets.layers import LayerData

_UNITS: Final = ("pixel", "millimeter", "centimeter", "meter", "micrometer", "nanometer", "second", "millisecond")
"""Units of axes that are kept; others become pixels."""

_INTERPOLATIONS: Final = ("nearest", "linear", "cubic", "spline16", "spline36", "lanczos", "bessel", "gaussian")


def make_layers(
    folder: Path, saved: Sequence[SavedLayer], opened: Sequence[LayerData | np.ndarray | None]
) -> Iterator[Layer | None]:
    """Yield the layers of a session; None for results, which are made again.

    Raises
    ------
    RefusedError
        If one cannot be made as the record says.
    """
    for number, (one, data) in enumerate(zip(saved, opened, strict=True)):
        with decoding(folder / RECORD, partial(_unusable, number)):
            layer = None if one.result else _make(one, data)
            if layer is not None:
                _finish(layer, one)
        yield layer


def _unusable(number: int, path: Path, _error: BaseException) -> RefusedError:
    return damaged(path, f"layer {number} cannot be drawn")


def _make(saved: SavedLayer, data: LayerData | np.ndarray | None) -> Layer:
    if saved.drawing is not None:
        return _drawing(saved)
    if isinstance(data, np.ndarray):
        if saved.kind == "labels":
            return Labels(data, name=saved.look.name)
        assert saved.array is not None
        return Image(data, name=saved.look.name, rgb=saved.array.rgb)
    assert data is not None
    array, properties, _ = data
    layer = Image(array, **properties | {"name": saved.look.name})
    if saved.file is not None:
        show_in_unit(layer, saved.file.unit)
    return layer


def _drawing(saved: SavedLayer) -> Layer:
    assert saved.drawing is not None
    assert saved.transform is not None
    drawing, count = saved.drawing, len(saved.transform.scale)
    arrays = [np.array(one, dtype=np.float64) for one in drawing.data]
    if any(one.ndim != 2 or one.shape[1] != count for one in arrays):
        raise ValueError("vertices of another number of axes")
    if saved.kind == "points":
        return Points(np.concatenate(arrays) if arrays else None, ndim=count, name=saved.look.name)
    marks: dict[str, Any] = {"metadata": {KEY: {REGIONS: []}}} if drawing.is_regions else {}
    colours = {"face_color": "transparent", "edge_color": "#00e5ff"} if drawing.is_regions else {}
    layer = Shapes(ndim=count, name=saved.look.name, **marks, **colours)
    if arrays:
        layer.add(arrays, shape_type=list(drawing.kinds))
    return layer


def _finish(layer: Layer, saved: SavedLayer) -> None:
    """Place a layer, and draw it as it was drawn."""
    assert saved.transform is not None
    place_layer(layer, saved.transform)
    marks = layer.metadata.get(KEY)
    if marks is not None:
        marks |= {"task": saved.task} if saved.task else {}
        marks |= {"window": saved.set_window} if saved.set_window is not None else {}
    draw_as(layer, saved.look)


def place_layer(layer: Layer, transform: Transform) -> None:
    """Draw a layer where it was drawn; what is there already is not set again."""
    if len(transform.scale) != layer.ndim:
        raise ValueError("another number of axes")
    for name in ("scale", "translate", "rotate", "shear"):
        if not np.array_equal(getattr(layer, name), getattr(transform, name)):
            setattr(layer, name, np.array(getattr(transform, name)))
    if not np.array_equal(layer.affine.affine_matrix, transform.affine):
        layer.affine = np.array(transform.affine)
    if tuple(map(str, layer.units)) != transform.units:
        layer.units = tuple(unit if unit in _UNITS else "pixel" for unit in transform.units)
    if tuple(layer.axis_labels) != transform.axis_labels:
        layer.axis_labels = transform.axis_labels


def draw_as(layer: Layer, look: Look) -> None:
    """Draw a layer as it was drawn."""
    layer.visible, layer.opacity, layer.blending = look.visible, look.opacity, look.blending
    if not isinstance(layer, Image):
        return
    layer.gamma = look.gamma
    if look.interpolation in _INTERPOLATIONS:
        layer.interpolation2d = look.interpolation
    if layer.rgb:
        return
    if look.colormap in AVAILABLE_COLORMAPS and layer.colormap.name != look.colormap:
        layer.colormap = look.colormap
    if look.contrast_limits is not None and tuple(layer.contrast_limits) != look.contrast_limits:
        low, high = look.contrast_limits
        least, most = layer.contrast_limits_range
        layer.contrast_limits_range = (min(low, least), max(high, most))
        layer.contrast_limits = (low, high)
