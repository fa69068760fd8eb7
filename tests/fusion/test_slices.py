from dataclasses import replace

import numpy as np
import pytest

from napari_refusion.fusion.slices import slice_sources, window_sources
from napari_refusion.numerics.intensity import Window
from napari_refusion.study.pairing import pair
from napari_refusion.volume.volume import Volume


def test_each_source_has_one_window_for_the_whole_volume(mri: Volume, pet: Volume) -> None:
    sources = window_sources(pair(pet, mri, windows=(Window(0, 10), Window(10, 910))))
    np.testing.assert_allclose(sources[0], pet.data / 10, atol=1e-6)
    np.testing.assert_allclose(sources[1], (mri.data - 10) / 900, atol=1e-6)


def test_colour_is_fused_by_its_luminance(mri: Volume, pet: Volume) -> None:
    red = np.zeros((*pet.shape, 3), np.float32)
    red[..., 0] = 1
    sources = window_sources(pair(replace(pet, data=red), mri, windows=(Window(0, 1), Window(0, 910))))
    np.testing.assert_allclose(sources[0], 0.299, atol=1e-6)


@pytest.mark.parametrize(("axis", "index"), [("axial", 0), ("coronal", 1), ("sagittal", 2)])
def test_one_slice_is_windowed_as_in_the_whole_volume(mri: Volume, pet: Volume, axis: str, index: int) -> None:
    rgb = np.random.default_rng(3).random((*mri.shape, 3), np.float32)
    for second in (mri, replace(mri, data=rgb)):
        study = pair(pet, second, windows=(Window(1, 8), Window(0, 1)))
        whole = window_sources(study)
        a, b = slice_sources(study, axis, 2)
        np.testing.assert_allclose(a, np.take(whole[0], 2, axis=index), atol=1e-6)
        np.testing.assert_allclose(b, np.take(whole[1], 2, axis=index), atol=1e-6)
