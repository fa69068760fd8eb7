"""Two volumes on one grid whose voxels are counted, so that a value tells its voxel."""

import numpy as np

from napari_refusion.fusion.partial import PartialFusion
from napari_refusion.model.tasks import find_task
from napari_refusion.numerics.intensity import Window
from napari_refusion.study.study import Side, Study
from napari_refusion.volume.volume import Volume
from tests.small_pair import IPL_AFFINE

GRID = (6, 24, 32)


def counted(affine: np.ndarray, modality: str, unit: str, step: float) -> Volume:
    """Return a volume of `GRID` whose voxels are counted in steps."""
    data = np.arange(np.prod(GRID), dtype=np.float32).reshape(GRID) * np.float32(step)
    return Volume(data, affine, modality, unit, name=modality)


def counted_canvas(a: Volume, b: Volume, fused: np.ndarray | None = None) -> PartialFusion:
    """Return two volumes on one grid, fused along the axial slices 1 and above; the last column lacks a source."""
    covered = np.ones(GRID, np.bool_)
    covered[..., -1] = False
    sides = (Side(one, one, Window(0.0, float(one.data.max()))) for one in (a, b))
    image = np.zeros(GRID) if fused is None else fused
    study = Study(find_task("medical"), *sides, "b", covered, ())
    return PartialFusion(study, "axial", image.astype(np.float32), np.arange(GRID[0]) > 0)


def mixed_canvas() -> PartialFusion:
    """Return a PET counted upwards and an MRI counted downwards, fused 7 to 3."""
    pet, rising = counted(IPL_AFFINE, "PT", "SUVbw", 0.01), counted(IPL_AFFINE, "MR", "", 1.0)
    mri = Volume(rising.data[::-1, ::-1, ::-1].copy(), IPL_AFFINE, "MR", name="MR")
    return counted_canvas(pet, mri, 0.7 * pet.data / pet.data.max() + 0.3 * mri.data / mri.data.max())
