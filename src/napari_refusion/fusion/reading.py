"""Reading off a partial fusion: what the sources and the fused image say about one place."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_refusion.fusion.partial import PartialFusion
from napari_refusion.numerics.intensity import rescale_to_window
from napari_refusion.numerics.weight import weight_in_words
from napari_refusion.volume.affine import AXES
from napari_refusion.volume.grid import Voxel
from napari_refusion.volume.probe import Sample, position_in_words, sample_at, sample_of


@dataclass(frozen=True, slots=True)
class Reading:
    """What there is at one place."""

    position: str
    sources: tuple[Sample, Sample]
    """Of a and b, on their own grids."""
    fused: str
    share: str


def read_at(partial: PartialFusion, index: NDArray[np.float64]) -> Reading:
    """Return what there is at continuous indices, (3,), of the study's grid: of the sources, on their own grids."""
    study = partial.study
    voxel = study.grid.voxel_at(index)
    a, b = (side.placed() for side in study.sides)
    if a.is_photograph or b.is_photograph:  # pixel by pixel: photographs have no place in the patient
        row, column = np.floor(index[1:] + 0.5).astype(int)
        return Reading(
            f"row {row}, column {column}", (sample_of(a, voxel), sample_of(b, voxel)), *_fused_at(partial, voxel)
        )
    point = study.grid.point_at(index)
    return Reading(position_in_words(point), (sample_at(a, point), sample_at(b, point)), *_fused_at(partial, voxel))


def _fused_at(partial: PartialFusion, voxel: Voxel | None) -> tuple[str, str]:
    """Return the fused value and the share of each source in words."""
    if voxel is None:
        return "outside", ""
    if not partial.done[voxel[AXES[partial.axis]]]:
        return "not fused here yet", ""
    study = partial.study
    fused = float(partial.fused[voxel])
    value = f"{fused:.3f} of 1"
    if not study.covered[voxel]:
        return value, "none: only one source has data here"
    a, b = (
        float(rescale_to_window(np.array(sample_of(side.volume, voxel).value), side.window)) for side in study.sides
    )
    return value, weight_in_words(fused, a, b, study.names)
