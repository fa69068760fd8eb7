"""What the trained weights do to tissue: it must look the same from slice to slice."""

import numpy as np
import pytest

from napari_refusion.fusion.engine import Engine
from napari_refusion.fusion.engines import start_engine


@pytest.fixture(scope="module")
def medical() -> Engine:
    return start_engine("medical", device="cpu")


def head(slices: int, side: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Uptake, MRI and mask of one tissue: a tapering head of two constant tissues, a hot lesion in some slices.

    (slices, side, side) each. The mask is tissue away from edges and lesion.
    """
    i, p, left = np.mgrid[:slices, :side, :side]
    middle = (side - 1) / 2
    radius = np.hypot((p - middle) / 1.15, left - middle)
    outer = 0.42 * side - 0.25 * np.abs(i - slices / 2)
    inside, core = radius < outer, radius < outer * 0.55
    lesion = (np.hypot(p - middle - 4, left - middle + side * 0.28) < 4) & (np.abs(i - slices / 2) < slices / 6)
    uptake = np.where(core, 0.3, np.where(inside, 0.6, 0.0)) + 0.4 * lesion
    mri = np.where(core, 0.7, np.where(inside, 0.45, 0.0))
    mask = radius < outer * 0.55 - 6
    return uptake.astype(np.float32), mri.astype(np.float32), mask


@pytest.mark.slow
def test_the_same_tissue_has_the_same_brightness_in_all_slices(medical: Engine) -> None:
    uptake, mri, mask = head(slices=24, side=128)
    uptake[::2, 0, 0], mri[1::4, 64, 1] = 1e-3, 0.5  # some of them reach their edges, and are mirrored there
    fused = [medical.fuse(a, b) for a, b in zip(uptake, mri, strict=True)]
    levels = np.array([image[inside].mean() for image, inside in zip(fused, mask, strict=True)])
    assert levels.std() / levels.mean() <= 0.02
    assert np.abs(np.diff(levels)).max() <= 0.02


def test_black_stays_nearly_black(medical: Engine) -> None:
    uptake, mri, _ = head(slices=8, side=128)
    a, b = uptake[4], mri[4]
    fused = medical.fuse(a, b)
    assert float(fused[(a == 0) & (b == 0)].mean()) < 0.01
