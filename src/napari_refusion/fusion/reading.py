"""Reading off a canvas: what the sources and the fused image say about one place."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_refusion.fusion.canvas import Canvas
from napari_refusion.numerics.intensity import to_unit
from napari_refusion.numerics.share import share_in_words
from napari_refusion.volume.affine import AXES
from napari_refusion.volume.modality import modality_name
from napari_refusion.volume.pair import Pair
from napari_refusion.volume.probe import Sample, Voxel, position_in_words, sample_at, sample_of
from napari_refusion.volume.volume import Volume


@dataclass(frozen=True, slots=True)
class Reading:
    """What there is at one place."""

    position: str
    sources: tuple[Sample, Sample]
    """Of a and b, on their own grids."""
    fused: str
    share: str


def read_at(canvas: Canvas, volumes: tuple[Volume, Volume], index: NDArray[np.float64]) -> Reading:
    """Return what there is at continuous indices, (3,), of the pair's grid.

    Parameters
    ----------
    volumes
        The sources of the canvas in its pair's order, each on its own grid.
    """
    pair = canvas.pair
    voxel = pair.a.grid.voxel_at(index)
    if pair.a.is_photograph or pair.b.is_photograph:  # pixel by pixel: photographs have no place in the patient
        row, column = np.floor(index[1:] + 0.5).astype(int)
        position = f"row {row}, column {column}"
        samples = sample_of(volumes[0], voxel), sample_of(volumes[1], voxel)
    else:
        affine = pair.fixed.affine
        point = affine[:3, :3] @ index + affine[:3, 3]
        position = position_in_words(point)
        samples = sample_at(volumes[0], point), sample_at(volumes[1], point)
    return Reading(position, samples, *_fused_at(canvas, voxel))


def _fused_at(canvas: Canvas, voxel: Voxel | None) -> tuple[str, str]:
    """Return the fused value and the share of each source in words."""
    if voxel is None:
        return "outside", ""
    if not canvas.done[voxel[AXES[canvas.axis]]]:
        return "not fused here yet", ""
    pair = canvas.pair
    fused = float(canvas.fused[voxel])
    value = f"{fused:.3f} of 1"
    if not pair.covered[voxel]:
        return value, "none: only one source has data here"
    members = zip((pair.a, pair.b), canvas.windows, strict=True)
    a, b = (float(to_unit(np.array(sample_of(volume, voxel).value), window)) for volume, window in members)
    return value, share_in_words(fused, a, b, source_names(pair))


def source_names(pair: Pair) -> tuple[str, str]:
    """Return what to call the sources: their modalities, or their names where those do not tell them apart."""
    names = [modality_name(volume.modality, "") for volume in (pair.a, pair.b)]
    if names[0] == names[1] or "" in names:
        names = [pair.a.name or "first source", pair.b.name or "second source"]
    return names[0], names[1]
