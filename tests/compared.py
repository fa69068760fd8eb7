"""A pair to compare: a PET and an MRI of 6 x 24 x 32 voxels, 4 x 2 x 1 mm along (I, P, L)."""

import numpy as np

from napari_refusion.fusion.partial import PartialFusion, new_partial
from napari_refusion.numerics.intensity import Window
from napari_refusion.study.pairing import pair
from napari_refusion.volume.origin import Origin
from napari_refusion.volume.volume import Volume

IPL_AFFINE = np.array([[0, 0, -1, 10], [0, -2, 0, 20], [-4, 0, 0, 30], [0, 0, 0, 1]], dtype=np.float64)
SHAPE = (6, 24, 32)
WINDOWS = (Window(0.0, 120.0), Window(5.0, 90.0))
"""Of the study's a, the PET, and b, the MRI."""


def textured(shape: tuple[int, ...], seed: int) -> np.ndarray:
    """Return a smooth ball with a little texture, float32, about 0 to 120."""
    grid = np.stack(np.meshgrid(*(np.linspace(-1, 1, size) for size in shape), indexing="ij"))
    ball = np.clip(1.2 - np.linalg.norm(grid, axis=0), 0, None)
    return (100 * (ball + np.random.default_rng(seed).normal(0, 0.02, shape))).astype(np.float32)


def mri_and_pet() -> tuple[Volume, Volume]:
    """Return the two volumes, the MRI first as it was chosen first."""
    mri = Volume(textured(SHAPE, 1), IPL_AFFINE, "MR", name="T1w", origin=Origin(sha256="1" * 64))
    return mri, Volume(textured(SHAPE, 2), IPL_AFFINE, "PT", "Bq/ml", name="pet", origin=Origin(sha256="2" * 64))


def canvas_to_compare() -> PartialFusion:
    """Return the study, of which nothing is fused; it holds the PET first."""
    return new_partial(pair(*mri_and_pet(), windows=WINDOWS[::-1]), "axial")
