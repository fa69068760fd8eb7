"""What the plugin knows of a layer whose voxels a session keeps itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from napari_refusion.session.saved.layer import KnownVolume
from napari_refusion.volume.finding import RefusedError
from napari_refusion.widgets.layer_image import from_layer
from napari_refusion.widgets.layer_marks import shown_volume

if TYPE_CHECKING:
    import numpy as np
    from napari.layers import Image


def known_volume(layer: Image) -> KnownVolume | None:
    """Return what the plugin knows of a layer that it made; None for one from elsewhere."""
    if shown_volume(layer) is None or layer.ndim != 3:
        return None
    made = shown_volume(layer)
    try:
        volume = from_layer(layer)
    except RefusedError:
        return None
    assert made is not None
    # where the layer was moved to is said by its transform, and found again from there
    findings = tuple((one.level, one.rule, one.sentence, one.value) for one in volume.findings if one.rule != "moved")
    is_placed = made.shape == tuple(layer.data.shape[:3])
    return KnownVolume(
        affine=rows_of(made.affine if is_placed else volume.affine),
        modality=volume.modality,  # type: ignore[arg-type]  # one of the table
        unit=volume.unit,
        name=volume.name,
        sha256=volume.origin.sha256,
        frame_of_reference=volume.frame_of_reference,
        stored_axes=made.stored_axes,
        # what may name the patient is left out
        acquisition=replace(volume.acquisition, study="", description=""),
        is_photograph=volume.is_photograph,
        is_depth_unknown=volume.is_depth_unknown,
        findings=findings,
    )


def rows_of(matrix: np.ndarray) -> Any:  # noqa: ANN401 - rows of numbers
    """Return a matrix, or vertices, as plain numbers."""
    return tuple(tuple(float(value) for value in row) for row in matrix)
