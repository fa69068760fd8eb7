"""Which slice a viewer shows, in the words and the numbers that findings, review and report use for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from napari.layers import Image

from napari_refusion.volume.affine import AXES
from napari_refusion.volume.probe import slice_in_words
from napari_refusion.widgets.layer_marks import KEY, is_result, shown_volume
from napari_refusion.widgets.world import drawn_matrix, is_misdrawn, slice_index

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_refusion.volume.grid import Grid
    from napari_refusion.volume.volume import Volume

OBLIQUE: Final = "in its middle (oblique)"
"""What explains the place of a slice that has only one along the patient's axis in its middle."""


def has_directions(layers: Sequence[Any]) -> bool:
    """Return whether it is known of all images where they lie in the patient; one that is not would be mislabelled."""
    volumes = [shown_volume(layer) for layer in layers if isinstance(layer, Image)]
    return bool(volumes) and all(volume is not None and not volume.is_photograph for volume in volumes)


def are_pictures(layers: Sequence[Any]) -> bool:
    """Return whether all images are pictures of one plane, as photographs are; False without images."""
    images = [layer for layer in layers if isinstance(layer, Image)]
    volumes = [shown_volume(layer) for layer in images]
    flat = [
        layer.ndim < 3 if volume is None else volume.is_photograph
        for layer, volume in zip(images, volumes, strict=True)
    ]
    return bool(flat) and all(flat)


def reference_volume(layers: Sequence[Any]) -> Volume | None:
    """Return the volume whose slices are counted.

    It is the reference volume of the pair whose result lies on top. Where nothing is fused or compared, it is the
    lowest volume that is seen; None without any.
    """
    images = [layer for layer in layers if isinstance(layer, Image)]
    results = [layer for layer in reversed(images) if is_result(layer)]
    seen = [layer for layer in images if layer.visible]
    found = (shown_volume(layer) for layer in (*results, *seen, *images))
    return next((volume for volume in found if volume is not None), None)


def slice_title(layers: Sequence[Any], plane: str | None, point: Sequence[float]) -> str:
    """Return which slice a viewer shows, as ``Axial slice 46 of 91, S 10.0 mm``.

    Empty where its images have no known directions in the patient, or fewer than three axes. Of volumes on several
    grids of which none is fused yet, it is said which one is counted; of an oblique one, that it is oblique: its
    slices have one place along the patient's axis in their middle only.

    Parameters
    ----------
    plane
        The one that is shown; None for none.
    point
        Where it is, a coordinate for each axis; the last three are mm towards (Inferior, Posterior, Left).
    """
    words, volume = slice_words(layers, plane, point), reference_volume(layers)
    if not words or volume is None:
        return ""
    if is_misdrawn(volume.grid):
        words += f" {OBLIQUE}"
    if _is_plain(layers, volume):
        return words
    name = next(layer.name for layer in layers if isinstance(layer, Image) and shown_volume(layer) is volume)
    return f"{words}, of {name}"


def slice_words(layers: Sequence[Any], plane: str | None, point: Sequence[float]) -> str:
    """Return the same without what explains it, for where there is little room; parameters as of `slice_title`."""
    volume = reference_volume(layers)
    if plane is None or volume is None or not has_directions(layers):
        return ""
    index = slice_index(tuple(point[-3:]), AXES[plane], volume.grid)
    return f"{plane.capitalize()} {slice_in_words(volume.grid, plane, index)}"


def missing_in_words(layers: Sequence[Any], plane: str | None) -> str:
    """Return what of the fused image that is seen is not there yet; empty where nothing is missing.

    Parameters
    ----------
    plane
        The one that a viewer shows. Of the direction in which slices are fused, a slice is there or is not, and that
        is seen; across it, a plane shows some of many.
    """
    partials = [layer.metadata.get(KEY, {}).get("partial") for layer in layers if layer.visible]
    partial = next((one for one in reversed(partials) if one is not None), None)
    if partial is None or partial.is_complete or partial.axis == plane:
        return ""
    done = int(partial.done.sum())
    return f"Fused so far: {done} of {len(partial.done)} {partial.axis} slices"


def drawn_place(grid: Grid | None, place: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return where a viewer draws a place in the patient, (3,) RAS+ mm, of a volume on this grid: (3,) of its world."""
    if grid is None:
        return -place[::-1]
    drawn: NDArray[np.float64] = (drawn_matrix(grid) @ (*grid.index_at(place), 1.0))[:3]
    return drawn


def _is_plain(layers: Sequence[Any], reference: Volume) -> bool:
    """Return whether nobody needs to be told whose slices are counted: those of the pair, or of all that there is."""
    if any(isinstance(layer, Image) and is_result(layer) for layer in layers):
        return True
    volumes = [shown_volume(layer) for layer in layers if isinstance(layer, Image)]
    return all(volume is None or volume.grid.matches(reference.grid) for volume in volumes)
